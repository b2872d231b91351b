"""Which file a container reads under a path: from its mounts and volumes to a key of a Secret, as the kubelet would lay them out."""

import posixpath
from typing import Any

Object = dict[str, Any]
File = tuple[str, str]
"""A Secret's name and a key in it."""


class Unresolved(Exception):
    """A path that leads to no key of a Secret, with the reason."""


def resolve(pod: Object, path: str, secrets: dict[str, set[str]]) -> File:
    """The Secret's key behind a path in the first container of a pod's spec; `secrets` holds the keys of those that there are."""
    path = posixpath.normpath(path)
    if not posixpath.isabs(path):
        raise Unresolved(f"{path} is relative")
    mount = _mount_of(pod, path)
    inner = posixpath.relpath(path, posixpath.normpath(mount["mountPath"]))
    if mount.get("subPathExpr"):
        raise Unresolved(f"{path}: the mount at {mount['mountPath']} has a subPathExpr")
    inner = posixpath.normpath(posixpath.join(mount.get("subPath") or "", inner))
    if inner == ".":
        raise Unresolved(f"{path} is the folder of volume {mount['name']}")
    volume = next((volume for volume in pod.get("volumes") or [] if volume["name"] == mount["name"]), None)
    if volume is None:
        raise Unresolved(f"{path}: the pod has no volume {mount['name']}")
    files = _files(volume, secrets)
    if inner not in files:
        raise Unresolved(f"{path}: volume {mount['name']} has no file {inner}, only {', '.join(sorted(files)) or 'none of a Secret'}")
    secret, key = files[inner]
    if key not in secrets.get(secret, set()):
        raise Unresolved(f"{path}: there is no key {key} in a Secret {secret}")
    return secret, key


def defects(pod: Object) -> list[str]:
    """Why the API server or the kubelet would refuse the first container's mounts, or hide one behind another."""
    volumes = [volume["name"] for volume in pod.get("volumes") or []]
    mounts = pod["containers"][0].get("volumeMounts") or []
    paths = [posixpath.normpath(mount["mountPath"]) for mount in mounts]
    return [
        *(f"two volumes named {name}" for name in _doubles(volumes)),
        *(f"two mounts at {path}" for path in _doubles(paths)),
        *(f"the mount at {mount['mountPath']} has no volume {mount['name']}" for mount in mounts if mount["name"] not in volumes),
    ]


def _mount_of(pod: Object, path: str) -> Object:
    """The innermost mount that the path lies in."""
    mounts = pod["containers"][0].get("volumeMounts") or []
    around = [mount for mount in mounts if posixpath.commonpath([path, posixpath.normpath(mount["mountPath"])]) == posixpath.normpath(mount["mountPath"])]
    if not around:
        raise Unresolved(f"{path} lies in no mount")
    return max(around, key=lambda mount: len(posixpath.normpath(mount["mountPath"])))


def _files(volume: Object, secrets: dict[str, set[str]]) -> dict[str, File]:
    """The files of a volume that come from Secrets, by their path in it."""
    if "secret" in volume:
        return _projection(volume["secret"]["secretName"], volume["secret"].get("items"), secrets)
    files: dict[str, File] = {}
    for source in volume.get("projected", {}).get("sources") or []:
        if "secret" in source:
            files |= _projection(source["secret"]["name"], source["secret"].get("items"), secrets)
    return files


def _projection(secret: str, items: list[Object] | None, secrets: dict[str, set[str]]) -> dict[str, File]:
    if items:
        return {posixpath.normpath(item["path"]): (secret, item["key"]) for item in items}
    return {key: (secret, key) for key in secrets.get(secret, set())}


def _doubles(names: list[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})

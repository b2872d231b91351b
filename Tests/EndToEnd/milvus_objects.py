"""What milvus-operator makes of a Milvus: pure functions from the resource to a ConfigMap, Deployments and a Service, by its merge rules.

A component's `volumes` replace the global ones, its `volumeMounts` are appended to them, `podAnnotations`, `podLabels` and `env` are
merged. Volumes and mounts of a running Deployment are only ever added to; a mount goes when `volumeMounts` has one of the same path
named `_remove`.
"""

import hashlib
from typing import Any

import yaml

Object = dict[str, Any]

COORDINATORS = ["rootCoord", "dataCoord", "queryCoord", "indexCoord"]
GRPC_PORT, METRICS_PORT = 19530, 9091
CONFIGURATION_PATH = "/milvus/configs"
GRACE_PERIOD = "stand-in.example.com/grace-period-seconds"
"""An annotation for a Milvus whose pods are to end in good order; the others are ended after a second."""

READS_USER_YAML = "stand-in.example.com/reads-user-yaml"
"""An annotation for a Milvus that reads user.yaml after milvus.yaml, as later releases than 2.3.5 do. There a key of spec.config wins over
that of the image in whatever letter case. For 2.3.5 the merge leaves both spellings in milvus.yaml, and either counts, by chance."""


def components(milvus: Object) -> list[str]:
    """The components that run, as `spec.components` names them."""
    if milvus["spec"].get("mode", "standalone") == "standalone":
        return ["standalone"]
    settings = _settings(milvus)
    coordinators = ["mixCoord"] if "mixCoord" in settings else COORDINATORS
    return ["proxy", *coordinators, "queryNode", "dataNode", *(name for name in ("indexNode", "streamingNode", "cdc") if name in settings)]


def config_map(milvus: Object, defaults: Object) -> Object:
    """`user.yaml` is spec.config; `milvus.yaml` is it merged over the image's, which the real init container does in the pod."""
    configuration = milvus["spec"].get("config") or {}
    in_any_case = READS_USER_YAML in milvus["metadata"].get("annotations", {})
    data = {"user.yaml": _yaml(configuration), "milvus.yaml": _yaml(merged(defaults, configuration, in_any_case))}
    return _owned(milvus, "v1", "ConfigMap", milvus["metadata"]["name"]) | {"data": data}


def service(milvus: Object) -> Object:
    """gRPC and metrics, and REST only where `serviceRestfulPort` asks for it."""
    entry = "standalone" if components(milvus) == ["standalone"] else "proxy"
    settings = _settings(milvus).get(entry, {})
    ports = [_port("milvus", settings.get("port") or GRPC_PORT), _port("metrics", METRICS_PORT)]
    if settings.get("serviceRestfulPort"):
        ports.append(_port("restful", settings["serviceRestfulPort"]))
    specification = {"type": settings.get("serviceType") or "ClusterIP", "selector": _selector(milvus, entry), "ports": ports}
    return _owned(milvus, "v1", "Service", f"{milvus['metadata']['name']}-milvus") | {"spec": specification}


def deployment(milvus: Object, component: str, running: Object | None) -> Object:
    """One component's Deployment; `running` is the one there is, whose volumes and mounts stay."""
    name = component.lower()
    settings, own = _settings(milvus), _settings(milvus).get(component, {})
    running_pod = running["spec"]["template"]["spec"] if running else {"volumes": [], "containers": [{}]}

    configuration = f"{milvus['metadata']['name']}-config"
    volumes = [{"name": configuration, "configMap": {"name": milvus["metadata"]["name"]}}, *(own.get("volumes") or settings.get("volumes") or [])]
    mounts = [
        *({"name": configuration, "mountPath": f"{CONFIGURATION_PATH}/{file}", "subPath": file} for file in ("user.yaml", "milvus.yaml")),
        *(settings.get("volumeMounts") or []),
        *(own.get("volumeMounts") or []),
    ]
    container = {
        "name": name,
        "image": own.get("image") or settings.get("image"),
        "imagePullPolicy": own.get("imagePullPolicy") or settings.get("imagePullPolicy") or "Never",
        "args": ["milvus", "run", name],
        "env": [*(settings.get("env") or []), *(own.get("env") or [])],
        "volumeMounts": _kept(running_pod["containers"][0].get("volumeMounts") or [], mounts, "mountPath"),
        "readinessProbe": {"httpGet": {"path": "/healthz", "port": METRICS_PORT}, "periodSeconds": 1},
    }
    annotations = (settings.get("podAnnotations") or {}) | (own.get("podAnnotations") or {})
    if not settings.get("updateConfigMapOnly"):
        annotations["checksum/config"] = hashlib.sha256(_yaml(milvus["spec"].get("config") or {}).encode()).hexdigest()
    template = {
        "metadata": {
            "labels": _labels(milvus, name) | (settings.get("podLabels") or {}) | (own.get("podLabels") or {}),
            "annotations": annotations,
        },
        "spec": {
            "containers": [container],
            "volumes": _kept(running_pod.get("volumes") or [], volumes, "name"),
            "terminationGracePeriodSeconds": int(milvus["metadata"].get("annotations", {}).get(GRACE_PERIOD, 1)),
        },
    }
    result = _owned(milvus, "apps/v1", "Deployment", f"{milvus['metadata']['name']}-milvus-{name}", name)
    return result | {
        "spec": {
            "replicas": own.get("replicas", 1),
            "selector": {"matchLabels": _selector(milvus, name)},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
            "template": template,
        }
    }


def merged(base: Any, patch: Any, in_any_case: bool = False) -> Any:
    """Maps key by key, everything else replaced, as milvus-operator merges spec.config over milvus.yaml; `in_any_case` as Milvus compares keys."""
    if not isinstance(base, dict) or not isinstance(patch, dict):
        return patch
    result, spellings = dict(base), {key.lower(): key for key in base}
    for key, value in patch.items():
        former = result.pop(spellings.get(key.lower(), key) if in_any_case else key, None)
        result[key] = merged(former, value, in_any_case)
    return result


def _kept(running: list[Object], wanted: list[Object], key: str) -> list[Object]:
    """The wanted entries after the running ones that nothing replaces or removes."""
    named = {entry[key] for entry in wanted}
    return [entry for entry in running if entry[key] not in named] + [entry for entry in wanted if entry["name"] != "_remove"]


def _settings(milvus: Object) -> Object:
    return milvus["spec"].get("components") or {}


def _selector(milvus: Object, component: str) -> dict[str, str]:
    return {
        "app.kubernetes.io/name": "milvus",
        "app.kubernetes.io/instance": milvus["metadata"]["name"],
        "app.kubernetes.io/component": component,
    }


def _labels(milvus: Object, component: str) -> dict[str, str]:
    return _selector(milvus, component) | {"app.kubernetes.io/managed-by": "milvus-operator"}


def _owned(milvus: Object, version: str, kind: str, name: str, component: str = "") -> Object:
    """The head of an object that the garbage collector deletes with its Milvus."""
    labels = {key: value for key, value in _labels(milvus, component).items() if value}
    owner = {
        "apiVersion": milvus["apiVersion"],
        "kind": milvus["kind"],
        "name": milvus["metadata"]["name"],
        "uid": milvus["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }
    metadata = {"name": name, "namespace": milvus["metadata"]["namespace"], "labels": labels, "ownerReferences": [owner]}
    return {"apiVersion": version, "kind": kind, "metadata": metadata}


def _port(name: str, number: int) -> Object:
    return {"name": name, "port": number, "targetPort": number, "protocol": "TCP"}


def _yaml(value: Any) -> str:
    return yaml.safe_dump(value, default_flow_style=False, sort_keys=True)

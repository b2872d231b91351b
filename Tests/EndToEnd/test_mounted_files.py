"""The resolver of paths to keys of Secrets, which the golden tests lean on."""

from typing import Any

import pytest

from mounted_files import Unresolved, defects, resolve

SECRETS = {"certs": {"server.pem", "server.key", "ca.pem"}, "roots": {"ca.crt"}}
CERTS = {"name": "certs", "secret": {"secretName": "certs"}}
MOUNT = {"name": "certs", "mountPath": "/certs"}


def pod(volumes: list[dict[str, Any]], *mounts: dict[str, Any]) -> dict[str, Any]:
    return {"containers": [{"volumeMounts": list(mounts)}], "volumes": volumes}


def refusal(volumes: list[dict[str, Any]], mounts: list[dict[str, Any]], path: str) -> str:
    with pytest.raises(Unresolved) as raised:
        resolve(pod(volumes, *mounts), path, SECRETS)
    return str(raised.value)


@pytest.mark.parametrize("folder", ["/certs", "/certs/"])
def test_a_file_in_a_mounted_secret_is_the_key_of_that_name(folder: str) -> None:
    assert resolve(pod([CERTS], {"name": "certs", "mountPath": folder}), "/certs/server.pem", SECRETS) == ("certs", "server.pem")


def test_items_give_keys_other_paths_and_hide_all_others() -> None:
    volume = {"name": "certs", "secret": {"secretName": "certs", "items": [{"key": "server.key", "path": "private/tls.key"}]}}
    assert resolve(pod([volume], MOUNT), "/certs/private/tls.key", SECRETS) == ("certs", "server.key")
    assert "no file server.key, only private/tls.key" in refusal([volume], [MOUNT], "/certs/server.key")


def test_a_sub_path_mounts_one_file_or_folder() -> None:
    file = {"name": "certs", "mountPath": "/tls/cert.pem", "subPath": "server.pem"}
    assert resolve(pod([CERTS], file), "/tls/cert.pem", SECRETS) == ("certs", "server.pem")
    items = {"name": "certs", "secret": {"secretName": "certs", "items": [{"key": "ca.pem", "path": "a/b.pem"}]}}
    assert resolve(pod([items], MOUNT | {"subPath": "a"}), "/certs/b.pem", SECRETS) == ("certs", "ca.pem")
    assert "subPathExpr" in refusal([CERTS], [MOUNT | {"subPathExpr": "$(POD)"}], "/certs/ca.pem")


def test_a_projected_volume_has_the_files_of_all_its_secrets() -> None:
    sources = [{"secret": {"name": "certs"}}, {"configMap": {"name": "x"}}, {"secret": {"name": "roots", "items": [{"key": "ca.crt", "path": "ca.pem"}]}}]
    volume = {"name": "certs", "projected": {"sources": sources}}
    assert resolve(pod([volume], MOUNT), "/certs/server.pem", SECRETS) == ("certs", "server.pem")
    assert resolve(pod([volume], MOUNT), "/certs/ca.pem", SECRETS) == ("roots", "ca.crt"), "the later source wins"


def test_the_innermost_mount_decides() -> None:
    cache = {"name": "cache", "emptyDir": {}}
    outer = {"name": "cache", "mountPath": "/data"}
    assert resolve(pod([cache, CERTS], outer, MOUNT | {"mountPath": "/data/tls"}), "/data/tls/ca.pem", SECRETS) == ("certs", "ca.pem")
    assert "none of a Secret" in refusal([cache, CERTS], [MOUNT, {"name": "cache", "mountPath": "/certs/inner"}], "/certs/inner/ca.pem")


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("configs/server.pem", "is relative"),
        ("/certs-of-old/server.pem", "lies in no mount"),
        ("/certs", "is the folder"),
        ("/certs/tls.crt", "no file tls.crt"),
    ],
)
def test_a_path_that_leads_nowhere_is_refused_with_the_reason(path: str, reason: str) -> None:
    assert reason in refusal([CERTS], [MOUNT], path)


def test_a_volume_or_a_key_that_is_not_there_is_refused() -> None:
    assert "the pod has no volume certs" in refusal([], [MOUNT], "/certs/ca.pem")
    volume = {"name": "certs", "secret": {"secretName": "absent", "items": [{"key": "ca.pem", "path": "ca.pem"}]}}
    assert "there is no key ca.pem in a Secret absent" in refusal([volume], [MOUNT], "/certs/ca.pem")


def test_defects_are_doubles_and_mounts_without_a_volume() -> None:
    assert defects(pod([CERTS], MOUNT)) == []
    found = defects(pod([CERTS, CERTS], MOUNT, MOUNT | {"mountPath": "/certs/"}, {"name": "cache", "mountPath": "/cache"}))
    assert found == ["two volumes named certs", "two mounts at /certs", "the mount at /cache has no volume cache"]

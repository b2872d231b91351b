"""etcd restored from a backup: resourceVersions go back, and the operator goes on without a restart."""

from collections.abc import Iterator

import pytest

from conftest import Operator
from control_plane import ControlPlane
from kubectl import Kubectl, Object
from milvuses import annotations, milvus
from outcome import assert_complete, unready
from waiting import wait_until

NAMESPACE = "restored"
SECONDS = 30
LOST = 10
"""So many Milvus are lost with the restore. Each took several writes, so that etcd stays behind what the operator has seen."""


@pytest.fixture
def operator(control_plane: ControlPlane, tmp_path) -> Iterator[Operator]:
    """In place of the node's. It leads, as it does in a cluster."""
    control_plane.kubectl.create_namespace(NAMESPACE)
    options = ("--leader-elect", "--leader-election-namespace", NAMESPACE)
    operator = Operator(tmp_path, control_plane.kubeconfig("milvus-tls-operator"), *options)
    with operator.running():
        yield operator


def make(kubectl: Kubectl, *names: str) -> None:
    kubectl.apply(*(milvus(name, NAMESPACE, "local/none", annotations(internal="true")) for name in names))


def wait_until_ready(kubectl: Kubectl, timeout: float = 60) -> None:
    wait_until(lambda: not unready(kubectl, {NAMESPACE}), "TLS in place for every Milvus", timeout, interval=0.2)


def external_mode(item: Object | None) -> int:
    config = (item or {}).get("spec", {}).get("config", {})
    return config.get("common", {}).get("security", {}).get("tlsMode", 0)


def wait_for_external_mode(kubectl: Kubectl, name: str, mode: int, timeout: float = 60) -> None:
    found = lambda: external_mode(kubectl.get("milvus", name, NAMESPACE)) == mode
    wait_until(found, f"tlsMode {mode} of {name}", timeout, interval=0.2)


def files(kubectl: Kubectl) -> dict[str, Object]:
    return {item["metadata"]["name"]: item["data"] for item in kubectl.list("secrets", f"--namespace={NAMESPACE}") if "ca.pem" in item["data"]}


def test_the_operator_follows_a_restored_cluster(control_plane: ControlPlane, operator: Operator) -> None:
    kubectl, etcd = control_plane.kubectl, control_plane.etcd
    make(kubectl, "kept", "changed", "deleted")
    wait_until_ready(kubectl)
    before = files(kubectl)
    control_plane.back_up()

    kubectl.run("delete", "milvus", "deleted", f"--namespace={NAMESPACE}")
    kubectl.annotate("milvus", "changed", NAMESPACE, annotations(external="TwoWay"))
    wait_for_external_mode(kubectl, "changed", 2)
    lost = [f"lost-{number}" for number in range(LOST)]
    make(kubectl, *lost)
    wait_until_ready(kubectl)
    assert len(files(kubectl)) > len(before)
    seen = etcd.revision()

    control_plane.restore()
    make(kubectl, "new")
    wait_until_ready(kubectl, SECONDS)
    kept = {"kept", "changed", "deleted", "new"}
    assert {item["metadata"]["name"] for item in kubectl.list("milvustls", f"--namespace={NAMESPACE}")} == kept
    assert external_mode(kubectl.get("milvus", "changed", NAMESPACE)) == 0, "what was asked for after the backup is lost"
    kubectl.annotate("milvus", "changed", NAMESPACE, annotations(external="OneWay"))
    wait_for_external_mode(kubectl, "changed", 1, SECONDS)
    wait_until_ready(kubectl, SECONDS)
    assert etcd.revision() < seen, "etcd has caught up, and the test shows nothing"

    assert_complete(kubectl, {NAMESPACE})
    assert {item["metadata"]["name"] for item in kubectl.list("milvuses", f"--namespace={NAMESPACE}")} == kept
    after = files(kubectl)
    assert {name: after[name] for name in before} == before, "certificates of before the backup stay"
    assert operator.process.is_running
    assert "etcd was restored from a backup" in operator.output()

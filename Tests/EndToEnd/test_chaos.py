"""The operator against an API server and itself being killed: what is left in the end is complete, and written once."""

import json
import random
import signal

import pytest

from conftest import Operator
from control_plane import ControlPlane
from kubectl import Kubectl
from kubernetes_api import Gone, KubernetesAPI
from milvuses import annotations, milvus
from outcome import assert_complete, assert_milvuses_patched_once, assert_secrets_written_once, unready
from waiting import wait_until

COUNT, NAMESPACES = 200, 10
KILLS = 50
MILVUSES = "/apis/milvus.io/v1beta1/milvuses"


@pytest.fixture
def operator(control_plane: ControlPlane, tmp_path) -> Operator:
    """Not started; in place of the node's."""
    return Operator(tmp_path, control_plane.kubeconfig("milvus-tls-operator"))


def make_namespaces(kubectl: Kubectl, prefix: str) -> list[str]:
    namespaces = [f"{prefix}-{number}" for number in range(NAMESPACES)]
    create(kubectl, [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}} for name in namespaces])
    return namespaces


def create(kubectl: Kubectl, items: list[dict]) -> None:
    kubectl.run("create", "--validate=false", "--filename=-", text=json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))


def numbered(numbers: range, namespaces: list[str]) -> list[dict]:
    """Milvus resources that ask for TLS; nothing makes pods of them."""
    return [
        milvus(f"milvus-{number}", namespaces[number % len(namespaces)], "local/none", annotations(internal="true")) for number in numbers
    ]


def assert_all_is_well(control_plane: ControlPlane, namespaces: list[str]) -> None:
    wait_until(lambda: not unready(control_plane.kubectl, set(namespaces)), "TLS in place for every Milvus", timeout=120, interval=0.5)
    assert_complete(control_plane.kubectl, set(namespaces))
    assert_secrets_written_once(control_plane.etcd, set(namespaces))
    assert_milvuses_patched_once(control_plane.etcd, set(namespaces))


def test_an_api_server_that_is_killed_and_comes_back_costs_nothing(control_plane: ControlPlane, operator: Operator) -> None:
    namespaces = make_namespaces(control_plane.kubectl, "server-killed")
    create(control_plane.kubectl, numbered(range(COUNT), namespaces))
    with operator.running():
        for share in (1, 2, 3):
            wait_until(lambda: made(control_plane, "server-killed") >= share * COUNT * 3 // 4, "a part of the Secrets")
            control_plane.kill_api_server()
            assert made(control_plane, "server-killed") < COUNT * 3, "all was done before the API server was killed"
            control_plane.start_api_server()
        assert_all_is_well(control_plane, namespaces)


def made(control_plane: ControlPlane, prefix: str) -> int:
    """The Secrets that there are, whether or not the API server can be asked."""
    return len(control_plane.etcd.writes(f"/registry/secrets/{prefix}-"))


def test_a_history_that_is_gone_is_read_anew(control_plane: ControlPlane, operator: Operator) -> None:
    kubectl = control_plane.kubectl
    namespaces = make_namespaces(kubectl, "compacted")
    create(kubectl, numbered(range(0, 20), namespaces))
    with operator.running():
        assert_all_is_well(control_plane, namespaces)
        operator.process.send(signal.SIGSTOP)
        last_seen = json.loads(kubectl.run("get", "--raw", f"{MILVUSES}?limit=1"))["metadata"]["resourceVersion"]
        create(kubectl, numbered(range(20, 40), namespaces))
        control_plane.kill_api_server()
        control_plane.etcd.compact()
        control_plane.start_api_server()
        with pytest.raises(Gone):
            next(KubernetesAPI(control_plane.kubeconfig("admin")).watch(MILVUSES, last_seen))
        operator.process.send(signal.SIGCONT)
        assert_all_is_well(control_plane, namespaces)


def test_an_operator_that_is_killed_at_any_moment_goes_on_where_it_was(control_plane: ControlPlane, operator: Operator) -> None:
    namespaces = make_namespaces(control_plane.kubectl, "operator-killed")
    create(control_plane.kubectl, numbered(range(COUNT), namespaces))
    etcd, moments, interrupted = control_plane.etcd, random.Random(3), 0
    for _ in range(KILLS):
        # A Milvus takes at least six writes: its MilvusTLS, three Secrets, the patch and the status. So the work lasts for all kills.
        moment = etcd.revision() + moments.randrange(6 * COUNT // KILLS)
        operator.start()
        wait_until(lambda: etcd.revision() >= moment, "the moment to kill the operator", interval=0.01)
        operator.stop(signal.SIGKILL)
        interrupted += made(control_plane, "operator-killed") % 3 > 0  # a Milvus has some of its Secrets
    assert interrupted > KILLS // 4, "the operator was killed when there was nothing to do"
    with operator.running():
        assert_all_is_well(control_plane, namespaces)

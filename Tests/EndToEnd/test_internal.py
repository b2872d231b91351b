"""TLS between components: five Deployments that print what Milvus 2.5 prints, and what the operator makes of it."""

import pytest

import images
from conftest import Operator
from kubectl import Kubectl, condition
from milvuses import annotations, cluster, milvus, pods_of, wait_for_condition, wait_for_rollout

NAMESPACE = "internal"


@pytest.fixture(scope="module")
def namespace(kubectl: Kubectl, operator: Operator) -> str:
    """A cluster that uses internal TLS and a standalone that does not, whatever it is told, on the way."""
    kubectl.create_namespace(NAMESPACE)
    kubectl.apply(
        cluster("my-release", NAMESPACE, images.MILVUS_2_5, annotations(internal="true")),
        milvus("deaf", NAMESPACE, images.MILVUS_WITHOUT_INTERNAL_TLS, annotations(internal="true")),
        milvus("late", NAMESPACE, images.MILVUS_2_5),
    )
    return NAMESPACE


def test_the_milvus_is_patched_as_the_manual_says(namespace: str, kubectl: Kubectl) -> None:
    wait_for_condition(kubectl, "my-release", namespace, "Ready", "True")
    spec = wait_for_rollout(kubectl, "my-release", namespace)["spec"]
    assert spec["config"]["common"]["security"] == {"internaltlsEnabled": True}
    assert spec["config"]["internaltls"] == {
        "serverPemPath": "/certs/server.pem",
        "serverKeyPath": "/certs/server.key",
        "caPemPath": "/certs/ca.pem",
        "sni": f"my-release-milvus.{namespace}.svc",
    }
    assert "tls" not in spec["config"]


def test_it_is_verified_when_every_pod_prints_that_it_uses_tls(namespace: str, kubectl: Kubectl) -> None:
    tls = wait_for_condition(kubectl, "my-release", namespace, "Verified", "True")
    assert condition(tls, "Ready")["status"] == "True"
    pods = pods_of(kubectl, "my-release", namespace)
    components = {pod["metadata"]["labels"]["app.kubernetes.io/component"] for pod in pods}
    assert components == {"proxy", "mixcoord", "querynode", "datanode", "indexnode"}
    for pod in pods:
        log = kubectl.run("logs", pod["metadata"]["name"], f"--namespace={namespace}")
        assert '["Internal TLS Enabled"] [value=true]' in log


def test_it_is_refuted_when_a_pod_prints_that_it_does_not(namespace: str, kubectl: Kubectl) -> None:
    tls = wait_for_condition(kubectl, "deaf", namespace, "Verified", "False")
    assert condition(tls, "Verified")["message"]


def test_a_running_milvus_is_restarted_into_tls_when_it_is_annotated(namespace: str, kubectl: Kubectl) -> None:
    wait_for_rollout(kubectl, "late", namespace)
    assert kubectl.get("milvustls", "late", namespace) is None, "nothing was asked for"
    before = {pod["metadata"]["uid"] for pod in pods_of(kubectl, "late", namespace)}
    kubectl.annotate("milvus", "late", namespace, annotations(internal="true"))
    wait_for_condition(kubectl, "late", namespace, "Verified", "True")
    after = {pod["metadata"]["uid"] for pod in pods_of(kubectl, "late", namespace)}
    assert before and after and not after & before

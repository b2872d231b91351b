"""The operator as a Deployment, with the rights of its service account alone."""

import datetime
import re
import subprocess

import pytest

import images
from audit import AuditLog
from deployed_operator import NAME, DeployedOperator
from deployed_operator import NAMESPACE as OPERATOR_NAMESPACE
from etcd import Etcd
from kubectl import Kubectl, Object, condition
from milvuses import annotations, milvus, wait_for_condition
from node import Node
from outcome import assert_complete, assert_secrets_written_once
from queries import expressions, metrics_in
from waiting import wait_until

NAMESPACE = "in-cluster"


@pytest.fixture(scope="module")
def namespace(deployed_operator: DeployedOperator, kubectl: Kubectl) -> str:
    kubectl.create_namespace(NAMESPACE)
    return NAMESPACE


@pytest.fixture(scope="module")
def etcd(node: Node) -> Etcd:
    return Etcd(node.etcd_url)


def asks_for_tls(name: str, namespace: str) -> Object:
    return milvus(name, namespace, images.MILVUS_2_5, annotations(internal="true"))


def test_every_replica_is_ready_within_five_seconds(deployed_operator: DeployedOperator) -> None:
    pods = deployed_operator.pods()
    assert len(pods) == 2
    seconds = [time_of(condition(pod, "Ready")["lastTransitionTime"]) - started(pod) for pod in pods]
    print("ready after", *seconds)
    assert max(seconds) < datetime.timedelta(seconds=5)


def started(pod: Object) -> datetime.datetime:
    return time_of(pod["status"]["containerStatuses"][0]["state"]["running"]["startedAt"])


def time_of(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text)


def test_a_milvus_is_verified_by_the_operator_in_its_pods(namespace: str, kubectl: Kubectl) -> None:
    kubectl.apply(asks_for_tls("my-release", namespace))
    wait_for_condition(kubectl, "my-release", namespace, "Verified", "True")
    assert_complete(kubectl, {namespace})


def test_a_restart_of_the_operator_loses_nothing(
    namespace: str, kubectl: Kubectl, deployed_operator: DeployedOperator, etcd: Etcd
) -> None:
    before = {pod["metadata"]["uid"] for pod in deployed_operator.pods()}
    deployed_operator.restart()
    for number in range(3):
        kubectl.apply(asks_for_tls(f"in-restart-{number}", namespace))
    deployed_operator.wait_for_rollout()
    assert before.isdisjoint(pod["metadata"]["uid"] for pod in deployed_operator.pods())
    kubectl.apply(asks_for_tls("after-restart", namespace))
    for name in ("in-restart-0", "in-restart-1", "in-restart-2", "after-restart"):
        wait_for_condition(kubectl, name, namespace, "Verified", "True")
    assert_complete(kubectl, {namespace})
    assert_secrets_written_once(etcd, {namespace})


def test_the_secret_of_a_client_that_is_not_listed_any_more_is_deleted(namespace: str, kubectl: Kubectl) -> None:
    other = "in-cluster-clients"
    kubectl.create_namespace(other)
    # Its image has the time zones.
    windows = [{"schedule": "0 2 * * 6", "duration": "4h", "timeZone": "Europe/Berlin"}]
    specification = {"internal": {"enabled": True}, "clients": [{"name": "one"}, {"name": "two"}], "rotation": {"windows": windows}, "authority": {"overlap": "5s"}}
    metadata = {"name": "my-release", "namespace": other}
    kubectl.apply({"apiVersion": "tls.milvus.io/v1alpha1", "kind": "MilvusTLS", "metadata": metadata, "spec": specification})
    kubectl.apply(milvus("my-release", other, images.MILVUS_2_5))
    wait_for_condition(kubectl, "my-release", other, "Ready", "True")
    kubectl.patch("milvustls", "my-release", other, {"spec": {"clients": [{"name": "one"}]}})
    kubectl.wait_until_gone("secret", "certs-two", other)
    assert kubectl.get("secret", "certs-one", other)


def test_what_alerts_and_dashboards_ask_for_is_served_through_its_service(namespace: str, deployed_operator: DeployedOperator, kubectl: Kubectl) -> None:
    address = kubectl.get("service", f"{NAME}-metrics", OPERATOR_NAMESPACE)["spec"]["clusterIP"]
    command = ["curl", "--silent", "--show-error", "--fail", "--max-time", "20", f"http://{address}:8080/metrics"]
    asked = set().union(*(metrics_in(expression) for _, expression in expressions()))

    def unserved() -> set[str]:
        answer = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
        return asked - set(re.findall(r"^\w+", answer.stdout, flags=re.M))

    assert len(asked) > 10
    # A replica's first look at the plaintext ports takes a moment.
    wait_until(lambda: not unserved(), f"series of {asked}", interval=1)


def test_no_request_is_refused(namespace: str, node: Node, deployed_operator: DeployedOperator) -> None:
    """Everything that the tests above had it do, with the rights in Manifests. Tests of the chart have taken rights away before."""
    requests = (request for request in AuditLog(node.audit_log).requests() if request.received > deployed_operator.deployed)
    made = [request for request in requests if request.is_from_a_pod or not request.user]
    assert {"milvuses", "milvustls", "milvustls/status", "secrets", "pods", "pods/log", "events", "leases"} <= {
        request.resource for request in made
    }
    assert [str(request) for request in made if request.code in (401, 403)] == []

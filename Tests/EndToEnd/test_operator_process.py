"""The operator as a process: what it writes when there is nothing to do, what it logs, how it ends."""

import base64
import json
import re
import signal
from collections.abc import Iterator

import pytest

import images
from conftest import Operator
from kubectl import Kubectl, Object, condition
from milvuses import annotations, milvus, wait_for_condition, wait_for_rollout
from node import Node

NAMESPACE, MARKERS = "process", "process-markers"
WRITES = {"create", "update", "patch", "delete", "deletecollection"}


@pytest.fixture(scope="module")
def namespace(kubectl: Kubectl, operator: Operator) -> str:
    kubectl.create_namespace(NAMESPACE)
    kubectl.create_namespace(MARKERS)
    kubectl.apply(
        milvus("my-release", NAMESPACE, images.MILVUS_2_5, annotations(internal="true")),
        milvus("invalid", NAMESPACE, images.MILVUS_2_5, annotations(external="maybe")),
    )
    wait_for_condition(kubectl, "invalid", NAMESPACE, "Ready", "False")
    wait_for_condition(kubectl, "my-release", NAMESPACE, "Verified", "True")
    return NAMESPACE


def wait_until_at_work(kubectl: Kubectl, marker: str) -> None:
    """The operator has been through everything there is once it has answered a Milvus that came last."""
    kubectl.apply(milvus(marker, MARKERS, images.MILVUS_2_5, annotations(external="marker")))
    wait_for_condition(kubectl, marker, MARKERS, "Verified", "Unknown")


def writes(node: Node, start: int) -> Iterator[str]:
    """What the operator wrote, from the API server's audit log after an offset."""
    with node.audit_log.open() as log:
        log.seek(start)
        for event in map(json.loads, log):
            if event["verb"] in WRITES and event["stage"] == "ResponseComplete":
                yield f"{event['verb']} {event['requestURI']}"


def wait_until_settled(kubectl: Kubectl) -> None:
    """Nothing is on its way any more, in any namespace."""
    for item in kubectl.list("milvustls", "--all-namespaces"):
        name, namespace = item["metadata"]["name"], item["metadata"]["namespace"]
        wait_for_rollout(kubectl, name, namespace)
        kubectl.wait_for("milvustls", name, namespace, is_settled, "an answer")


def is_settled(tls: Object) -> bool:
    logs_tell = tls.get("status", {}).get("internal") and condition(tls, "Ready").get("status") == "True"
    return not logs_tell or condition(tls, "Verified").get("status") in ("True", "False")


def versions(kubectl: Kubectl) -> dict[str, str]:
    items = kubectl.list("secrets,milvustls,milvuses", "--all-namespaces")
    return {f"{item['kind']} {item['metadata']['uid']}": item["metadata"]["resourceVersion"] for item in items}


def test_a_restarted_operator_writes_nothing_for_unchanged_resources(
    namespace: str, kubectl: Kubectl, operator: Operator, node: Node
) -> None:
    wait_until_settled(kubectl)
    before = versions(kubectl)
    operator.stop()
    start = node.audit_log.stat().st_size
    operator.start()
    wait_until_at_work(kubectl, "marker-restart")
    assert [write for write in writes(node, start) if f"/namespaces/{MARKERS}/" not in write] == []
    after = versions(kubectl)
    assert {key: after.get(key) for key in before} == before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_within_two_seconds(namespace: str, kubectl: Kubectl, operator: Operator, number: signal.Signals) -> None:
    wait_until_at_work(kubectl, f"marker-{number.name.lower()}")
    code, seconds = operator.stop(number)
    operator.start()
    assert (code, seconds < 2) == (0, True), f"exit code {code} after {seconds:.1f} s"


def test_its_log_has_no_secrets(namespace: str, kubectl: Kubectl, operator: Operator, node: Node) -> None:
    log = operator.output()
    assert "PRIVATE KEY" not in log
    assert json.loads(kubectl.run("config", "view", "--raw", "--output=json"))["users"][0]["user"]["token"] not in log
    assert re.search(r"token: (\w+)", node.operator_kubeconfig.read_text())[1] not in log
    secrets = kubectl.list("secrets", "--all-namespaces", "--selector=app.kubernetes.io/managed-by=milvus-tls-operator")
    keys = [value for secret in secrets for name, value in secret["data"].items() if name.endswith(".key")]
    assert len(keys) >= 3
    for key in keys:
        lines = base64.b64decode(key).decode().splitlines()
        assert key[:40] not in log and not any(line in log for line in lines[1:-1])


def test_each_action_is_logged_once_in_one_line(namespace: str, operator: Operator) -> None:
    lines = re.findall(rf".* {namespace}/my-release: (.*)", operator.output())
    for action in ("MilvusTLS my-release", "Secret certs-ca", "Secret certs", "Secret certs-client", "Configured external TLS", "Ready=True", "Verified=True"):
        about = [line for line in lines if re.search(rf"{action}(?![-\w])", line)]
        assert len(about) == 1, f"{action}: {about}"
    assert len(set(lines)) == len(lines)

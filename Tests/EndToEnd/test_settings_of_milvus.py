"""Settings as people write them, on a real Milvus: what it makes of them, and that the operator says the same."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

import images
from audit import AuditLog
from certificates import unpack
from clients import REST_PORT, MilvusClients
from conftest import Operator
from hand_made import make_certificates
from kubectl import Kubectl, Object, condition
from milvus_objects import READS_USER_YAML
from milvuses import annotations, milvus, pods_of, wait_for_condition, wait_for_rollout
from node import Node
from real_clusters import namespace_of, secret
from waiting import wait_until

NAME = "my-release"
MOUNT: Object = {
    "volumes": [{"name": "certs", "secret": {"secretName": "certs"}}],
    "volumeMounts": [{"name": "certs", "mountPath": "/certs", "readOnly": True}],
}
PATHS = {"serverPemPath": "/certs/server.pem", "serverKeyPath": "/certs/server.key", "caPemPath": "/certs/ca.pem"}
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@pytest.fixture
def namespace(request: pytest.FixtureRequest, kubectl: Kubectl, operator: Operator) -> Iterator[str]:
    """One a test; its Milvus goes afterwards: other tests wait for the pods of every Milvus."""
    name = namespace_of(request)
    kubectl.create_namespace(name)
    yield name
    for kind in ("milvustls", "milvus"):
        kubectl.run("delete", kind, NAME, f"--namespace={name}", "--ignore-not-found", "--wait=false")


def real(namespace: str, external: str = "", config: Object | None = None, **components: Object) -> Object:
    parts = {"image": images.MILVUS_2_3, "standalone": {"serviceRestfulPort": REST_PORT}} | components
    return milvus(NAME, namespace, "", annotations(external=external), components=parts, config=config or {})


def made(namespace: str) -> dict[str, bytes]:
    files = make_certificates(f"{NAME}-milvus.{namespace}.svc")
    return {name: files[name] for name in ("server.pem", "server.key", "ca.pem", "client.pem", "client.key")}


def assert_milvus_not_patched(node: Node, namespace: str) -> None:
    written = {request.resource for request in AuditLog(node.audit_log).requests() if request.is_write and f"/namespaces/{namespace}/" in request.uri}
    assert "milvustls/status" in written and "milvuses" not in written and "secrets" not in written


def wait_for_reason(kubectl: Kubectl, namespace: str, reason: str) -> str:
    """The message of Ready once it has this reason."""
    tls = kubectl.wait_for("milvustls", NAME, namespace, lambda item: condition(item, "Ready").get("reason") == reason, reason, timeout=60)
    return condition(tls, "Ready")["message"]


def test_keys_in_any_letter_case_turn_tls_on_and_the_operator_does_the_rest(kubectl: Kubectl, namespace: str, tmp_path: Path) -> None:
    config = yaml.safe_load(
        """
common: {security: {TLSmode: 1}}
TLS: {SERVERPEMPATH: /certs/server.pem, serverkeypath: /certs/server.key, CaPemPath: /certs/ca.pem}
proxy: {HTTP: {PORT: 8080}}
"""
    )
    item = real(namespace, config=config, **MOUNT)
    item["metadata"]["annotations"][READS_USER_YAML] = "true"
    kubectl.apply(item)
    tls = wait_for_condition(kubectl, NAME, namespace, "Verified", "True")
    assert condition(tls, "Verified")["reason"] == "HandshakesConfirm"
    assert {item["name"].split("/")[1] for item in tls["status"]["endpoints"]} == {"external", "rest"}
    found = kubectl.get("milvus", NAME, namespace)
    assert found and found["spec"]["config"] == config, "no second spelling beside the first"
    folder = unpack(kubectl.secret("certs", namespace), tmp_path)
    answer = MilvusClients(kubectl, NAME, namespace).pymilvus(server_pem_path=folder / "ca.pem")
    assert answer.returncode == 0, answer.stderr


def test_a_variable_that_turns_tls_off_is_a_conflict_and_milvus_serves_plaintext(node: Node, kubectl: Kubectl, namespace: str) -> None:
    files = made(namespace)
    kubectl.apply(secret(namespace, "certs", {name: files[name] for name in ("server.pem", "server.key", "ca.pem")}))
    config = {"common": {"security": {"tlsMode": 1}}, "tls": PATHS, "proxy": {"http": {"port": REST_PORT}}}
    kubectl.apply(real(namespace, external="OneWay", config=config, env=[{"name": "COMMON_SECURITY_TLSMODE", "value": "0"}], **MOUNT))
    message = wait_for_reason(kubectl, namespace, "Conflict")
    assert message == "spec.components.env[COMMON_SECURITY_TLSMODE] is 0, must be 1 for external TLS OneWay"
    wait_for_rollout(kubectl, NAME, namespace)
    answer = MilvusClients(kubectl, NAME, namespace).pymilvus(scheme="http")
    assert answer.returncode == 0, "it is as the condition says"
    assert_milvus_not_patched(node, namespace)


def test_a_variable_that_the_operator_cannot_read_is_named_where_milvus_serves_plaintext(kubectl: Kubectl, namespace: str) -> None:
    kubectl.run("create", "configmap", "switches", f"--namespace={namespace}", "--from-literal=tls=0")
    source = {"configMapKeyRef": {"name": "switches", "key": "tls"}}
    kubectl.apply(real(namespace, external="OneWay", env=[{"name": "COMMON_SECURITY_TLSMODE", "valueFrom": source}]))
    tls = wait_for_condition(kubectl, NAME, namespace, "Verified", "False")
    variable = "spec.components.env[COMMON_SECURITY_TLSMODE]"
    assert variable in condition(tls, "MayBeOverridden")["message"]
    verified = condition(tls, "Verified")
    assert verified["reason"] == "HandshakeRefutes" and "plaintext" in verified["message"] and variable in verified["message"]
    assert MilvusClients(kubectl, NAME, namespace).pymilvus(scheme="http").returncode == 0


def test_files_with_a_byte_order_mark_are_refused_and_milvus_goes_on_without_them(node: Node, kubectl: Kubectl, namespace: str) -> None:
    files = made(namespace)
    provided = {name: files[name] for name in ("server.pem", "server.key", "ca.pem")}
    kubectl.apply(secret(namespace, "certs", {name: BYTE_ORDER_MARK + text for name, text in provided.items()}))
    kubectl.apply(real(namespace, external="TwoWay"))
    message = wait_for_reason(kubectl, namespace, "SecretInvalid")
    assert "server.pem begins with a byte order mark (BOM)" in message
    wait_for_rollout(kubectl, NAME, namespace)
    clients = MilvusClients(kubectl, NAME, namespace)
    assert clients.pymilvus(scheme="http").returncode == 0
    assert_milvus_not_patched(node, namespace)


@pytest.mark.parametrize(
    ("marked", "cause"),
    [(("server.pem", "server.key"), "tls: failed to find any PEM data in certificate input"), (("ca.pem",), "fail to append ca to cert")],
    ids=["server", "ca"],
)
def test_milvus_crashes_with_a_byte_order_mark_and_the_mended_files_start_it(
    kubectl: Kubectl, namespace: str, tmp_path: Path, marked: tuple[str, ...], cause: str
) -> None:
    """Its author has mounted the Secret: the operator cannot keep Milvus from it, but says why it crashes."""
    files = made(namespace)
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    provided = {name: files[name] for name in ("server.pem", "server.key", "ca.pem")}
    kubectl.apply(secret(namespace, "certs", {name: BYTE_ORDER_MARK * (name in marked) + text for name, text in provided.items()}))
    config = {"common": {"security": {"tlsMode": 2}}, "tls": PATHS, "proxy": {"http": {"port": REST_PORT}}}
    kubectl.apply(real(namespace, config=config, **MOUNT))
    message = wait_for_reason(kubectl, namespace, "SecretInvalid")
    assert [name for name in provided if f"{name} begins with a byte order mark (BOM)" in message] == list(marked)
    assert cause in wait_until(lambda: log_of_crash(kubectl, namespace), "a crash", interval=0.5)
    kubectl.apply(secret(namespace, "certs", provided))
    wait_for_condition(kubectl, NAME, namespace, "Verified", "True")
    identity = {"client_pem_path": tmp_path / "client.pem", "client_key_path": tmp_path / "client.key"}
    answer = MilvusClients(kubectl, NAME, namespace).pymilvus(ca_pem_path=tmp_path / "ca.pem", **identity)
    assert answer.returncode == 0, answer.stderr


def log_of_crash(kubectl: Kubectl, namespace: str) -> str:
    """Of the first pod whose container was started again; empty while there is none, or the kubelet has no log."""
    for pod in pods_of(kubectl, NAME, namespace):
        if any(container["restartCount"] for container in pod["status"].get("containerStatuses", [])):
            log = kubectl.run("logs", pod["metadata"]["name"], f"--namespace={namespace}", "--previous")
            return "" if log.startswith("unable to retrieve container logs") else log
    return ""


def test_rest_port_0_starts_milvus_without_rest(kubectl: Kubectl, namespace: str, tmp_path: Path) -> None:
    asked: Object = {"apiVersion": "tls.milvus.io/v1alpha1", "kind": "MilvusTLS", "metadata": {"name": NAME, "namespace": namespace}}
    asked["spec"] = {"external": {"mode": "OneWay", "restPort": 0}}
    kubectl.apply(asked, milvus(NAME, namespace, "", components={"image": images.MILVUS_2_3}))
    tls = wait_for_condition(kubectl, NAME, namespace, "Verified", "True")
    assert {item["name"].split("/")[1] for item in tls["status"]["endpoints"]} == {"external"}
    folder = unpack(kubectl.secret("certs", namespace), tmp_path)
    clients = MilvusClients(kubectl, NAME, namespace)
    answer = clients.pymilvus(server_pem_path=folder / "ca.pem")
    assert answer.returncode == 0, answer.stderr
    [pod] = pods_of(kubectl, NAME, namespace)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((pod["status"]["podIP"], REST_PORT), timeout=5)

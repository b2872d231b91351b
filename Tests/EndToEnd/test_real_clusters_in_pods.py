"""What real clusters hold, as far as pods show it: files that no resource shows, a component that nothing can prove, and crashes."""

import dataclasses
import datetime
import subprocess
from collections.abc import Iterator
from pathlib import Path

import image_archive
import pytest

import build_images
import images
from audit import AuditLog
from certificates import facts, unpack
from clients import MilvusClients
from conftest import Operator
from injector import Injector
from kubectl import Kubectl, Object, condition
from milvuses import annotations, pods_of, wait_for_condition, wait_for_rollout
from node import Node
from real_clusters import NAME, milvus, milvus_tls, namespace_of, server_files

METRICS = "127.0.0.1:18080"


@pytest.fixture(scope="module")
def operator_with_metrics(node: Node, operator: Operator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    """One that says what it exports, while the other rests."""
    operator.stop()
    own = Operator(tmp_path_factory.mktemp("operator"), node.operator_kubeconfig, "--metrics-bind-address", METRICS)
    try:
        with own.running():
            yield own
    finally:
        operator.start()


@pytest.fixture
def namespace(request: pytest.FixtureRequest, kubectl: Kubectl, operator_with_metrics: Operator) -> Iterator[str]:
    """One a test; its Milvus goes afterwards: other tests wait for the pods of every Milvus."""
    name = namespace_of(request)
    kubectl.create_namespace(name)
    yield name
    for kind in ("milvustls", "milvus"):
        kubectl.run("delete", kind, NAME, f"--namespace={name}", "--ignore-not-found", "--wait=false")


def assert_verified_and_left_alone(node: Node, kubectl: Kubectl, namespace: str, path: str, certificate: bytes) -> None:
    """What the pods serve is verified and its expiry exported; nothing is issued, and the Milvus is as it was written."""
    tls = wait_for_condition(kubectl, NAME, namespace, "Verified", "True")
    ready = condition(tls, "Ready")
    assert (ready["status"], ready["reason"]) == ("False", "FilesNotVisible")
    assert path in ready["message"] and "tls.milvus.io/external" in ready["message"], "how to hand TLS over"
    assert condition(tls, "Verified")["reason"] == "HandshakesConfirm"
    served, expiry = tls["status"]["certificate"], facts(certificate).not_after
    assert (served["source"], served["serialNumber"]) == ("Pods", facts(certificate).serial_number)
    assert datetime.datetime.fromisoformat(served["notAfter"]) == expiry
    assert served["notAfter"] in kubectl.run("get", "milvustls", NAME, f"--namespace={namespace}"), "the column EXPIRES"
    assert exported_expiry(namespace) == expiry.timestamp()
    written = {request.resource for request in AuditLog(node.audit_log).requests() if request.is_write and f"/namespaces/{namespace}/" in request.uri}
    assert written == {"milvustls", "milvustls/status", "events"}, "no Secret is issued, and the Milvus is not patched"


def exported_expiry(namespace: str) -> float:
    metrics = subprocess.run(["curl", "--silent", "--fail", f"http://{METRICS}/metrics"], capture_output=True, text=True, check=True, timeout=20)
    series = [line for line in metrics.stdout.splitlines() if line.startswith("milvus_tls_certificate_expiration_timestamp_seconds{")]
    labels = (f'namespace="{namespace}"', f'name="{NAME}"', 'role="server"')
    [value] = [line.split()[-1] for line in series if all(label in line for label in labels)]
    return float(value)


def test_files_of_an_injector_are_left_alone_and_what_pods_serve_is_verified(node: Node, kubectl: Kubectl, namespace: str, tmp_path: Path) -> None:
    spec = f"""
mode: standalone
components:
  image: {images.MILVUS_2_3}
  podAnnotations:
    vault.hashicorp.com/agent-inject: "true"
    vault.hashicorp.com/role: milvus
    vault.hashicorp.com/agent-inject-secret-server.pem: pki/issue/milvus
  standalone: {{serviceRestfulPort: 8080}}
config:
  common: {{security: {{tlsMode: 1}}}}
  tls: {{serverPemPath: /vault/secrets/server.pem, serverKeyPath: /vault/secrets/server.key, caPemPath: /vault/secrets/ca.pem}}
  proxy: {{http: {{enabled: true, port: 8080}}}}
"""
    files = server_files(namespace, "server.pem", "server.key", "ca.pem")
    with Injector(kubectl, namespace, tmp_path / "injector", files):
        kubectl.apply(milvus(namespace, spec))
        assert_verified_and_left_alone(node, kubectl, namespace, "/vault/secrets/server.pem", files["server.pem"])
    tls = kubectl.get("milvustls", NAME, namespace)
    assert tls and {item["name"].split("/")[1] for item in tls["status"]["endpoints"]} == {"external", "rest"}
    (tmp_path / "ca.pem").write_bytes(files["ca.pem"])
    answer = MilvusClients(kubectl, NAME, namespace).pymilvus(server_pem_path=tmp_path / "ca.pem")
    assert answer.returncode == 0, answer.stderr


def test_files_in_the_image_are_left_alone_and_what_pods_serve_is_verified(node: Node, kubectl: Kubectl, namespace: str, tmp_path: Path) -> None:
    folder = "/opt/search/milvus/configs/cert"
    files = server_files(namespace, "server.pem", "server.key", "ca.pem")
    baked = {f"{folder.lstrip('/')}/{name}": content.decode() for name, content in files.items()}
    server = build_images.tls_server()
    image = dataclasses.replace(server, name="local/milvus-with-certs:v2.3.5", files=server.files | baked)
    images.load_house_image(node.state / "containerd.sock", image, tmp_path / "image")
    spec = f"""
mode: standalone
components:
  image: {image.name}
  standalone: {{serviceType: LoadBalancer}}
config:
  common: {{security: {{tlsMode: 1}}}}
  tls: {{serverPemPath: {folder}/server.pem, serverKeyPath: {folder}/server.key, caPemPath: {folder}/ca.pem}}
"""
    kubectl.apply(milvus(namespace, spec))
    assert_verified_and_left_alone(node, kubectl, namespace, f"{folder}/server.pem", files["server.pem"])


CLUSTER = f"""
mode: cluster
components:
  image: {images.MILVUS_2_6}
  mixCoord: {{replicas: 1}}
  streamingNode: {{replicas: 1}}
  proxy: {{replicas: 1}}
  dataNode: {{replicas: 1}}
  queryNode: {{replicas: 1}}
  cdc: {{replicas: 1}}
dependencies: {{msgStreamType: woodpecker}}
"""


def test_a_cdc_pod_that_proves_nothing_holds_up_neither_verification_nor_a_rotation(kubectl: Kubectl, namespace: str) -> None:
    kubectl.apply(milvus(namespace, CLUSTER), milvus_tls(namespace, internal={"enabled": True}, authority={"overlap": "0s"}))
    assert_proven_but_for_cdc(kubectl, namespace, wait_for_condition(kubectl, NAME, namespace, "Verified", "True"))
    before = kubectl.secret("certs-ca", namespace)["data"]["ca.pem"]
    kubectl.annotate("milvus", NAME, namespace, {"tls.milvus.io/rotate-authority": "1"})

    def is_through(tls: Object) -> bool:
        authority = tls["status"]["authority"]
        return authority.get("rotation") == "1" and "step" not in authority and condition(tls, "Verified").get("status") == "True"

    tls = kubectl.wait_for("milvustls", NAME, namespace, is_through, "the end of the authority's rotation")
    assert kubectl.secret("certs-ca", namespace)["data"]["ca.pem"] != before
    wait_for_rollout(kubectl, NAME, namespace)
    assert_proven_but_for_cdc(kubectl, namespace, tls)


def assert_proven_but_for_cdc(kubectl: Kubectl, namespace: str, tls: Object) -> None:
    pods = {pod["metadata"]["labels"]["app.kubernetes.io/component"]: pod["metadata"]["name"] for pod in pods_of(kubectl, NAME, namespace)}
    assert set(pods) == {"mixcoord", "streamingnode", "proxy", "datanode", "querynode", "cdc"}
    for component, pod in pods.items():
        log = kubectl.run("logs", pod, f"--namespace={namespace}")
        assert ("Internal TLS Enabled" in log) == (component != "cdc")
    message = condition(tls, "Verified")["message"]
    assert message.startswith("Logs of 5 pods say Internal TLS Enabled, value=true")
    assert f"internal TLS of {pods['cdc']} is left out" in message


CRASHES = {
    "ca-without-certificate": (
        '[WARN] [proxy/listener_manager.go:131] ["fail to append ca to cert"]',
        "panic: fail to append ca to cert",
    ),
    "rest-on-the-grpc-port": (
        '[WARN] [proxy/listener_manager.go:94] ["can not initialize http listener"]'
        ' [error="proxy server(http) and external grpc server share the same port, tls mode must be 0"]',
        "panic: proxy server(http) and external grpc server share the same port, tls mode must be 0",
    ),
}


@pytest.mark.parametrize(("name", "internal"), [("ca-without-certificate", ""), ("rest-on-the-grpc-port", "true")])
def test_the_cause_of_a_crash_for_tls_is_quoted(
    node: Node, kubectl: Kubectl, namespace: str, tmp_path: Path, name: str, internal: str
) -> None:
    image = crashing(f"local/milvus-that-crashes-{name}:v2.6.7", CRASHES[name])
    images.load_house_image(node.state / "containerd.sock", image, tmp_path / "image")
    spec = f"{{mode: standalone, components: {{image: '{image.name}'}}}}"
    kubectl.apply(milvus(namespace, spec, annotations(external="TwoWay", internal=internal)))
    tls = wait_for_condition(kubectl, NAME, namespace, "Verified", "False")
    verified = condition(tls, "Verified")
    assert verified["reason"] == "LogRefutes"
    assert verified["message"].startswith(f"Log of pod {NAME}-milvus-standalone-")
    assert CRASHES[name][-1].removeprefix("panic: ") in verified["message"]


def crashing(name: str, lines: tuple[str, ...]) -> image_archive.Image:
    """Milvus that says why it ends, and ends."""
    log = ["[INFO] [proxy/listener_manager.go:51] [\"Proxy listen on external grpc listener\"] [address=10.1.2.3:19530] [port=19530]", *lines]
    dated = [line if line.startswith("panic") else f"[2026/11/20 08:00:03.111 +00:00] {line}" for line in log]
    text = "\n".join([*dated, "", "goroutine 214 [running]:", "main.main()", "\t/workspace/source/cmd/main.go:1 +0x1b", ""])
    files = build_images.shell_files() | {"usr/bin/milvus": "#!/bin/sh\ncat /log >&2\nexit 2\n", "log": text}
    return image_archive.Image(name, [], files, build_images.shell_links(), ("milvus/configs", "tmp"), ("PATH=/usr/bin:/bin",))

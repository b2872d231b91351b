"""What the manual does by hand works on this node: the ground that the other tests stand on, without the operator."""

import base64
import json
import ssl
from pathlib import Path

import pytest

import images
from clients import NO_CLIENT_CERTIFICATE, MilvusClients
from hand_made import make_certificates
from kubectl import Kubectl
from milvuses import milvus, wait_for_rollout
from processes import LoggedProcess

NAMESPACE = "by-hand"


def secret(files: dict[str, bytes], owner: dict) -> dict:
    reference = {"apiVersion": owner["apiVersion"], "kind": "Milvus", "name": owner["metadata"]["name"], "uid": owner["metadata"]["uid"]}
    metadata = {"name": "certs", "namespace": NAMESPACE, "ownerReferences": [reference]}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": {k: base64.b64encode(v).decode() for k, v in files.items()}}


@pytest.fixture(scope="module")
def release(kubectl: Kubectl, milvus_operator: LoggedProcess) -> dict:
    kubectl.create_namespace(NAMESPACE)
    kubectl.apply(milvus("my-release", NAMESPACE, images.MILVUS_2_3))
    return wait_for_rollout(kubectl, "my-release", NAMESPACE)


def test_a_milvus_configured_as_in_the_manual_speaks_two_way_tls(release: dict, kubectl: Kubectl, tmp_path: Path) -> None:
    clients = MilvusClients(kubectl, "my-release", NAMESPACE)
    assert clients.pymilvus(scheme="http").returncode == 0, "without TLS it answers plaintext"

    files = make_certificates(clients.server_name)
    for file, content in files.items():
        (tmp_path / file).write_bytes(content)
    kubectl.apply(secret({name: files[name] for name in ("server.pem", "server.key", "ca.pem")}, release))
    paths = {"serverPemPath": "/certs/server.pem", "serverKeyPath": "/certs/server.key", "caPemPath": "/certs/ca.pem"}
    patch = {
        "config": {"common": {"security": {"tlsMode": 2}}, "tls": paths, "proxy": {"http": {"port": 8080}}},
        "components": {
            "volumes": [{"name": "certs", "secret": {"secretName": "certs"}}],
            "volumeMounts": [{"name": "certs", "mountPath": "/certs", "readOnly": True}],
        },
    }
    kubectl.patch("milvus", "my-release", NAMESPACE, {"spec": patch})
    wait_for_rollout(kubectl, "my-release", NAMESPACE)

    ca, pem, key = tmp_path / "ca.pem", tmp_path / "client.pem", tmp_path / "client.key"
    answer = clients.pymilvus(client_pem_path=pem, client_key_path=key, ca_pem_path=ca)
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout)["collections"] == ["greetings"]
    rest = clients.curl("--cacert", str(ca), "--cert", str(pem), "--key", str(key))
    assert rest.returncode == 0, rest.stderr
    assert json.loads(rest.stdout)["data"] == ["greetings"]
    assert clients.pymilvus(scheme="http", timeout=3).returncode != 0
    with pytest.raises(ssl.SSLError, match=NO_CLIENT_CERTIFICATE):
        clients.handshake_without_client_certificate(ca)


def test_the_objects_of_a_deleted_milvus_go(release: dict, kubectl: Kubectl) -> None:
    kubectl.apply(secret({"ca.pem": b"any"}, release))
    objects = (("secret", "certs"), ("deployment", "my-release-milvus-standalone"), ("service", "my-release-milvus"))
    assert all(kubectl.get(kind, name, NAMESPACE) for kind, name in objects)
    kubectl.run("delete", "milvus", "my-release", f"--namespace={NAMESPACE}")
    for kind, name in objects:
        kubectl.wait_until_gone(kind, name, NAMESPACE)

"""TLS for clients on a real Milvus, asked for with one annotation: two releases in one namespace, two-way and one-way."""

import json
import os
import ssl
import subprocess
import sys
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest

import images
from certificates import CLIENT, SERVER, assert_openssl_accepts, facts, key_matches, unpack
from clients import NO_CLIENT_CERTIFICATE, REST_PORT, MilvusClients
from conftest import Operator
from kubectl import Kubectl, Object, condition
from milvuses import annotations, milvus, wait_for_condition, wait_for_rollout
from node import Node

NAMESPACE = "external"
PATHS = {"serverPemPath": "/certs/server.pem", "serverKeyPath": "/certs/server.key", "caPemPath": "/certs/ca.pem"}


@dataclass
class Release:
    """A Milvus with TLS in place, and the files of its Secrets."""

    name: str
    prefix: str  # of its Secrets' names
    milvus: Object
    tls: Object
    clients: MilvusClients
    authority: Path
    server: Path
    client: Path


@pytest.fixture(scope="module")
def releases(kubectl: Kubectl, operator: Operator, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Release]:
    kubectl.create_namespace(NAMESPACE)
    kubectl.apply(milvus("my-release", NAMESPACE, images.MILVUS_2_3, annotations(external="TwoWay")))
    kubectl.wait_for("secret", "certs", NAMESPACE, lambda _: True, "it")  # the first to come has the short names
    kubectl.apply(milvus("second", NAMESPACE, images.MILVUS_2_3, annotations(external="OneWay")))
    prefixes = {"my-release": "certs", "second": "second-certs"}
    return {name: release(kubectl, name, prefix, tmp_path_factory.mktemp(name)) for name, prefix in prefixes.items()}


def release(kubectl: Kubectl, name: str, prefix: str, folder: Path) -> Release:
    tls = wait_for_condition(kubectl, name, NAMESPACE, "Ready", "True")
    secrets = {role: unpack(kubectl.secret(prefix + suffix, NAMESPACE), folder / role) for role, suffix in SUFFIXES.items()}
    return Release(
        name, prefix, wait_for_rollout(kubectl, name, NAMESPACE), tls, MilvusClients(kubectl, name, NAMESPACE), **secrets
    )


SUFFIXES = {"authority": "-ca", "server": "", "client": "-client"}
EVERY_RELEASE = pytest.mark.parametrize("name", ["my-release", "second"])


@EVERY_RELEASE
def test_the_secrets_hold_exactly_their_files_and_belong_to_the_milvus(releases: dict, kubectl: Kubectl, name: str) -> None:
    release = releases[name]
    wanted = {
        release.prefix: {"server.pem", "server.key", "ca.pem"},
        f"{release.prefix}-ca": {"ca.pem", "ca.key"},
        f"{release.prefix}-client": {"client.pem", "client.key", "ca.pem"},
    }
    for secret_name, files in wanted.items():
        secret = kubectl.secret(secret_name, NAMESPACE)
        assert set(secret["data"]) == files
        assert secret["metadata"]["labels"]["app.kubernetes.io/managed-by"] == "milvus-tls-operator"
        owners = [(owner["kind"], owner["name"], owner["uid"]) for owner in secret["metadata"]["ownerReferences"]]
        assert owners == [("Milvus", name, release.milvus["metadata"]["uid"])]


@EVERY_RELEASE
def test_the_authority_is_self_signed_and_signs_leaves_only(releases: dict, name: str) -> None:
    folder = releases[name].authority
    found = facts((folder / "ca.pem").read_bytes())
    assert found.is_authority and found.path_length == 0
    assert found.key_usage == {"key_cert_sign", "crl_sign"}
    assert key_matches((folder / "ca.pem").read_bytes(), (folder / "ca.key").read_bytes())
    assert_openssl_accepts(folder, "ca.pem", "any")
    for other in (releases[name].server, releases[name].client):
        assert (other / "ca.pem").read_bytes() == (folder / "ca.pem").read_bytes()


@EVERY_RELEASE
def test_the_server_certificate_is_good_for_every_name_of_the_service(releases: dict, name: str) -> None:
    folder = releases[name].server
    found = facts((folder / "server.pem").read_bytes())
    service = f"{name}-milvus"
    assert found.common_name == f"{service}.{NAMESPACE}.svc"
    assert found.dns_names == {service, *(f"{service}.{NAMESPACE}{end}" for end in ("", ".svc", ".svc.cluster.local")), "localhost"}
    assert found.addresses == {"127.0.0.1", "::1"}
    assert found.extended_key_usage == SERVER and not found.is_authority
    assert "digital_signature" in found.key_usage and not found.key_usage & {"key_cert_sign", "crl_sign"}
    assert key_matches((folder / "server.pem").read_bytes(), (folder / "server.key").read_bytes())
    for host in found.dns_names:
        assert_openssl_accepts(folder, "server.pem", "sslserver", "-verify_hostname", host)
    for address in found.addresses:
        assert_openssl_accepts(folder, "server.pem", "sslserver", "-verify_ip", address)


@EVERY_RELEASE
def test_the_client_certificate_is_good_for_clients_only(releases: dict, name: str) -> None:
    folder = releases[name].client
    found = facts((folder / "client.pem").read_bytes())
    assert found.extended_key_usage == CLIENT and not found.is_authority
    assert key_matches((folder / "client.pem").read_bytes(), (folder / "client.key").read_bytes())
    assert_openssl_accepts(folder, "client.pem", "sslclient")
    with pytest.raises(AssertionError, match="purpose"):
        assert_openssl_accepts(folder, "client.pem", "sslserver")


@pytest.mark.parametrize(("name", "mode"), [("my-release", 2), ("second", 1)])
def test_the_milvus_is_patched_as_the_manual_says(releases: dict, name: str, mode: int) -> None:
    release = releases[name]
    spec, components = release.milvus["spec"], release.milvus["spec"]["components"]
    assert spec["config"] == {"common": {"security": {"tlsMode": mode}}, "tls": PATHS, "proxy": {"http": {"port": 8080}}}
    assert components["volumes"] == [{"name": "certs", "secret": {"secretName": release.prefix}}]
    assert components["volumeMounts"] == [{"name": "certs", "mountPath": "/certs", "readOnly": True}]
    assert components["podAnnotations"] == {"tls.milvus.io/certificate": release.tls["status"]["certificate"]["digest"]}
    assert components["image"] == images.MILVUS_2_3 and components["standalone"]["serviceRestfulPort"] == 8080


def test_pymilvus_connects_two_way_with_nothing_but_the_client_secret(releases: dict) -> None:
    release = releases["my-release"]
    files = {f"{option}_path": release.client / file for option, file in CLIENT_FILES.items()}
    answer = release.clients.pymilvus(**files)
    assert_used(answer)


def assert_used(answer: subprocess.CompletedProcess[str]) -> None:
    """An application made a collection, inserted and searched."""
    assert answer.returncode == 0, answer.stderr
    result = json.loads(answer.stdout)
    assert (result["collections"], result["found"]) == (["greetings"], [2])


CLIENT_FILES = {"client_pem": "client.pem", "client_key": "client.key", "ca_pem": "ca.pem"}


@pytest.mark.parametrize("file", ["ca.pem", "server.pem"])
def test_pymilvus_connects_one_way_with_the_authority_or_the_servers_own_certificate(releases: dict, file: str) -> None:
    release = releases["second"]
    assert_used(release.clients.pymilvus(server_pem_path=release.server / file))


def test_a_server_under_another_name_is_refused_by_pymilvus(releases: dict) -> None:
    release = releases["second"]
    path = release.client / "ca.pem"
    assert release.clients.pymilvus(server_pem_path=path, server_name="other.example.com", timeout=3).returncode != 0
    assert release.clients.pymilvus(server_pem_path=path, server_name="localhost").returncode == 0


def test_two_way_refuses_the_client_of_another_release(releases: dict) -> None:
    """Its authority is not this one's, however good its certificate."""
    release, other = releases["my-release"], releases["second"].client
    foreign = {"client_pem_path": other / "client.pem", "client_key_path": other / "client.key"}
    assert release.clients.pymilvus(**foreign, ca_pem_path=release.client / "ca.pem", timeout=3).returncode != 0
    identity = ["--cert", str(other / "client.pem"), "--key", str(other / "client.key")]
    assert release.clients.curl("--cacert", str(release.client / "ca.pem"), *identity).returncode != 0


@pytest.mark.parametrize(("name", "told"), [("second", "serves certificate"), ("my-release", "refuses a client certificate from an untrusted CA, accepts the client certificate of the operator")])
def test_it_is_verified_by_handshakes_with_the_pod(releases: dict, kubectl: Kubectl, name: str, told: str) -> None:
    tls = wait_for_condition(kubectl, name, NAMESPACE, "Verified", "True")
    assert condition(tls, "Verified")["reason"] == "HandshakesConfirm"
    endpoints = {item["name"].split("/")[1]: item for item in tls["status"]["endpoints"]}
    assert set(endpoints) == {"external", "rest"}
    assert endpoints["external"]["address"].endswith(":19530") and told in endpoints["external"]["evidence"]
    serial = facts((releases[name].server / "server.pem").read_bytes()).serial_number
    assert serial in endpoints["external"]["evidence"]


@pytest.mark.parametrize(
    ("name", "key", "kind"), [("rsa", {"algorithm": "RSA", "size": 2048}, "RSA"), ("edwards", {"algorithm": "Ed25519"}, "Ed25519")]
)
def test_other_kinds_of_keys(kubectl: Kubectl, operator: Operator, tmp_path: Path, name: str, key: dict, kind: str) -> None:
    """Milvus and curl take each; pymilvus, whose TLS is BoringSSL's, takes no Ed25519, as the MilvusTLS's definition says."""
    namespace = f"keys-{name}"
    kubectl.create_namespace(namespace)
    specification = {"external": {"mode": "TwoWay"}, "certificate": {"privateKey": key}}
    metadata = {"name": name, "namespace": namespace}
    asked = {"apiVersion": "tls.milvus.io/v1alpha1", "kind": "MilvusTLS", "metadata": metadata, "spec": specification}
    kubectl.apply(milvus(name, namespace, images.MILVUS_2_3), asked)
    try:
        tls = wait_for_condition(kubectl, name, namespace, "Verified", "True")
        assert condition(tls, "Verified")["reason"] == "HandshakesConfirm"
        folder = unpack(kubectl.secret("certs-client", namespace), tmp_path)
        assert facts((folder / "client.pem").read_bytes()).key_kind == kind
        clients = MilvusClients(kubectl, name, namespace)
        files = {f"{option}_path": folder / file for option, file in CLIENT_FILES.items()}
        if kind == "Ed25519":
            refused = clients.pymilvus(**files, timeout=3)
            assert refused.returncode != 0 and "HANDSHAKE_FAILURE" in refused.stderr
        else:
            assert_used(clients.pymilvus(**files))
        identity = ["--cert", str(folder / "client.pem"), "--key", str(folder / "client.key")]
        assert clients.curl("--cacert", str(folder / "ca.pem"), *identity).returncode == 0
    finally:
        kubectl.run("delete", "milvustls", name, f"--namespace={namespace}")
        kubectl.run("delete", "milvus", name, f"--namespace={namespace}", "--wait=false")


@pytest.mark.parametrize("name", ["second", "my-release"])
def test_rest_answers_over_tls(releases: dict, name: str) -> None:
    folder = releases[name].client
    identity = ["--cert", str(folder / "client.pem"), "--key", str(folder / "client.key")] if name == "my-release" else []
    answer = releases[name].clients.curl("--cacert", str(folder / "ca.pem"), *identity)
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout)["code"] == 200


@EVERY_RELEASE
def test_plaintext_is_refused(releases: dict, name: str) -> None:
    assert releases[name].clients.pymilvus(scheme="http", timeout=3).returncode != 0
    assert "400" in releases[name].clients.curl(scheme="http").stderr  # Go's answer to HTTP on a port of TLS


@EVERY_RELEASE
def test_what_answers_in_plaintext_beside_tls_is_told(releases: dict, kubectl: Kubectl, node: Node, name: str) -> None:
    tls = wait_for_condition(kubectl, name, NAMESPACE, "PlaintextExposed", "True")
    found = {port["port"]: port for port in tls["status"]["plaintext"]}
    assert found[9091]["protocol"] == "HTTP" and found[9091]["pods"] == 1
    assert not found.keys() & {19530, 8080}  # TLS
    assert found[53100]["protocol"] == "gRPC"  # 2.3.5 has no internal TLS
    message = condition(tls, "PlaintextExposed")["message"]
    assert "/api/v1 (CVE-2026-26190, fixed in 2.5.27 and 2.6.10), /expr" in message
    assert f"Service {name}-milvus publishes port 9091" in message
    # The message is true: the service needs neither TLS nor a password.
    with urllib.request.urlopen(f"http://{releases[name].clients.address}:9091/api/v1/collections", timeout=10) as answer:
        assert json.load(answer)["status"] == {}, "the collections, and no error"
    report = milvus_tls("verify", name, node=node)
    assert "9091             HTTP" in report.stdout and report.returncode == 0


def test_another_authority_is_not_trusted(releases: dict) -> None:
    answer = releases["second"].clients.curl("--cacert", str(releases["my-release"].client / "ca.pem"))
    assert answer.returncode == 60, answer  # curl: the certificate cannot be verified


def test_two_way_refuses_a_client_without_a_certificate(releases: dict) -> None:
    release = releases["my-release"]
    with pytest.raises(ssl.SSLError, match=NO_CLIENT_CERTIFICATE):
        release.clients.handshake_without_client_certificate(release.client / "ca.pem")
    assert release.clients.curl("--cacert", str(release.client / "ca.pem")).returncode != 0


def test_kubectl_shows_each_milvus_with_its_tls(releases: dict, kubectl: Kubectl) -> None:
    header, *rows = kubectl.run("get", "milvustls", f"--namespace={NAMESPACE}").splitlines()
    assert header.split() == ["NAME", "EXTERNAL", "INTERNAL", "READY", "VERIFIED", "PLAINTEXT", "EXPIRES", "AGE"]
    shown = {row.split()[0]: row.split() for row in rows}
    assert set(shown) == set(releases)
    for name, mode in (("my-release", "TwoWay"), ("second", "OneWay")):
        expires = releases[name].tls["status"]["certificate"]["notAfter"]
        assert shown[name][1:4] == [mode, "false", "True"] and expires in shown[name]


@EVERY_RELEASE
def test_the_milvustls_belongs_to_the_milvus(releases: dict, name: str) -> None:
    release = releases[name]
    assert [owner["uid"] for owner in release.tls["metadata"]["ownerReferences"]] == [release.milvus["metadata"]["uid"]]


@pytest.mark.parametrize(("name", "written"), [("my-release", {"ca.pem", "client.pem", "client.key"}), ("second", {"ca.pem"})])
def test_the_lines_that_connect_prints_work(releases: dict, node: Node, tmp_path: Path, name: str, written: set[str]) -> None:
    folder = tmp_path / "tls"
    answers = [milvus_tls("connect", name, "--directory", str(folder), *options, node=node) for options in ((), ("--for=python",), ("--for=curl",))]
    assert [answer.returncode for answer in answers] == [0, 0, 0], [answer.stderr for answer in answers]
    assert {(path.name, path.stat().st_mode & 0o777) for path in folder.iterdir()} == {(file, 0o600) for file in written}
    both, only_python, only_curl = (answer.stdout for answer in answers)
    python, curl = both.split("# REST\n")
    clients = releases[name].clients
    for lines in (python, only_python):
        # The node has no DNS.
        program = lines.replace(f"//{clients.server_name}:", f"//{clients.address}:") + "print(client.list_collections())"
        used = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
        assert (used.returncode, used.stdout) == (0, "['greetings']\n"), used.stderr
    for lines in (curl, only_curl):
        resolving = f"{lines.strip()} --silent --show-error --fail --resolve {clients.server_name}:{REST_PORT}:{clients.address}"
        listed = subprocess.run(resolving, shell=True, capture_output=True, text=True, timeout=60)
        assert listed.returncode == 0 and json.loads(listed.stdout)["code"] == 200, listed.stderr


@EVERY_RELEASE
def test_verify_prints_what_the_handshakes_proved(releases: dict, kubectl: Kubectl, node: Node, name: str) -> None:
    tls = wait_for_condition(kubectl, name, NAMESPACE, "Verified", "True")
    answer = milvus_tls("verify", name, node=node)
    assert answer.returncode == 0, answer.stderr
    lines = [line.split() for line in answer.stdout.splitlines()]
    assert lines[1][:3] == [name, "True", "HandshakesConfirm"]
    endpoints = {tuple(line[:3]) for line in lines if line and "/" in line[0]}
    assert endpoints == {(item["name"], item["address"], "True") for item in tls["status"]["endpoints"]}


@EVERY_RELEASE
def test_a_probe_from_this_machine_sees_what_the_operator_saw(releases: dict, kubectl: Kubectl, node: Node, name: str) -> None:
    tls = wait_for_condition(kubectl, name, NAMESPACE, "Verified", "True")
    answer = milvus_tls("verify", name, "--probe", "--output=json", node=node)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    report = json.loads(answer.stdout)
    assert report["reason"] == "HandshakesConfirm"
    assert {(item["address"], item["evidence"]) for item in report["endpoints"]} == {
        (item["address"], item["evidence"]) for item in tls["status"]["endpoints"]
    }


def milvus_tls(*arguments: str, node: Node) -> subprocess.CompletedProcess[str]:
    """The command line under test, beside the cluster."""
    command = [os.environ["MILVUS_TLS_BINARY"], *arguments, f"--namespace={NAMESPACE}", f"--kubeconfig={node.kubeconfig}"]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)

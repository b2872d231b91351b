"""An authority that its owner keeps, made with openssl as the manual's gen.sh does, and its replacement by an intermediate of another root."""

import json
import os
import subprocess
from pathlib import Path

import pytest

import images
from certificates import facts, unpack
from conftest import Operator
from kubectl import Kubectl, Object, condition
from milvuses import milvus, wait_for_condition
from node import Node

NAMESPACE = "own-ca"
SECRET = "corporate"


@pytest.fixture(scope="module")
def first(kubectl: Kubectl, operator: Operator, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the authority in use."""
    kubectl.create_namespace(NAMESPACE)
    folder = tmp_path_factory.mktemp("first")
    make_root(folder, "first")
    store(kubectl, folder)
    specification = {
        "internal": {"enabled": True},
        "authority": {"secretName": SECRET, "overlap": "0s"},
        "clients": [{"name": "search"}, {"name": "ingest"}],
    }
    metadata = {"name": "my-release", "namespace": NAMESPACE}
    kubectl.apply({"apiVersion": "tls.milvus.io/v1alpha1", "kind": "MilvusTLS", "metadata": metadata, "spec": specification})
    kubectl.apply(milvus("my-release", NAMESPACE, images.MILVUS_2_5))
    wait_for_condition(kubectl, "my-release", NAMESPACE, "Verified", "True")
    return folder


def openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True, timeout=60)


def make_root(folder: Path, name: str) -> None:
    openssl(folder, "genrsa", "-out", "ca.key", "2048")
    openssl(folder, "req", "-new", "-x509", "-key", "ca.key", "-out", "ca.pem", "-days", "3650", "-subj", f"/C=US/O=test/CN={name}")


def make_intermediate(folder: Path, root: Path) -> None:
    openssl(folder, "ecparam", "-genkey", "-name", "prime256v1", "-noout", "-out", "ca.key")
    openssl(folder, "req", "-new", "-key", "ca.key", "-out", "ca.csr", "-subj", "/O=test/CN=issuing")
    (folder / "ca.cnf").write_text("basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign\nsubjectKeyIdentifier=hash\n")
    signer = ["-CA", str(root / "ca.pem"), "-CAkey", str(root / "ca.key"), "-CAcreateserial", "-days", "3650"]
    openssl(folder, "x509", "-req", "-in", "ca.csr", *signer, "-extfile", "ca.cnf", "-out", "issuing.pem")
    (folder / "ca.pem").write_bytes((folder / "issuing.pem").read_bytes() + (root / "ca.pem").read_bytes())


def store(kubectl: Kubectl, folder: Path) -> None:
    files = [f"--from-file={name}={folder / name}" for name in ("ca.pem", "ca.key")]
    text = kubectl.run("create", "secret", "generic", SECRET, f"--namespace={NAMESPACE}", *files, "--dry-run=client", "--output=yaml")
    kubectl.run("apply", "--filename=-", text=text)


def leaf(kubectl: Kubectl, secret: str, folder: Path) -> Path:
    return unpack(kubectl.secret(secret, NAMESPACE), folder / secret)


def test_it_signs_and_stays_as_it_is(first: Path, kubectl: Kubectl, tmp_path: Path) -> None:
    for secret, file, purpose in (("certs", "server.pem", "sslserver"), ("certs-search", "client.pem", "sslclient")):
        files = leaf(kubectl, secret, tmp_path)
        assert (files / "ca.pem").read_bytes() == (first / "ca.pem").read_bytes()
        openssl(files, "verify", "-purpose", purpose, "-CAfile", "ca.pem", file)
    stored = kubectl.run("get", "secret", SECRET, f"--namespace={NAMESPACE}", "--show-managed-fields", "--output=json")
    managers = {entry["manager"] for entry in json.loads(stored)["metadata"]["managedFields"]}
    assert managers and "milvus-tls-operator" not in managers
    assert kubectl.get("secret", "certs-ca", NAMESPACE) is None


def test_its_owner_alone_can_have_it_rotated(first: Path, node: Node, kubectl: Kubectl) -> None:
    command = [os.environ["MILVUS_TLS_BINARY"], "rotate", "my-release", "--authority", "-n", NAMESPACE, "--kubeconfig", str(node.kubeconfig)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert result.returncode == 1 and result.stderr.endswith(f"must replace ca.pem and ca.key in Secret {SECRET}\n")
    assert "tls.milvus.io/rotate-authority" not in kubectl.get("milvus", "my-release", NAMESPACE)["metadata"]["annotations"]


def test_a_client_that_is_taken_from_the_list_loses_its_secret(first: Path, kubectl: Kubectl) -> None:
    assert kubectl.get("secret", "certs-ingest", NAMESPACE)
    kubectl.patch("milvustls", "my-release", NAMESPACE, {"spec": {"clients": [{"name": "search"}]}})
    kubectl.wait_until_gone("secret", "certs-ingest", NAMESPACE)
    assert kubectl.get("secret", "certs-search", NAMESPACE) and kubectl.get("secret", SECRET, NAMESPACE)


def test_another_one_in_its_secret_comes_into_use_step_by_step(first: Path, kubectl: Kubectl, tmp_path: Path) -> None:
    root, issuing = tmp_path / "root", tmp_path / "issuing"
    for folder in (root, issuing):
        folder.mkdir()
    make_root(root, "second")
    make_intermediate(issuing, root)
    store(kubectl, issuing)
    kubectl.wait_for("milvustls", "my-release", NAMESPACE, lambda item: step(item) == "TrustingBoth", "the first step", timeout=30)
    both = (leaf(kubectl, "certs", tmp_path) / "ca.pem").read_bytes()
    assert both == (first / "ca.pem").read_bytes() + (root / "ca.pem").read_bytes()

    serial_number = facts((issuing / "issuing.pem").read_bytes()).serial_number
    done = kubectl.wait_for(
        "milvustls",
        "my-release",
        NAMESPACE,
        lambda item: item["status"]["authority"]["serialNumber"] == serial_number and not step(item) and is_verified(item),
        "the last step",
    )
    assert done["status"]["authority"]["source"] == "Secret"
    for secret, file, purpose in (("certs", "server.pem", "sslserver"), ("certs-search", "client.pem", "sslclient")):
        files = leaf(kubectl, secret, tmp_path)
        assert (files / "ca.pem").read_bytes() == (root / "ca.pem").read_bytes()
        assert (files / file).read_bytes().count(b"BEGIN CERTIFICATE") == 2
        openssl(files, "verify", "-purpose", purpose, "-CAfile", "ca.pem", "-untrusted", file, file)


def step(item: Object) -> str:
    return item.get("status", {}).get("authority", {}).get("step", "")


def is_verified(item: Object) -> bool:
    return condition(item, "Verified")["status"] == "True"

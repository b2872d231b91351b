"""`milvus-tls rotate`, as a person runs it."""

import os
import subprocess

import pytest

import images
from certificates import facts, unpack
from conftest import Operator
from kubectl import Kubectl
from milvuses import milvus, wait_for_condition
from node import Node

NAMESPACE = "rotate"


@pytest.fixture(scope="module")
def release(kubectl: Kubectl, operator: Operator) -> str:
    kubectl.create_namespace(NAMESPACE)
    metadata = {"name": "my-release", "namespace": NAMESPACE}
    specification = {"internal": {"enabled": True}, "authority": {"overlap": "0s"}}
    kubectl.apply({"apiVersion": "tls.milvus.io/v1alpha1", "kind": "MilvusTLS", "metadata": metadata, "spec": specification})
    kubectl.apply(milvus("my-release", NAMESPACE, images.MILVUS_2_5))
    wait_for_condition(kubectl, "my-release", NAMESPACE, "Verified", "True")
    return "my-release"


def rotate(node: Node, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [os.environ["MILVUS_TLS_BINARY"], "rotate", "--kubeconfig", str(node.kubeconfig), "-n", NAMESPACE, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=200)


@pytest.mark.parametrize(("options", "secret", "file", "column"), [((), "certs", "server.pem", 1), (("--authority",), "certs-ca", "ca.pem", 3)])
def test_it_ends_when_the_new_one_is_proven(release: str, node: Node, kubectl: Kubectl, tmp_path, options, secret, file, column) -> None:
    def serial_number() -> str:
        return facts((unpack(kubectl.secret(secret, NAMESPACE), tmp_path) / file).read_bytes()).serial_number

    former = serial_number()
    result = rotate(node, release, *options, "--wait", "--timeout", "3m")
    print(result.stderr, result.stdout, sep="\n")
    assert result.returncode == 0, result.stderr
    row = result.stdout.splitlines()[-1].split()
    assert row[column] == serial_number() != former
    wait_for_condition(kubectl, release, NAMESPACE, "Verified", "True")


def test_what_cannot_be_rotated_is_said_in_one_line(release: str, node: Node) -> None:
    result = rotate(node, "missing")
    assert result.returncode == 1 and len(result.stderr.splitlines()) == 1 and "missing" in result.stderr

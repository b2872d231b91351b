"""Certificates that are renewed under clients that never stop connecting: two replicas of a server that reads them once, rolled by a Deployment."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

import images
from clients import GRPC_PORT, MilvusClients
from conftest import Operator
from kubectl import Kubectl, Object, condition
from milvus_objects import GRACE_PERIOD
from milvuses import is_rolled_out, milvus, wait_for_condition
from node import Node
from prober import RATE, Prober, Report, Target
from secret_history import SecretHistory

NAME = "my-release"
MODES = {"one-way": "OneWay", "two-way": "TwoWay"}  # by namespace


@dataclass
class Release:
    """A served Milvus whose clients connect all the time."""

    namespace: str
    secrets: SecretHistory
    prober: Prober
    started: float

    def assert_no_connection_failed(self) -> Report:
        report = self.prober.report()
        assert report.connections > 0.9 * RATE * (time.monotonic() - self.started), "the clients did not keep their rate"
        assert report.failures == [], f"{report.kinds()} of {report.connections} connections to {self.namespace}"
        return report


@pytest.fixture(scope="module")
def releases(node: Node, kubectl: Kubectl, operator: Operator) -> Iterator[list[Release]]:
    """One-way and two-way, side by side."""
    try:
        for namespace, mode in MODES.items():
            kubectl.create_namespace(namespace)
            kubectl.apply(served_milvus(namespace), milvus_tls(namespace, mode))
        for namespace in MODES:
            wait_for_condition(kubectl, NAME, namespace, "Verified", "True")
        with ExitStack() as stack:
            yield [connect(node, kubectl, namespace, stack) for namespace in MODES]
    finally:
        for namespace in MODES:
            kubectl.run("delete", "namespace", namespace, "--ignore-not-found", "--wait=false")


def served_milvus(namespace: str) -> Object:
    return milvus(NAME, namespace, "", {GRACE_PERIOD: "15"}, components={"image": images.TLS_SERVER, "standalone": {"replicas": 2}})


def milvus_tls(namespace: str, mode: str, **spec: Object) -> Object:
    metadata = {"name": NAME, "namespace": namespace}
    specification = {"external": {"mode": mode, "restPort": 0}} | spec
    return {"apiVersion": "tls.milvus.io/v1alpha1", "kind": "MilvusTLS", "metadata": metadata, "spec": specification}


def connect(node: Node, kubectl: Kubectl, namespace: str, stack: ExitStack) -> Release:
    secrets = SecretHistory(node.kubeconfig, namespace)
    stack.callback(secrets.stop)
    clients = MilvusClients(kubectl, NAME, namespace)
    target = Target(clients.address, GRPC_PORT, clients.server_name, MODES[namespace] == "TwoWay")
    prober = stack.enter_context(Prober(target, lambda: secrets.newest("certs-client")))
    return Release(namespace, secrets, prober, time.monotonic())


def rotate(kubectl: Kubectl, releases: list[Release], value: str) -> None:
    for release in releases:
        kubectl.annotate("milvus", NAME, release.namespace, {"tls.milvus.io/rotate": value})
    for release in releases:
        wait_for_rotation(kubectl, release.namespace, value)


def wait_for_rotation(kubectl: Kubectl, namespace: str, value: str) -> None:
    """Until the pods are known to use the certificate that the annotation asked for."""
    kubectl.wait_for(
        "secret", "certs", namespace, lambda item: item["metadata"].get("annotations", {}).get("tls.milvus.io/rotate") == value, "the rotation"
    )

    def uses(tls: Object) -> bool:
        item = kubectl.get("milvus", NAME, namespace)
        digest = item["spec"]["components"]["podAnnotations"]["tls.milvus.io/certificate"]
        is_proven = condition(tls, "Verified").get("status") == "True" and tls["status"]["certificate"]["digest"] == digest
        return is_proven and is_rolled_out(item)

    kubectl.wait_for("milvustls", NAME, namespace, uses, f"pods with the certificate of rotation {value}")


def test_leaf_rotations_fail_no_connection(releases: list[Release], kubectl: Kubectl) -> None:
    for value in ("1", "2", "3"):
        began = time.monotonic()
        rotate(kubectl, releases, value)
        print(f"rotation {value}: {time.monotonic() - began:.1f} s")
    for release in releases:
        served = release.secrets.serial_numbers("certs", "server.pem")
        assert len(served) == 4
        report = release.assert_no_connection_failed()
        assert set(served) <= report.serial_numbers
        print(f"{release.namespace}: {report.connections} connections")

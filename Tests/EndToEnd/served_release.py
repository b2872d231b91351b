"""A Milvus of two replicas that serve external TLS, with clients that connect to it all the time, and the rotation of its certificates."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import images
from clients import GRPC_PORT, MilvusClients
from kubectl import Kubectl, Object, condition
from milvus_objects import GRACE_PERIOD
from milvuses import is_rolled_out, milvus, wait_for_condition, wait_for_rollout
from node import Node
from prober import RATE, Prober, Report, Target
from secret_history import SecretHistory

NAME = "my-release"


@dataclass
class Release:
    namespace: str
    secrets: SecretHistory
    prober: Prober
    started: float  # when its clients began, by the monotonic clock

    def assert_no_connection_failed(self) -> Report:
        seconds, report = time.monotonic() - self.started, self.prober.report()
        assert report.connections > 0.9 * RATE * seconds, f"the clients did not keep their rate: {report.connections} in {seconds:.0f} s"
        assert report.failures == [], f"{report.kinds()} of {report.connections} connections to {self.namespace}"
        return report


@contextmanager
def served_releases(node: Node, kubectl: Kubectl, modes: dict[str, str], **spec: Object) -> Iterator[list[Release]]:
    """One a namespace, with its mode (OneWay or TwoWay); `spec` adds to the MilvusTLS. They go afterwards."""
    try:
        for namespace, mode in modes.items():
            kubectl.create_namespace(namespace)
            parts = {"image": images.TLS_SERVER, "standalone": {"replicas": 2}}
            kubectl.apply(milvus(NAME, namespace, "", {GRACE_PERIOD: "15"}, components=parts), milvus_tls(namespace, mode, **spec))
        for namespace in modes:
            wait_for_condition(kubectl, NAME, namespace, "Verified", "True")
        with ExitStack() as stack:
            yield [_connected(node, kubectl, namespace, mode, stack) for namespace, mode in modes.items()]
    finally:
        for namespace in modes:  # other tests wait for the pods of every Milvus
            for kind in ("milvustls", "milvus"):
                kubectl.run("delete", kind, NAME, f"--namespace={namespace}", "--ignore-not-found", "--wait=false")


def milvus_tls(namespace: str, mode: str, **spec: Object) -> Object:
    metadata = {"name": NAME, "namespace": namespace}
    specification = {"external": {"mode": mode, "restPort": 0}} | spec
    return {"apiVersion": "tls.milvus.io/v1alpha1", "kind": "MilvusTLS", "metadata": metadata, "spec": specification}


def _connected(node: Node, kubectl: Kubectl, namespace: str, mode: str, stack: ExitStack) -> Release:
    secrets = SecretHistory(node.kubeconfig, namespace)
    stack.callback(secrets.stop)
    clients = MilvusClients(kubectl, NAME, namespace)
    target = Target(clients.address, GRPC_PORT, clients.server_name, mode == "TwoWay")
    prober = stack.enter_context(Prober(target, lambda: secrets.newest("certs-client")))
    return Release(namespace, secrets, prober, time.monotonic())


def ask_for_rotation(kubectl: Kubectl, namespace: str, value: str) -> str:
    """By annotation; the digest of what the pods use so far."""
    former = _digest(kubectl.get("milvus", NAME, namespace) or {})
    kubectl.annotate("milvus", NAME, namespace, {"tls.milvus.io/rotate": value})
    return former


def wait_for_rotation(kubectl: Kubectl, namespace: str, former: str) -> None:
    """Until the pods are known to use something else."""
    item = kubectl.wait_for("milvus", NAME, namespace, lambda item: _digest(item) != former and is_rolled_out(item), "the rollout")

    def is_proven(tls: Object) -> bool:
        return condition(tls, "Verified").get("status") == "True" and tls["status"]["certificate"]["digest"] == _digest(item)

    kubectl.wait_for("milvustls", NAME, namespace, is_proven, "pods that use the new certificate")


def ask_for_authority(kubectl: Kubectl, namespace: str, value: str) -> None:
    kubectl.annotate("milvus", NAME, namespace, {"tls.milvus.io/rotate-authority": value})


def wait_for_authority(kubectl: Kubectl, namespace: str, value: str) -> None:
    """Until the pods are known to use, and to trust alone, the authority that was asked for."""

    def is_through(tls: Object) -> bool:
        authority = tls["status"]["authority"]
        return authority.get("rotation") == value and "step" not in authority and condition(tls, "Verified").get("status") == "True"

    kubectl.wait_for("milvustls", NAME, namespace, is_through, "the end of the authority's rotation")
    wait_for_rollout(kubectl, NAME, namespace)


def _digest(item: Object) -> str:
    return item["spec"]["components"]["podAnnotations"]["tls.milvus.io/certificate"]

"""The real Milvus, a single server, and an application on pymilvus through rotations: what fails fails for the restart, never for trust."""

import base64
import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import images
from certificates import facts, unpack
from clients import GRPC_PORT, MilvusClients
from conftest import Operator
from hand_made import make_certificates
from kubectl import Kubectl
from milvuses import milvus, wait_for_condition
from node import Node
from processes import LoggedProcess
from served_release import NAME, ask_for_authority, ask_for_rotation, milvus_tls, wait_for_authority, wait_for_rotation
from waiting import wait_until

NAMESPACE = "real-rotation"
DISTRUST = re.compile("certificate|_alert_", re.IGNORECASE)
"""What gRPC says on standard error where one side refuses the other's certificate, and not where no server is there."""


class Application:
    """application.py as a process."""

    def __init__(self, node: Node, clients: MilvusClients, folder: Path) -> None:
        uri = f"https://{clients.address}:{GRPC_PORT}"
        command = [sys.executable, Path(__file__).with_name("application.py"), node.kubeconfig, NAMESPACE, uri, clients.server_name]
        self.process = LoggedProcess("application", command, folder / "application.log")

    def outcomes(self) -> list[dict[str, str]]:
        lines = self.process.output().splitlines()
        return [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]

    def words_of_distrust(self) -> list[str]:
        return [line for line in self.process.output().splitlines() if DISTRUST.search(line)]


    @contextmanager
    def running(self) -> Iterator["Application"]:
        try:
            yield self
        finally:
            self.process.stop()


@pytest.fixture
def clients(kubectl: Kubectl, operator: Operator) -> Iterator[MilvusClients]:
    kubectl.create_namespace(NAMESPACE)
    try:
        kubectl.apply(milvus(NAME, NAMESPACE, images.MILVUS_2_3), milvus_tls(NAMESPACE, "TwoWay", authority={"overlap": "0s"}))
        wait_for_condition(kubectl, NAME, NAMESPACE, "Verified", "True")
        yield MilvusClients(kubectl, NAME, NAMESPACE)
    finally:
        for kind in ("milvustls", "milvus"):
            kubectl.run("delete", kind, NAME, f"--namespace={NAMESPACE}", "--ignore-not-found", "--wait=false")


def test_an_application_of_a_real_milvus_loses_no_trust(node: Node, kubectl: Kubectl, clients: MilvusClients, tmp_path: Path) -> None:
    with Application(node, clients, tmp_path).running() as application:
        for value in ("1", "2"):
            wait_for_rotation(kubectl, NAMESPACE, ask_for_rotation(kubectl, NAMESPACE, value))
            wait_until(lambda: is_let_in(application, kubectl), f"the application with the client certificate of rotation {value}")
        ask_for_authority(kubectl, NAMESPACE, "1")
        wait_for_authority(kubectl, NAMESPACE, "1")
        wait_until(lambda: is_let_in(application, kubectl), "the application with a client certificate of the new authority")
    outcomes = application.outcomes()
    print(f"{sum(outcome['error'] != '' for outcome in outcomes)} of {len(outcomes)} connections failed")
    assert application.words_of_distrust() == []
    assert_distrust_is_told(kubectl, clients, tmp_path)


def assert_distrust_is_told(kubectl: Kubectl, clients: MilvusClients, folder: Path) -> None:
    """Of the server's certificate and of the client's, so that no word of it means something."""
    ours = unpack(kubectl.secret("certs-client", NAMESPACE), folder / "ours")
    theirs = folder / "theirs"
    theirs.mkdir()
    for name, content in make_certificates(clients.server_name).items():
        (theirs / name).write_bytes(content)
    for authority, client in ((theirs, ours), (ours, theirs)):
        identity = {"client_pem_path": client / "client.pem", "client_key_path": client / "client.key"}
        refused = clients.pymilvus(ca_pem_path=authority / "ca.pem", **identity, timeout=3)
        assert refused.returncode != 0 and DISTRUST.search(refused.stderr), refused.stderr


def is_let_in(application: Application, kubectl: Kubectl) -> bool:
    """Whether it has used Milvus with the newest client certificate."""
    certificate = base64.b64decode(kubectl.secret("certs-client", NAMESPACE)["data"]["client.pem"])
    return {"client": facts(certificate).serial_number, "error": ""} in application.outcomes()

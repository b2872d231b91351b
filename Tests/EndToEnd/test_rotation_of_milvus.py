"""The real Milvus, a single server, and an application on pymilvus through rotations: what fails fails for the restart, never for trust."""

import json
import re
import sys
from pathlib import Path

import images
from certificates import facts
from clients import GRPC_PORT, MilvusClients
from conftest import Operator
from kubectl import Kubectl
from milvuses import milvus, wait_for_condition
from node import Node
from processes import LoggedProcess
from served_release import NAME, ask_for_rotation, milvus_tls, wait_for_rotation
from waiting import wait_until

NAMESPACE = "real-rotation"
DISTRUST = re.compile("certificate|handshake|alert|ssl_error|verify", re.IGNORECASE)
"""What gRPC and pymilvus say about a handshake that fails, and not about a server that is not there."""


class Application:
    """application.py as a process."""

    def __init__(self, node: Node, clients: MilvusClients, folder: Path) -> None:
        uri = f"https://{clients.address}:{GRPC_PORT}"
        command = [sys.executable, Path(__file__).with_name("application.py"), node.kubeconfig, NAMESPACE, uri, clients.server_name]
        self.process = LoggedProcess("application", command, folder / "application.log")

    def outcomes(self) -> list[dict[str, str]]:
        lines = self.process.output().splitlines()
        return [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]

    def said_of_handshakes(self) -> list[str]:
        return [line for line in self.process.output().splitlines() if DISTRUST.search(line)]


def test_an_application_of_a_real_milvus_loses_no_trust(node: Node, kubectl: Kubectl, operator: Operator, tmp_path: Path) -> None:
    kubectl.create_namespace(NAMESPACE)
    try:
        kubectl.apply(milvus(NAME, NAMESPACE, images.MILVUS_2_3), milvus_tls(NAMESPACE, "TwoWay"))
        wait_for_condition(kubectl, NAME, NAMESPACE, "Verified", "True")
        application = Application(node, MilvusClients(kubectl, NAME, NAMESPACE), tmp_path)
        try:
            for value in ("1", "2"):
                ask_for_rotation(kubectl, NAMESPACE, value)
                wait_for_rotation(kubectl, NAMESPACE, value)
                wait_until(lambda: is_let_in(application, kubectl), f"the application with the client certificate of rotation {value}")
        finally:
            application.process.stop()
        outcomes = application.outcomes()
        failed = [outcome["error"] for outcome in outcomes if outcome["error"]]
        print(f"{len(failed)} of {len(outcomes)} failed:", *sorted(set(failed)), sep="\n")
        assert application.said_of_handshakes() == []
    finally:
        for kind in ("milvustls", "milvus"):
            kubectl.run("delete", kind, NAME, f"--namespace={NAMESPACE}", "--ignore-not-found", "--wait=false")


def is_let_in(application: Application, kubectl: Kubectl) -> bool:
    """Whether it has used Milvus with the newest client certificate."""
    newest = facts_of_client(kubectl)
    return {"client": newest, "error": ""} in application.outcomes()


def facts_of_client(kubectl: Kubectl) -> str:
    import base64

    return facts(base64.b64decode(kubectl.secret("certs-client", NAMESPACE)["data"]["client.pem"])).serial_number

"""Clients of a running Milvus: pymilvus, curl, and plain sockets for what a server must refuse."""

import json
import socket
import ssl
import subprocess
import sys
from pathlib import Path
from typing import Any

from kubectl import Kubectl

GRPC_PORT, REST_PORT = 19530, 8080
NO_CLIENT_CERTIFICATE = "bad.certificate|certificate.required"  # the alert that servers send, by version of Go


class MilvusClients:
    """Clients that reach one release through its Service, by address, since the node has no DNS."""

    def __init__(self, kubectl: Kubectl, name: str, namespace: str) -> None:
        self.server_name = f"{name}-milvus.{namespace}.svc"
        service = kubectl.get("service", f"{name}-milvus", namespace)
        assert service, f"there is no Service {namespace}/{name}-milvus"
        self.address = service["spec"]["clusterIP"]

    def pymilvus(
        self, scheme: str = "https", timeout: float = 20, server_name: str = "", **options: Any
    ) -> subprocess.CompletedProcess[str]:
        """connect.py in a process of its own, since pymilvus keeps connections by address."""
        arguments = {"uri": f"{scheme}://{self.address}:{GRPC_PORT}", "timeout": timeout} | {key: str(value) for key, value in options.items()}
        if scheme == "https":
            arguments |= {"secure": True, "server_name": server_name or self.server_name}
        command = [sys.executable, str(Path(__file__).with_name("connect.py")), json.dumps(arguments)]
        return subprocess.run(command, capture_output=True, text=True, timeout=120)

    def change_password(self, token: str, new: str, **options: Any) -> None:
        """Of a user, `name:password`."""
        name, old = token.split(":")
        arguments = {"uri": f"https://{self.address}:{GRPC_PORT}", "secure": True, "server_name": self.server_name, "token": token}
        arguments |= {key: str(value) for key, value in options.items()}
        program = "import json, sys; from pymilvus import MilvusClient; MilvusClient(**json.loads(sys.argv[1])).update_password(*sys.argv[2:])"
        command = [sys.executable, "-c", program, json.dumps(arguments), name, old, new]
        result = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert result.returncode == 0, result.stderr

    def curl(self, *options: str, scheme: str = "https") -> subprocess.CompletedProcess[str]:
        """The collections from the REST service, under the server's name."""
        resolve = f"{self.server_name}:{REST_PORT}:{self.address}"
        url = f"{scheme}://{self.server_name}:{REST_PORT}/v1/vector/collections"
        command = ["curl", "--silent", "--show-error", "--fail", "--max-time", "20", "--resolve", resolve, *options, url]
        return subprocess.run(command, capture_output=True, text=True, timeout=60)

    def handshake_without_client_certificate(self, authority: Path) -> bytes:
        """Raises ssl.SSLError where the server wants one: in TLS 1.3 its alert comes with the first read."""
        context = ssl.create_default_context(cafile=str(authority))
        context.set_alpn_protocols(["h2"])
        with socket.create_connection((self.address, GRPC_PORT), timeout=10) as plain:
            with context.wrap_socket(plain, server_hostname=self.server_name) as secured:
                return secured.recv(1)

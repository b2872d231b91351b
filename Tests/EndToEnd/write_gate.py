"""An admission webhook that each write of the operator to Secrets and Milvus resources of a namespace passes before it is stored."""

import base64
import json
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from hand_made import make_certificates
from kubectl import Kubectl, Object
from waiting import wait_until

OPERATOR = "milvus-tls-operator"  # the user of scripts/node.sh
RULES = [{"apiGroups": [""], "resources": ["secrets"]}, {"apiGroups": ["milvus.io"], "resources": ["milvuses"]}]


class WriteGate:
    """Asks `allows` about each write, one at a time, from the start to the end of a `with`; what it is asked about reads `secrets/certs`."""

    def __init__(self, kubectl: Kubectl, namespace: str, folder: Path, allows: Callable[[str], bool]) -> None:
        self._kubectl, self._namespace, self._allows = kubectl, namespace, allows
        self._name = f"write-gate-{namespace}"
        self._turn, self._is_in_place = threading.Lock(), threading.Event()
        files = make_certificates("localhost")
        for name, content in files.items():
            (folder / name).write_bytes(content)
        self._authority = files["ca.pem"]
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "server.pem", folder / "server.key")
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def __enter__(self) -> "WriteGate":
        """Waits until the API server asks it."""
        self._thread.start()
        self._kubectl.run("label", "namespace", self._namespace, f"write-gate={self._namespace}")
        self._kubectl.apply(self._configuration())
        wait_until(self._is_asked, "a write that passes the gate", interval=0.2)
        return self

    def __exit__(self, *_: object) -> None:
        self._kubectl.run("delete", "validatingwebhookconfiguration", self._name)
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _is_asked(self) -> bool:
        self._kubectl.run("create", "secret", "generic", self._name, f"--namespace={self._namespace}", "--dry-run=server")
        return self._is_in_place.is_set()

    def _answer(self, request: Object) -> bool:
        self._is_in_place.set()
        if request["userInfo"]["username"] != OPERATOR:
            return True
        with self._turn:
            return self._allows(f"{request['resource']['resource']}/{request['name']}")

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        answer = self._answer

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"  # the API server keeps its connections

            def do_POST(self) -> None:
                review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                review["response"] = {"uid": review["request"]["uid"], "allowed": answer(review.pop("request"))}
                body = json.dumps(review).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                with suppress(OSError):  # nobody waits for it when the client has been killed
                    self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Nothing: the tests tell what they need."""

        return Handler

    def _configuration(self) -> Object:
        client = {
            "url": f"https://localhost:{self._server.server_address[1]}/",
            "caBundle": base64.b64encode(self._authority).decode(),
        }
        webhook = {
            "name": "write-gate.example.com",
            "clientConfig": client,
            "rules": [rule | {"apiVersions": ["*"], "operations": ["CREATE", "UPDATE"]} for rule in RULES],
            "namespaceSelector": {"matchLabels": {"write-gate": self._namespace}},
            "admissionReviewVersions": ["v1"],
            "sideEffects": "None",
            "timeoutSeconds": 10,
        }
        kind = {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration"}
        return kind | {"metadata": {"name": self._name}, "webhooks": [webhook]}

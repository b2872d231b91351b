"""A server of admission reviews, which the API server asks over HTTPS before it stores something."""

import base64
import json
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from hand_made import make_certificates
from kubectl import Object


class AdmissionServer:
    """Gives what `answer` makes of each request, from the start to the end of a `with`."""

    def __init__(self, folder: Path, answer: Callable[[Object], Object]) -> None:
        files = make_certificates("localhost")
        folder.mkdir(exist_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "server.pem", folder / "server.key")
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(answer))
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        url = f"https://localhost:{self._server.server_address[1]}/"
        self.client_configuration = {"url": url, "caBundle": base64.b64encode(files["ca.pem"]).decode()}

    def __enter__(self) -> "AdmissionServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def configuration(kind: str, name: str, server: AdmissionServer, rules: list[Object], label: dict[str, str]) -> Object:
    """Of a webhook (Validating or Mutating) for the namespaces with a label."""
    webhook = {
        "name": f"{name}.example.com",
        "clientConfig": server.client_configuration,
        "rules": rules,
        "namespaceSelector": {"matchLabels": label},
        "admissionReviewVersions": ["v1"],
        "sideEffects": "None",
        "timeoutSeconds": 10,
    }
    head = {"apiVersion": "admissionregistration.k8s.io/v1", "kind": f"{kind}WebhookConfiguration"}
    return head | {"metadata": {"name": name}, "webhooks": [webhook]}


def _handler(answer: Callable[[Object], Object]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"  # the API server keeps its connections

        def do_POST(self) -> None:
            review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            request = review.pop("request")
            review["response"] = {"uid": request["uid"]} | answer(request)
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

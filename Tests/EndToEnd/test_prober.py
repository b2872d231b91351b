"""The prober of the rotation tests sees each way in which a connection fails, and goes by the newest Secret."""

import base64
import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hand_made import make_certificates
from kubectl import Object
from prober import Prober, Report, Target
from waiting import wait_until

SERVER_NAME = "milvus.example.com"
Files = dict[str, bytes]


@contextmanager
def server(files: Files, folder: Path, clients: bytes = b"", answer: bytes = b"HTTP/1.1 200 OK\r\n\r\n") -> Iterator[int]:
    """Its port; `clients` are the authorities of the clients that it lets in, anybody's where there are none."""
    for name, content in files.items():
        (folder / name).write_bytes(content)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    if clients:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=clients.decode())

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError), context.wrap_socket(self.request.dup(), server_side=True) as secured:
                secured.recv(4096)
                secured.sendall(answer)
            with suppress(OSError):  # an alert is lost where the server leaves something unread
                self.request.shutdown(socket.SHUT_WR)
                while self.request.recv(4096):
                    pass

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield listening.server_address[1]
        finally:
            listening.shutdown()
            thread.join()


def secret(files: Files, version: str = "1") -> Object:
    return {"metadata": {"resourceVersion": version}, "data": {name: base64.b64encode(content).decode() for name, content in files.items()}}


def probed(port: int, files: Files, server_name: str = SERVER_NAME, is_two_way: bool = False) -> Report:
    """What three connections or more come to."""
    with Prober(Target("127.0.0.1", port, server_name, is_two_way), lambda: secret(files)) as prober:
        wait_until(lambda: prober.report().connections >= 3, "three connections")
    return prober.report()


def assert_all_failed(report: Report, kind: str) -> None:
    assert report.kinds() == {kind: report.connections} and not report.serial_numbers, report


def test_a_good_server_is_connected_to_both_ways(tmp_path: Path) -> None:
    files = make_certificates(SERVER_NAME)
    with server(files, tmp_path) as one_way, server(files, tmp_path, clients=files["ca.pem"]) as two_way:
        for report in (probed(one_way, files), probed(two_way, files, is_two_way=True)):
            assert report.failures == [] and len(report.serial_numbers) == 1


def test_a_server_of_another_authority_or_name_is_a_failure_of_trust(tmp_path: Path) -> None:
    files = make_certificates(SERVER_NAME)
    with server(files, tmp_path) as port:
        assert_all_failed(probed(port, make_certificates(SERVER_NAME)), "trust")
        assert_all_failed(probed(port, files, server_name="other.example.com"), "trust")


def test_a_refused_client_certificate_is_an_alert(tmp_path: Path) -> None:
    files, other = make_certificates(SERVER_NAME), make_certificates(SERVER_NAME)
    with server(files, tmp_path, clients=other["ca.pem"]) as port:
        assert_all_failed(probed(port, files, is_two_way=True), "alert")


def test_a_port_that_nobody_listens_on_is_refused(tmp_path: Path) -> None:
    files = make_certificates(SERVER_NAME)
    with server(files, tmp_path) as port:
        pass
    assert_all_failed(probed(port, files), "refused")


def test_a_connection_that_ends_without_an_answer_is_cut_off(tmp_path: Path) -> None:
    files = make_certificates(SERVER_NAME)
    with server(files, tmp_path, answer=b"") as port:
        assert_all_failed(probed(port, files), "cut off")


def test_a_secret_without_an_authority_is_a_failure_of_the_secret(tmp_path: Path) -> None:
    files = make_certificates(SERVER_NAME)
    with server(files, tmp_path) as port:
        assert_all_failed(probed(port, {"ca.pem": b""}), "Secret")


def test_the_next_connection_goes_by_the_newest_secret(tmp_path: Path) -> None:
    files, former = make_certificates(SERVER_NAME), make_certificates(SERVER_NAME)
    newest = [secret(former)]
    with server(files, tmp_path) as port, Prober(Target("127.0.0.1", port, SERVER_NAME), lambda: newest[0]) as prober:
        wait_until(lambda: prober.report().failures, "a failure of trust")
        newest[0] = secret(files, "2")
        wait_until(lambda: prober.report().serial_numbers, "a connection")
    assert set(prober.report().kinds()) == {"trust"}

"""Clients that connect through a Service 20 times a second, each with what the client Secret says at that time."""

import datetime
import itertools
import socket
import ssl
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from certificates import unpack
from kubectl import Object

RATE = 20  # a second
TIMEOUT = 5  # seconds, of each step
REQUEST = b"GET / HTTP/1.1\r\nHost: milvus\r\nConnection: close\r\n\r\n"


@dataclass(frozen=True)
class Failure:
    time: datetime.datetime
    kind: str  # Secret, trust, alert, refused, timeout, cut off, or the name of an exception
    message: str


@dataclass
class Report:
    connections: int = 0
    failures: list[Failure] = field(default_factory=list)
    serial_numbers: set[str] = field(default_factory=set)
    """Of the certificates that the servers showed."""

    def kinds(self) -> dict[str, int]:
        """How many failures there were of each kind."""
        return dict(Counter(failure.kind for failure in self.failures))


@dataclass(frozen=True)
class Target:
    address: str
    port: int
    server_name: str
    is_two_way: bool = False


class Prober:
    """Connects from the start to the end of a `with`."""

    def __init__(self, target: Target, secret: Callable[[], Object]) -> None:
        """`secret` gives the newest state of the client Secret at once."""
        self._target, self._secret = target, secret
        self._report, self._lock = Report(), threading.Lock()
        self._is_stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._started = 0.0

    def __enter__(self) -> "Prober":
        self._started = time.monotonic()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_stopped.set()
        self._thread.join()

    def report(self) -> Report:
        """What there was so far."""
        with self._lock:
            return Report(self._report.connections, list(self._report.failures), set(self._report.serial_numbers))

    def _run(self) -> None:
        context, version = None, None
        with ThreadPoolExecutor(max_workers=2 * RATE) as threads:
            # A late one is made up for, so that the rate is kept.
            for number in itertools.count(1):
                secret = self._secret()
                if (newest := secret["metadata"]["resourceVersion"]) != version:
                    context, version = self._context(secret), newest
                threads.submit(self._connect, context)
                if self._is_stopped.wait(max(0.0, self._started + number / RATE - time.monotonic())):
                    return

    def _context(self, secret: Object) -> ssl.SSLContext | Failure:
        try:
            return client_context(secret, self._target.is_two_way)
        except (ssl.SSLError, OSError, KeyError) as error:
            return _failure("Secret", error)

    def _connect(self, context: ssl.SSLContext | Failure) -> None:
        serial_number, failure = "", context
        if isinstance(context, ssl.SSLContext):
            serial_number, failure = _answer(self._target, context)
        with self._lock:
            self._report.connections += 1
            if failure:
                self._report.failures.append(failure)
            else:
                self._report.serial_numbers.add(serial_number)


def client_context(secret: Object, is_two_way: bool) -> ssl.SSLContext:
    """Trusts what the Secret's `ca.pem` holds and nothing else; one-way leaves the client's own certificate aside."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with tempfile.TemporaryDirectory() as folder:
        files = unpack(secret, Path(folder))
        context.load_verify_locations(files / "ca.pem")
        if is_two_way:
            context.minimum_version = ssl.TLSVersion.TLSv1_3
            context.load_cert_chain(files / "client.pem", files / "client.key")
    return context


def _answer(target: Target, context: ssl.SSLContext) -> tuple[str, Failure | None]:
    """The serial number of the server's certificate, once the server has answered: a refused client certificate shows only then."""
    try:
        with socket.create_connection((target.address, target.port), timeout=TIMEOUT) as plain:
            with context.wrap_socket(plain, server_hostname=target.server_name) as secured:
                serial_number = secured.getpeercert()["serialNumber"].lower()
                with suppress(OSError):  # what the server has against it is there to be read
                    secured.sendall(REQUEST)
                answer = secured.recv(4096)
    except Exception as error:  # whatever it is, the connection failed
        return "", _failure(_kind(error), error)
    return serial_number, None if answer.startswith(b"HTTP/1.1 200 ") else _failure("cut off", f"the answer was {answer[:100]!r}")


def _kind(error: Exception) -> str:
    match error:
        case ssl.SSLCertVerificationError():
            return "trust"
        case ssl.SSLEOFError() | ssl.SSLZeroReturnError() | ConnectionResetError() | BrokenPipeError():
            return "cut off"
        case ssl.SSLError():
            return "alert"
        case ConnectionRefusedError():
            return "refused"
        case TimeoutError():
            return "timeout"
        case _:
            return type(error).__name__


def _failure(kind: str, reason: object) -> Failure:
    return Failure(datetime.datetime.now(datetime.UTC), kind, str(reason))

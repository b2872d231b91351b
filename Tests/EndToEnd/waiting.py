"""Waits for what no watch tells: the state of processes, of files and of etcd."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")


def wait_until(holds: Callable[[], Value], what: str, timeout: float = 60, interval: float = 0.05) -> Value:
    """What `holds` returns once that is true."""
    deadline = time.monotonic() + timeout
    while not (value := holds()):
        assert time.monotonic() < deadline, f"{what}: not seen in {timeout} s"
        threading.Event().wait(interval)
    return value

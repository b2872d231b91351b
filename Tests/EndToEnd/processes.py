"""Processes that the tests start: each with a log of its own, ended by its id, and never outliving the tests."""

import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path


class LoggedProcess:
    """A process whose output goes to a file. It dies with the tests even when they are killed."""

    def __init__(self, name: str, command: Sequence[str | Path], log: Path) -> None:
        self.name, self.log = name, log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", *map(str, command)],
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
            )

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def stop(self, number: signal.Signals = signal.SIGTERM, timeout: float = 10) -> tuple[int, float]:
        """Sends a signal and waits for the end; the exit code (negative: killed by that signal) and the seconds it took."""
        start = time.monotonic()
        self._process.send_signal(number)
        try:
            code = self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        return code, time.monotonic() - start

    def output(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

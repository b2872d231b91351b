"""The single-node Kubernetes of scripts/node.sh."""

import ctypes
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
CLONE_NEWNET = 0x40000000  # sched.h; os.setns came with Python 3.12


class Node:
    """A running node. The tests, and what they start, live in its network from `start` to `stop`."""

    etcd_url = "http://127.0.0.1:2379"

    def __init__(self) -> None:
        self.state = Path(tempfile.mkdtemp(prefix="milvus-tls-node."))
        self.kubeconfig = self.state / "kubeconfig"
        self.operator_kubeconfig = self.state / "operator.kubeconfig"
        self.audit_log = self.state / "audit.log"
        self._own_network = os.open("/proc/self/ns/net", os.O_RDONLY)
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Waits until pods can run: half a minute."""
        log = self.state / "node.log"
        command = ["setpriv", "--pdeathsig", "TERM", str(REPOSITORY / "scripts/node.sh"), "run", str(self.state)]
        with log.open("wb") as errors:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, text=True)
        # The script has deadlines of its own and ends when one passes.
        if self._process.stdout.readline() != "ready\n":
            raise RuntimeError(f"the node did not become ready:\n{log.read_text()}")
        pid = (self.state / "pid").read_text().strip()
        network = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY)
        _enter(network)
        os.close(network)

    def stop(self) -> None:
        _enter(self._own_network)
        if self._process:
            with self._process as process:
                process.terminate()
        shutil.rmtree(self.state, ignore_errors=True)


def _enter(network: int) -> None:
    """Moves the calling thread, and all that starts from it, to a network namespace."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(network, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns: cannot enter the network of the node")

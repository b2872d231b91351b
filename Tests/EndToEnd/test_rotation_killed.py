"""The operator is killed before each write of an authority's rotation, and so after each: it goes on where it was, and no connection fails."""

import queue
import signal
from collections import Counter
from pathlib import Path

from conftest import Operator
from kubectl import Kubectl
from node import Node
from outcome import assert_secrets_are_used
from served_release import NAME, ask_for_authority, served_releases, wait_for_authority
from write_gate import WriteGate

NAMESPACE = "killed"
WRITES = Counter({"secrets/certs-ca": 2, "secrets/certs": 3, "secrets/certs-client": 3, f"milvuses/{NAME}": 3})
"""Of an authority's rotation: the next one is put beside it, and takes over; at each of the three steps the leaves' Secrets change, and the pods are
rolled."""


class Killer:
    """Kills the operator at its first attempt of each write, and lets the write of the next one through."""

    def __init__(self, operator: Operator) -> None:
        self._operator, self._is_first_attempt = operator, False
        self.kills: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.stored: Counter[str] = Counter()

    def allows(self, write: str) -> bool:
        if not self._operator.process.is_running:
            return False  # it was sent together with one that the operator was killed at
        self._is_first_attempt = not self._is_first_attempt
        if self._is_first_attempt:
            self._operator.stop(signal.SIGKILL)
            self.kills.put(write)
            return False
        self.stored[write] += 1
        return True


def test_a_killed_operator_goes_on_with_the_rotation_of_an_authority_where_it_was(
    node: Node, kubectl: Kubectl, operator_for_seconds: Operator, tmp_path: Path
) -> None:
    killer, killed = Killer(operator_for_seconds), Counter()
    with served_releases(node, kubectl, {NAMESPACE: "TwoWay"}, authority={"overlap": "0s"}) as [release]:
        with WriteGate(kubectl, NAMESPACE, tmp_path, killer.allows):
            ask_for_authority(kubectl, NAMESPACE, "1")
            while killed != WRITES:
                write = killer.kills.get(timeout=60)
                killed[write] += 1
                operator_for_seconds.start()
            wait_for_authority(kubectl, NAMESPACE, "1")
        assert killer.stored == WRITES and killer.kills.empty()
        assert_secrets_are_used(kubectl, {NAMESPACE})
        assert len(release.secrets.serial_numbers("certs-ca", "ca.pem")) == 2
        release.assert_no_connection_failed()

"""The operator is killed before each write of a rotation, and so after each: it goes on where it was, and no connection fails."""

import queue
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import Operator
from kubectl import Kubectl
from node import Node
from outcome import assert_secrets_are_used
from served_release import NAME, ask_for_rotation, served_releases, wait_for_rotation
from write_gate import WriteGate

NAMESPACE = "killed"
LEAF_ROTATION = Counter({"secrets/certs": 1, "secrets/certs-client": 1, f"milvuses/{NAME}": 1})


class Killer:
    """Kills the operator at its first attempt of each write, and lets the write of the next one through."""

    def __init__(self, operator: Operator) -> None:
        self._operator, self._is_retried = operator, False
        self.kills: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.stored: Counter[str] = Counter()

    def allows(self, write: str) -> bool:
        if not self._operator.process.is_running:
            return False  # it was sent together with one that the operator was killed at
        self._is_retried = not self._is_retried
        if self._is_retried:
            self._operator.stop(signal.SIGKILL)
            self.kills.put(write)
            return False
        self.stored[write] += 1
        return True


@pytest.fixture
def own_operator(node: Node, operator: Operator, tmp_path: Path) -> Iterator[Operator]:
    """To be killed, while the other rests."""
    operator.stop()
    own = Operator(tmp_path, node.operator_kubeconfig)
    try:
        with own.running():
            yield own
    finally:
        operator.start()


def test_a_killed_operator_goes_on_with_a_rotation_where_it_was(
    node: Node, kubectl: Kubectl, own_operator: Operator, tmp_path: Path
) -> None:
    killer, killed = Killer(own_operator), Counter()
    with served_releases(node, kubectl, {NAMESPACE: "TwoWay"}) as [release]:
        with WriteGate(kubectl, NAMESPACE, tmp_path, killer.allows):
            ask_for_rotation(kubectl, NAMESPACE, "1")
            while killed != LEAF_ROTATION:
                killed[killer.kills.get(timeout=60)] += 1
                own_operator.start()
            wait_for_rotation(kubectl, NAMESPACE, "1")
        assert killer.stored == LEAF_ROTATION and killer.kills.empty()
        assert_secrets_are_used(kubectl, {NAMESPACE})
        release.assert_no_connection_failed()

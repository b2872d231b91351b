"""Certificates that are renewed under clients that never stop connecting: two replicas of a server that reads them once, rolled by a Deployment."""

import os

from conftest import Operator
from kubectl import Kubectl
from node import Node
from served_release import ask_for_rotation, served_releases, wait_for_rotation

MODES = {"one-way": "OneWay", "two-way": "TwoWay"}  # by namespace
SOAK = int(os.environ.get("ROTATION_SOAK", "1"))
"""How many times as many rotations as in `make test`."""


def test_leaf_rotations_fail_no_connection(node: Node, kubectl: Kubectl, operator: Operator) -> None:
    count = 3 * SOAK
    with served_releases(node, kubectl, MODES) as releases:
        for number in range(count):
            for namespace in MODES:
                ask_for_rotation(kubectl, namespace, str(number))
            for namespace in MODES:
                wait_for_rotation(kubectl, namespace, str(number))
        for release in releases:
            report = release.assert_no_connection_failed()
            issued = release.secrets.serial_numbers("certs", "server.pem")
            assert len(issued) == count + 1 and report.serial_numbers == set(issued)

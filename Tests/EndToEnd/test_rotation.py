"""Certificates that are renewed under clients that never stop connecting: two replicas of a server that reads them once, rolled by a Deployment."""

import os

from conftest import Operator
from kubectl import Kubectl
from node import Node
from served_release import Release, served_releases
from waiting import wait_until

MODES = {"one-way": "OneWay", "two-way": "TwoWay"}  # by namespace
SOAK = int(os.environ.get("ROTATION_SOAK", "1"))
"""How many times as many rotations as in `make test`."""
LEAF_ROTATIONS = 10 * SOAK
"""Of each release; the rest of the lifetime is for a rollout on a busy machine."""
CERTIFICATE = {"duration": "60s", "renewBefore": "50s"}


def test_certificates_that_renew_themselves_fail_no_connection(node: Node, kubectl: Kubectl, operator_for_seconds: Operator) -> None:
    with served_releases(node, kubectl, MODES, certificate=CERTIFICATE) as releases:
        for release in releases:
            wait_until(lambda: len(issued(release)) > LEAF_ROTATIONS, "the rotations", timeout=60 * LEAF_ROTATIONS, interval=0.5)
        for release in releases:
            report, numbers = release.assert_no_connection_failed(), issued(release)
            assert report.serial_numbers >= set(numbers[:-1]), "a certificate that no server showed"
            print(f"{release.namespace}: {len(numbers) - 1} rotations, {report.connections} connections")


def issued(release: Release) -> list[str]:
    """The serial numbers of the server's certificates, the first one before any rotation."""
    return release.secrets.serial_numbers("certs", "server.pem")

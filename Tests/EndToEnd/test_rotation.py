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
LEAF_ROTATIONS, AUTHORITY_ROTATIONS = 20 * SOAK, 3 * SOAK
"""Of each release."""
LIFETIMES = {"certificate": {"duration": "60s", "renewBefore": "50s"}, "authority": {"duration": "150s", "overlap": "0s"}}
"""What is left of them at a renewal is for rollouts on a busy machine."""


def test_certificates_that_renew_themselves_fail_no_connection(node: Node, kubectl: Kubectl, operator_for_seconds: Operator) -> None:
    with served_releases(node, kubectl, MODES, **LIFETIMES) as releases:
        for release in releases:
            wait_until(lambda: has_rotated(release), "the rotations", timeout=100 * AUTHORITY_ROTATIONS + 300, interval=0.5)
        for release in releases:
            report, servers, authorities = release.assert_no_connection_failed(), servers_of(release), authorities_of(release)
            assert report.serial_numbers >= set(servers[:-1]), "a certificate that no server showed"
            print(f"{release.namespace}: {len(servers) - 1} and {len(authorities) - 1} rotations, {report.connections} connections")


def has_rotated(release: Release) -> bool:
    return len(servers_of(release)) > LEAF_ROTATIONS and len(authorities_of(release)) > AUTHORITY_ROTATIONS


def servers_of(release: Release) -> list[str]:
    """The serial numbers of the server's certificates, the first one before any rotation."""
    return release.secrets.serial_numbers("certs", "server.pem")


def authorities_of(release: Release) -> list[str]:
    return release.secrets.serial_numbers("certs-ca", "ca.pem")

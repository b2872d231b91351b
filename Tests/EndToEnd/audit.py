"""What the operator asked of the API server, as that recorded it (the policy is in scripts/node.sh)."""

import datetime
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

WRITES = {"create", "update", "patch", "delete", "deletecollection"}


@dataclass
class Request:
    received: datetime.datetime
    pod: str  # empty for a user that is no service account
    user: str  # empty where the token was refused
    verb: str
    group: str
    resource: str
    namespace: str  # empty for a request about the whole cluster
    uri: str
    code: int
    message: str  # of an error
    lease_holder: str  # in the Lease that the server answered with

    @property
    def is_from_a_pod(self) -> bool:
        return self.user.startswith("system:serviceaccount:")

    @property
    def is_lease(self) -> bool:
        return self.resource == "leases"

    @property
    def is_write(self) -> bool:
        """Reviews are created to ask a question, and change nothing."""
        return self.verb in WRITES and not self.was_cut_off and not self.resource.endswith("reviews")

    @property
    def was_cut_off(self) -> bool:
        """Its head came and its body never: the lead was found lost in between. The record then has a 500 that nobody formed an answer of."""
        return self.code == 500 and not self.message

    def __str__(self) -> str:
        return f"{self.received.time()} {self.pod or self.user}: {self.verb} {self.uri}: {self.code} {self.message}"


class AuditLog:
    """The answered requests, in the order in which they were received."""

    def __init__(self, path: Path) -> None:
        self._path, self._read, self._requests = path, 0, []

    def requests(self) -> list[Request]:
        """All so far."""
        with self._path.open("rb") as log:
            log.seek(self._read)
            for line in log:
                if not line.endswith(b"\n"):
                    break
                self._read += len(line)
                event = json.loads(line)
                if event["stage"] == "ResponseComplete":
                    self._requests.append(_request(event))
        return sorted(self._requests, key=lambda request: request.received)


def writes_without_the_lead(requests: Iterable[Request]) -> list[Request]:
    """Writes by pods other than the one that had taken the Lease last; whoever writes first must have taken it."""
    leader, found = "", []
    for request in requests:
        if not request.is_write:
            continue
        if not request.is_lease:
            found += [request] if request.pod != leader else []
        elif request.code < 300:
            leader = request.pod if request.lease_holder else ""
    return found


def _request(event: dict) -> Request:
    reference, user = event.get("objectRef", {}), event.get("user", {})
    lease = event.get("responseObject", {}).get("spec", {})
    return Request(
        received=datetime.datetime.fromisoformat(event["requestReceivedTimestamp"]),
        pod=user.get("extra", {}).get("authentication.kubernetes.io/pod-name", [""])[0],
        user=user.get("username", ""),
        verb=event["verb"],
        group=reference.get("apiGroup", ""),
        namespace=reference.get("namespace", ""),
        resource="/".join(filter(None, (reference.get("resource"), reference.get("subresource")))),
        uri=event["requestURI"],
        code=event["responseStatus"]["code"],
        message=event["responseStatus"].get("message", ""),
        lease_holder=lease.get("holderIdentity") or "",
    )

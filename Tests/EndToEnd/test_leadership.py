"""Two replicas: one writes at any time, and the other takes over, however the first ends."""

import datetime
import signal
import threading
from collections.abc import Iterator

import pytest

import images
from audit import AuditLog, Request, writes_without_the_lead
from deployed_operator import DeployedOperator, Leader
from etcd import Etcd
from kubectl import Kubectl, Object, condition
from kubernetes_api import KubernetesAPI
from milvuses import annotations, milvus
from node import Node
from outcome import assert_complete, assert_secrets_written_once, unready
from waiting import wait_until

NAMESPACE = "leadership"


class Users:
    """Make Milvus resources without pods, two a second: the leader always has something to write."""

    def __init__(self, node: Node) -> None:
        self._api = KubernetesAPI(node.kubeconfig)
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def stop(self) -> None:
        self._end.set()
        self._thread.join()

    def _run(self) -> None:
        number = 0
        while not self._end.wait(0.5):
            number += 1
            parts = {"image": images.MILVUS_2_5, "standalone": {"replicas": 0}}
            item = milvus(f"milvus-{number}", NAMESPACE, images.MILVUS_2_5, annotations(internal="true"), components=parts)
            self._api.apply(f"/apis/milvus.io/v1beta1/namespaces/{NAMESPACE}/milvuses/{item['metadata']['name']}", item)


@pytest.fixture(scope="module")
def users(deployed_operator: DeployedOperator, kubectl: Kubectl, node: Node) -> Iterator[Users]:
    kubectl.create_namespace(NAMESPACE)
    users = Users(node)
    try:
        yield users
    finally:
        users.stop()
        kubectl.run("delete", "milvuses", "--all", f"--namespace={NAMESPACE}")  # other tests wait for the pods of every Milvus


@pytest.fixture(scope="module")
def audit_log(node: Node) -> AuditLog:
    return AuditLog(node.audit_log)


@pytest.fixture
def leader(deployed_operator: DeployedOperator, users: Users, audit_log: AuditLog) -> Leader:
    """Who leads and writes, when the other replica is ready to."""
    wait_until(lambda: all(is_ready(pod) for pod in deployed_operator.pods()), "two replicas that are ready", interval=0.2)
    leader = deployed_operator.leader()
    wait_for_a_write(audit_log, leader)
    return leader


def wait_for_a_write(log: AuditLog, leader: Leader) -> None:
    """A leader that is ended before would have led without a trace."""

    def has_written() -> bool:
        """Since it has taken the Lease: its pod may have led before, with another identity."""
        requests = log.requests()
        taken = next((number for number, request in enumerate(requests) if request.lease_holder == leader.identity), len(requests))
        return any(is_write_for_users(request) and request.pod == leader.pod["metadata"]["name"] for request in requests[taken:])

    wait_until(has_written, f"a write of leader {leader.identity}", interval=0.2)


def is_write_for_users(request: Request) -> bool:
    return request.is_write and f"/namespaces/{NAMESPACE}/" in request.uri


def is_ready(pod: Object) -> bool:
    return condition(pod, "Ready").get("status") == "True"


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def seconds_until_another_leads(log: AuditLog, leader: Leader, since: datetime.datetime, timeout: float) -> float:
    """From a moment until the first write that gives the Lease to another."""

    def taken() -> Request | None:
        writes = (request for request in log.requests() if request.is_lease and request.is_write and request.code < 300)
        return next((write for write in writes if write.received > since and write.lease_holder not in ("", leader.identity)), None)

    return (wait_until(taken, f"another leader than {leader.identity}", timeout, interval=0.2).received - since).total_seconds()


def test_a_leader_that_is_stopped_is_replaced_within_two_seconds(
    leader: Leader, audit_log: AuditLog, deployed_operator: DeployedOperator
) -> None:
    start = now()
    deployed_operator.signal(leader.pod, signal.SIGTERM)
    assert seconds_until_another_leads(audit_log, leader, start, timeout=20) < 2


def test_a_leader_that_is_killed_is_replaced_within_twenty_seconds(
    leader: Leader, audit_log: AuditLog, deployed_operator: DeployedOperator
) -> None:
    start = now()
    deployed_operator.signal(leader.pod, signal.SIGKILL)
    assert seconds_until_another_leads(audit_log, leader, start, timeout=40) < 20


def test_a_leader_that_was_frozen_reads_the_lease_before_it_writes_again(
    leader: Leader, audit_log: AuditLog, deployed_operator: DeployedOperator
) -> None:
    start = now()
    deployed_operator.signal(leader.pod, signal.SIGSTOP)
    try:
        assert seconds_until_another_leads(audit_log, leader, start, timeout=40) < 20
    finally:
        continued = now()
        deployed_operator.signal(leader.pod, signal.SIGCONT)
    # It leads again when the other has ended.
    other = deployed_operator.leader()
    assert other.identity != leader.identity
    wait_for_a_write(audit_log, other)
    deployed_operator.signal(other.pod, signal.SIGTERM)
    seconds_until_another_leads(audit_log, other, continued, timeout=40)
    own = [request for request in audit_log.requests() if request.pod == leader.pod["metadata"]["name"] and request.received > continued]
    first = next(request for request in own if request.is_write or request.is_lease and request.verb != "watch")
    assert (first.verb, first.resource) == ("get", "leases"), str(first)


def test_only_the_holder_of_the_lease_wrote(users: Users, audit_log: AuditLog) -> None:
    made = [request for request in audit_log.requests() if request.is_from_a_pod]
    assert len({request.pod for request in made if is_write_for_users(request)}) == 2, "both have led"
    assert [str(request) for request in writes_without_the_lead(made)] == []


def test_nothing_was_lost_and_no_secret_written_twice(users: Users, kubectl: Kubectl, node: Node) -> None:
    users.stop()
    wait_until(lambda: not unready(kubectl, {NAMESPACE}), "TLS in place for every Milvus", interval=0.5)
    assert_complete(kubectl, {NAMESPACE})
    assert_secrets_written_once(Etcd(node.etcd_url), {NAMESPACE})

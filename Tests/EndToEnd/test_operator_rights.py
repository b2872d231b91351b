"""The operator with the chart's rights alone. A full life is refused nothing and uses each right, so no rule is spare; without any one of
them something of the life is refused, and the operator's log says what."""

import datetime
import itertools
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from audit import AuditLog, Request
from chart_rights import Right, granted, kubeconfig_of, lacking_one, rendered, roles
from conftest import Operator
from control_plane import ControlPlane
from helm import NAMESPACE
from kubectl import Kubectl, Object
from node import REPOSITORY, Node
from operator_life import Life
from waiting import wait_until

CERT_MANAGER = f"--filename={REPOSITORY / 'Tests/Fixtures/certificate-crd.yaml'}"
LEADS = ("--leader-elect", "--leader-election-namespace")


@dataclass
class Lived:
    """A life that is over: what the chart granted for it, and what the operator asked for."""

    namespace: str
    in_one_namespace: bool
    objects: list[Object]
    requests: list[Request]

    @property
    def used(self) -> set[Right]:
        """The rights behind the requests that were granted."""
        return {Right(request.group, request.resource, request.verb) for request in self.requests if request.resource and request.code < 300}


def requests_since(start: datetime.datetime, log: AuditLog) -> list[Request]:
    """Of the operator's service account, and those whose token was refused."""
    return [request for request in log.requests() if request.received > start and (request.is_from_a_pod or not request.user)]


@pytest.fixture(scope="module", params=["in-the-cluster", "in-one-namespace"])
def lived(request: pytest.FixtureRequest, node: Node, kubectl: Kubectl, operator: Operator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    """Two replicas, of which the first stops in the middle of the life."""
    folder, namespace = tmp_path_factory.mktemp("rights"), f"rights-{request.param}"
    in_one_namespace = request.param == "in-one-namespace"
    kubectl.create_namespace(namespace)
    kubectl.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    objects = rendered({"watchNamespaces": [namespace]} if in_one_namespace else {})
    remove(kubectl, [*objects, {"kind": "Lease", "metadata": {"name": NAMESPACE}}])  # what other tests have left of that name
    operator.stop()
    try:
        kubectl.apply(*objects)
        kubectl.run("apply", CERT_MANAGER)
        kubeconfig = kubeconfig_of(NAMESPACE, kubectl, folder / "kubeconfig")
        watched = ("--namespace", namespace) if in_one_namespace else ()
        replicas = [Operator(new_folder(folder / name), kubeconfig, *LEADS, NAMESPACE, *watched) for name in ("first", "second")]
        start, log = datetime.datetime.now(datetime.UTC), AuditLog(node.audit_log)
        live(Life(node.kubeconfig, namespace, has_pods=True), replicas, start, log)
        yield Lived(namespace, in_one_namespace, objects, requests_since(start, log))
    finally:
        for kind in ("milvustls", "milvus"):  # other tests wait for the pods of every Milvus
            kubectl.run("delete", kind, "--all", f"--namespace={namespace}", "--wait=false")
        kubectl.run("delete", CERT_MANAGER, "--ignore-not-found")
        remove(kubectl, objects)
        operator.start()


def new_folder(folder: Path) -> Path:
    folder.mkdir()
    return folder


def remove(kubectl: Kubectl, objects: list[Object]) -> None:
    for item in objects:
        kubectl.run("delete", item["kind"], item["metadata"]["name"], f"--namespace={item['metadata'].get('namespace', NAMESPACE)}", "--ignore-not-found")


def live(life: Life, replicas: list[Operator], start: datetime.datetime, log: AuditLog) -> None:
    def asked_again() -> bool:
        got = {request.resource for request in requests_since(start, log) if request.verb == "get" and request.code < 300}
        return {"milvuses", "milvustls"} <= got

    first, second = replicas
    with ExitStack() as stack:
        stack.enter_context(first.running())
        for number, (what, holds) in enumerate(itertools.chain(life.steps(), life.conflicts(asked_again))):
            wait_until(holds, what, timeout=120, interval=0.2)
            if number == 0:
                stack.enter_context(second.running())
            if number == 2:
                first.stop()


def test_nothing_is_refused(lived: Lived) -> None:
    assert [str(request) for request in lived.requests if request.code in (401, 403)] == []


def test_each_right_is_used_and_given_once(lived: Lived) -> None:
    """RBAC only ever adds: a right that one rule alone gives, and that a request needed, cannot go."""
    rights = granted(lived.objects)
    # The Lease's own rule and the one for its creation share no verb.
    assert len(set(rights)) == len(rights) > 30
    assert sorted(map(str, lived.used)) == sorted(map(str, rights))


def test_in_one_namespace_no_request_goes_elsewhere(lived: Lived) -> None:
    """In the namespace of its own the operator has the Lease alone, wherever it watches."""
    places = {(request.resource, request.namespace) for request in lived.requests if request.resource}
    assert {resource for resource, namespace in places if namespace == NAMESPACE} == {"leases"}
    if lived.in_one_namespace:
        assert {namespace for _, namespace in places} == {lived.namespace, NAMESPACE}


@dataclass
class Lacking:
    """A service account with the chart's rights in a namespace of its own, but for one."""

    name: str
    right: Right
    objects: list[Object]


def all_lacking_one() -> Iterator[Lacking]:
    """One for each right."""
    placeholder = "lacking-one"
    whole = rendered({"fullnameOverride": placeholder, "watchNamespaces": [placeholder], "leaderElection": {"namespace": placeholder}})
    changes = [(role, changed, right) for role in roles(whole) for changed, right in lacking_one(role)]
    for number, (role, changed, right) in enumerate(changes):
        name = f"lacking-{number:02}"
        objects = [changed if item is role else item for item in whole]
        yield Lacking(name, right, json.loads(json.dumps(objects).replace(placeholder, name)))


def refusal(lacking: Lacking, control_plane: ControlPlane) -> str:
    """The line of the operator's log that says so; empty where it lives its life without that right."""
    folder = new_folder(control_plane.folder / lacking.name)
    kubeconfig = kubeconfig_of(lacking.name, control_plane.kubectl, folder / "kubeconfig")
    operator = Operator(folder, kubeconfig, *LEADS, lacking.name, "--namespace", lacking.name)
    life = Life(control_plane.kubeconfig("admin"), lacking.name, has_pods=False)

    def refused() -> str:
        words = f'cannot {lacking.right.verb} resource "{lacking.right.resource}" in API group "{lacking.right.group}"'
        return next((line for line in operator.output().splitlines() if words in line), "")

    last = life.a_pod() if lacking.right.resource == "pods/log" else life.conflicts(refused)
    with operator.running():
        for what, holds in itertools.chain(life.steps(), last):
            wait_until(lambda holds=holds: refused() or holds(), f"{what}, or a refusal without {lacking.right}", timeout=90, interval=0.3)
            if refused():
                break
    return refused()


def test_without_any_one_right_something_of_the_life_is_refused_and_logged(control_plane: ControlPlane) -> None:
    """All of them side by side on one server, each in a namespace of its own."""
    all_lacking = list(all_lacking_one())
    control_plane.kubectl.run("apply", CERT_MANAGER)
    names = [NAMESPACE, *(lacking.name for lacking in all_lacking)]
    control_plane.kubectl.apply(*({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}} for name in names))
    control_plane.kubectl.apply(*(item for lacking in all_lacking for item in lacking.objects))
    with ThreadPoolExecutor(max_workers=8) as pool:
        lines = list(pool.map(lambda lacking: refusal(lacking, control_plane), all_lacking))
    assert len(lines) > 30
    for lacking, line in zip(all_lacking, lines, strict=True):
        assert any(word in line for word in (" WARN ", " ERROR ", "Verified=Unknown LogUnreadable")), f"without {lacking.right}: {line}"

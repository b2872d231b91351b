"""The chart on the node, from the README's commands to a second installation, with a Milvus that has TLS in place."""

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

import images
from audit import AuditLog, Request
from conftest import Operator
from helm import CHART, NAMESPACE, RELEASE, Helm
from kubectl import Kubectl, Object, condition
from milvuses import annotations, milvus, pods_of, wait_for_condition
from node import REPOSITORY, Node
from waiting import wait_until

MILVUS = "my-release"
TENANT, OTHER = "helm-tenant", "helm-other"
OWN = f"--namespace={NAMESPACE}"


@pytest.fixture(scope="module")
def helm(node: Node, kubectl: Kubectl, operator: Operator) -> Iterator[Helm]:
    """Of a cluster without the operator: no definition of MilvusTLS, no rights, no namespace. Afterwards the definition is there."""
    operator.stop()
    images.load_operator(node.state / "containerd.sock")
    kubectl.run("delete", f"--kustomize={REPOSITORY / 'Manifests'}", "--ignore-not-found")
    helm = Helm(node.kubeconfig)
    try:
        yield helm
        uninstall(helm, kubectl)
    finally:
        operator.start()


def uninstall(helm: Helm, kubectl: Kubectl) -> None:
    """Waits until no pod is left. The kubelet of a busy machine takes its time."""
    helm.run("uninstall", RELEASE, OWN, "--wait", "--ignore-not-found")
    wait_until(lambda: not kubectl.list("pods", OWN), "the end of the operator's pods", timeout=240, interval=0.5)


@dataclass
class Serving:
    """What must not change while the operator comes and goes."""

    containers: dict[str, int]  # restarts by the pod's UID
    secrets: dict[str, str]  # resourceVersion by name
    generation: int  # of the Milvus


def serving(kubectl: Kubectl, namespace: str) -> Serving:
    pods = pods_of(kubectl, MILVUS, namespace)
    secrets = kubectl.list("secrets", f"--namespace={namespace}", f"--selector=tls.milvus.io/milvus={MILVUS}")
    assert pods and len(secrets) == 3
    return Serving(
        {pod["metadata"]["uid"]: pod["status"]["containerStatuses"][0]["restartCount"] for pod in pods},
        {secret["metadata"]["name"]: secret["metadata"]["resourceVersion"] for secret in secrets},
        kubectl.get("milvus", MILVUS, namespace)["metadata"]["generation"],
    )


def wait_for_leader(kubectl: Kubectl) -> None:
    """One of the pods that are there now, which then has looked at every Milvus."""
    pods = kubectl.list("pods", OWN, "--selector=app.kubernetes.io/component=controller")
    names = tuple(pod["metadata"]["name"] for pod in pods if not pod["metadata"].get("deletionTimestamp"))
    kubectl.wait_for("lease", RELEASE, NAMESPACE, lambda lease: (lease["spec"].get("holderIdentity") or "").startswith(names), f"one of {names} leads")


def prove_that_it_works(kubectl: Kubectl, namespace: str, name: str) -> None:
    """A new Milvus gets its TLS, so a Milvus from before was looked at too."""
    kubectl.apply(milvus(name, namespace, images.MILVUS_2_5, annotations(internal="true")))
    wait_for_condition(kubectl, name, namespace, "Ready", "True")


def commands_of_the_readme() -> list[str]:
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8").split("## Install\n")[1]
    return re.findall(r"^\$ (.*)$", text.split("```console\n")[1].split("```")[0], flags=re.M)


def requests(node: Node) -> list[Request]:
    return [request for request in AuditLog(node.audit_log).requests() if request.is_from_a_pod]


@pytest.fixture(scope="module")
def before(helm: Helm, node: Node, kubectl: Kubectl) -> Serving:
    """The operator as the README installs it, and a Milvus that is verified."""
    commands = commands_of_the_readme()
    assert [command.split()[:2] for command in commands] == [["helm", "install"], ["helm", "test"]]
    for command in commands:
        helm.run(*command.split()[1:])
    kubectl.create_namespace(TENANT)
    kubectl.apply(milvus(MILVUS, TENANT, images.MILVUS_2_5, annotations(internal="true")))
    wait_for_condition(kubectl, MILVUS, TENANT, "Verified", "True")
    return serving(kubectl, TENANT)


def test_a_release_is_verified_after_the_commands_of_the_readme(before: Serving, helm: Helm) -> None:
    assert "deployed" in helm.run("status", RELEASE, OWN)
    assert "kubectl annotate milvus" in helm.run("get", "notes", RELEASE, OWN)


def test_helm_test_fails_where_a_right_is_missing(before: Serving, helm: Helm, kubectl: Kubectl) -> None:
    role = kubectl.get("clusterrole", RELEASE, "")
    kubectl.patch("clusterrole", RELEASE, "", {"rules": [rule for rule in role["rules"] if rule["resources"] != ["pods/log"]]})
    with pytest.raises(AssertionError, match="access"):
        helm.run("test", RELEASE, OWN)
    log = kubectl.run("logs", f"{RELEASE}-test-access", OWN)
    assert "missing rights: get pods/log" in log
    kubectl.patch("clusterrole", RELEASE, "", {"rules": role["rules"]})
    helm.run("test", RELEASE, OWN)


def is_allowed(kubectl: Kubectl, user: str, verb: str, subresource: str = "") -> bool:
    """Whether a user may do something with MilvusTLS."""
    attributes = {"namespace": TENANT, "verb": verb, "group": "tls.milvus.io", "resource": "milvustls", "subresource": subresource}
    review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": {"user": user, "resourceAttributes": attributes}}
    return json.loads(kubectl.run("create", "--filename=-", "--output=json", text=json.dumps(review)))["status"]["allowed"]


def test_the_roles_of_users_have_the_rights_on_milvustls(before: Serving, kubectl: Kubectl) -> None:
    for role in ("view", "edit", "admin"):
        kubectl.run("create", "rolebinding", role, f"--namespace={TENANT}", f"--clusterrole={role}", f"--user={role}")
    wait_until(lambda: is_allowed(kubectl, "view", "get"), "the aggregation of the roles", interval=0.2)
    for verb in ("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"):
        allowed = {user for user in ("view", "edit", "admin", "nobody") if is_allowed(kubectl, user, verb)}
        assert allowed == ({"view", "edit", "admin"} if verb in ("get", "list", "watch") else {"edit", "admin"}), verb
    assert not any(is_allowed(kubectl, user, "patch", "status") for user in ("view", "edit", "admin"))


def test_an_upgrade_and_a_rollback_restart_no_milvus(before: Serving, helm: Helm, kubectl: Kubectl) -> None:
    helm.run("upgrade", RELEASE, str(CHART), OWN, "--wait", values={"log": {"level": "debug"}, "commonLabels": {"team": "search"}})
    wait_for_leader(kubectl)
    prove_that_it_works(kubectl, TENANT, "after-upgrade")
    assert serving(kubectl, TENANT) == before
    helm.run("rollback", RELEASE, "1", OWN, "--wait")
    wait_for_leader(kubectl)
    prove_that_it_works(kubectl, TENANT, "after-rollback")
    assert serving(kubectl, TENANT) == before
    assert condition(kubectl.get("milvustls", MILVUS, TENANT), "Verified")["status"] == "True"


@pytest.fixture(scope="module")
def version_before(helm: Helm, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The chart as a package of an earlier version, whose definition lacks what a later one added to the spec and to the status."""
    folder = tmp_path_factory.mktemp("version-before")
    shutil.copytree(CHART, folder / CHART.name)
    file = folder / CHART.name / "files/milvustls-crd.yaml"
    definition = yaml.safe_load(file.read_text(encoding="utf-8"))
    fields = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]
    del fields["spec"]["properties"]["verification"]["properties"]["plaintext"], fields["status"]["properties"]["plaintext"]
    file.write_text(yaml.safe_dump(definition, sort_keys=False), encoding="utf-8")
    # Of its image there is only the present version.
    helm.run("package", str(folder / CHART.name), "--version=0.0.9", "--app-version=0.1.0", f"--destination={folder}")
    return folder / f"{CHART.name}-0.0.9.tgz"


def known_to_both(kubectl: Kubectl, name: str) -> tuple[Object, Object]:
    """Spec and status of a MilvusTLS without what the version before does not have."""
    item = kubectl.get("milvustls", name, TENANT)
    spec = item["spec"] | {"verification": {key: value for key, value in item["spec"]["verification"].items() if key != "plaintext"}}
    return spec, {key: value for key, value in item["status"].items() if key != "plaintext"}


def test_an_upgrade_from_the_version_before_and_the_way_back_lose_nothing(before: Serving, helm: Helm, kubectl: Kubectl, version_before: Path) -> None:
    metadata = {"name": "typed", "namespace": TENANT}
    typed = {"apiVersion": "tls.milvus.io/v1alpha1", "kind": "MilvusTLS", "metadata": metadata, "spec": {"internal": {"enabled": True}}}
    kubectl.apply(milvus("typed", TENANT, images.MILVUS_2_5), typed | {"spec": typed["spec"] | {"verification": {"plaintext": False}}})
    for name in (MILVUS, "typed"):
        wait_for_condition(kubectl, name, TENANT, "Verified", "True")
    kubectl.wait_for("milvustls", MILVUS, TENANT, is_asked_in_plaintext, "ports that answer without TLS")
    known = {name: known_to_both(kubectl, name) for name in (MILVUS, "typed")}

    def assert_nothing_lost(after: str, plaintext: bool) -> None:
        wait_for_leader(kubectl)
        prove_that_it_works(kubectl, TENANT, after)
        assert serving(kubectl, TENANT) == before
        if plaintext:
            kubectl.wait_for("milvustls", MILVUS, TENANT, is_asked_in_plaintext, "what the version before did not say")
        else:
            assert not is_asked_in_plaintext(kubectl.get("milvustls", MILVUS, TENANT)), "the definition is not the former one"
        assert {name: known_to_both(kubectl, name) for name in known} == known

    # The way back that docs/install.md has for those who want to keep a new field: the newer definition stays.
    helm.run("upgrade", RELEASE, str(version_before), OWN, "--wait", values={"crds": {"install": False}})
    assert_nothing_lost("back-with-the-newer-definition", plaintext=True)
    assert kubectl.get("milvustls", "typed", TENANT)["spec"]["verification"]["plaintext"] is False
    helm.run("upgrade", RELEASE, str(version_before), OWN, "--wait", "--reset-values")
    assert_nothing_lost("version-before", plaintext=False)
    helm.run("upgrade", RELEASE, str(CHART), OWN, "--wait", "--reset-values")
    assert_nothing_lost("present-version", plaintext=True)
    helm.run("rollback", RELEASE, OWN, "--wait")
    assert_nothing_lost("rolled-back", plaintext=False)
    helm.run("rollback", RELEASE, OWN, "--wait")
    assert_nothing_lost("rolled-forward", plaintext=True)


def is_asked_in_plaintext(item: Object) -> bool:
    return bool(item["status"].get("plaintext"))


def is_rotated(item: Object) -> bool:
    return item["status"]["certificate"].get("rotation") == "now" and condition(item, "Verified").get("status") == "True"


def test_no_request_was_refused_so_far(before: Serving, node: Node) -> None:
    """Helm takes the rights of an operator away while its pods end."""
    made = requests(node)
    assert {"milvuses", "secrets", "leases"} <= {request.resource for request in made}
    assert [str(request) for request in made if request.code in (401, 403)] == []


def test_an_uninstalled_operator_leaves_the_tls_and_a_new_one_takes_it_up(before: Serving, helm: Helm, kubectl: Kubectl) -> None:
    uninstall(helm, kubectl)
    assert kubectl.get("milvustls", MILVUS, TENANT), "the definition went, and every MilvusTLS with it"
    assert serving(kubectl, TENANT) == before
    helm.run("install", RELEASE, str(CHART), OWN, "--wait")
    wait_for_leader(kubectl)
    prove_that_it_works(kubectl, TENANT, "after-reinstall")
    assert serving(kubectl, TENANT) == before
    kubectl.annotate("milvus", MILVUS, TENANT, {"tls.milvus.io/rotate": "now"})
    kubectl.wait_for("milvustls", MILVUS, TENANT, is_rotated, "the rotation by the new one")


def test_in_one_namespace_it_asks_for_nothing_outside(before: Serving, helm: Helm, node: Node, kubectl: Kubectl) -> None:
    uninstall(helm, kubectl)
    earlier = len(requests(node))
    values: Object = {"watchNamespaces": [TENANT], "certManager": {"enabled": False}, "rbac": {"aggregate": False}}
    helm.run("install", RELEASE, str(CHART), OWN, "--wait", values=values)
    assert not kubectl.list("clusterroles", "--selector=app.kubernetes.io/name=milvus-tls-operator")
    helm.run("test", RELEASE, OWN)
    kubectl.create_namespace(OTHER)
    kubectl.apply(milvus(MILVUS, OTHER, images.MILVUS_2_5, annotations(internal="true")))
    prove_that_it_works(kubectl, TENANT, "in-one-namespace")
    assert kubectl.get("milvustls", MILVUS, OTHER) is None
    made = requests(node)[earlier:]
    inside = re.compile(rf"/apis?/[^?]*/namespaces/({TENANT}|{NAMESPACE})/|/apis/authorization.k8s.io/v1/selfsubjectaccessreviews")
    assert made and [str(request) for request in made if not inside.match(request.uri) or request.code in (401, 403)] == []

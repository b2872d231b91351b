"""`milvus-tls access`, which `helm test` runs, and the rights of the chart: each is needed, and none is spare."""

import copy
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from conftest import Operator
from control_plane import ControlPlane
from helm import NAMESPACE, Helm, merge
from kubectl import Kubectl, Object, condition
from milvuses import milvus
from node import REPOSITORY

OPTIONS = ("--leader-election-namespace", NAMESPACE)
KINDS = ("ServiceAccount", "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding")
WITHOUT_USER_ROLES = {"rbac": {"aggregate": False}}
WATCHED = "milvus"


class Account:
    """The service account of the chart, and the API server that knows its rights."""

    def __init__(self, control_plane: ControlPlane, values: Object) -> None:
        self.kubectl = control_plane.kubectl
        for namespace in (NAMESPACE, WATCHED):
            self.kubectl.create_namespace(namespace)
        self.objects = [item for item in Helm().template(merge(WITHOUT_USER_ROLES, values), "--skip-tests") if item["kind"] in KINDS]
        self.kubectl.apply(*self.objects)
        configuration = yaml.safe_load(self.kubectl.kubeconfig.read_text())
        token = self.kubectl.run("create", "token", NAMESPACE, f"--namespace={NAMESPACE}").strip()
        configuration["users"][0]["user"] = {"token": token}
        self.kubeconfig = control_plane.folder / "account.kubeconfig"
        self.kubeconfig.write_text(json.dumps(configuration))

    def access(self, *options: str) -> subprocess.CompletedProcess[str]:
        command = [os.environ["MILVUS_TLS_BINARY"], "access", "--kubeconfig", str(self.kubeconfig), *OPTIONS, *options]
        return subprocess.run(command, capture_output=True, text=True, timeout=60)

    def roles(self) -> list[Object]:
        return [item for item in self.objects if item["kind"] in ("ClusterRole", "Role")]


def lacking_one(role: Object) -> Iterator[tuple[Object, str, str]]:
    """The role without each of its verbs in turn, with the verb and the resource."""
    for number, rule in enumerate(role["rules"]):
        for verb in rule["verbs"]:
            changed = copy.deepcopy(role)
            changed["rules"][number]["verbs"].remove(verb)
            if not changed["rules"][number]["verbs"]:
                del changed["rules"][number]
            yield changed, verb, ".".join(filter(None, (rule["resources"][0], rule["apiGroups"][0])))


def test_each_right_of_the_chart_is_one_that_is_checked(control_plane: ControlPlane) -> None:
    account = Account(control_plane, {})
    everything = account.access()
    assert (everything.returncode, everything.stderr) == (0, "")
    tried = 0
    for role in account.roles():
        for changed, verb, resource in lacking_one(role):
            account.kubectl.apply(changed)
            result = account.access()
            place = f" in namespace {NAMESPACE}" if role["kind"] == "Role" else ""
            assert result.stderr == f"Error: missing rights: {verb} {resource}{place}\n"
            assert result.returncode == 1
            tried += 1
        account.kubectl.apply(role)
    assert tried == sum(len(rule["verbs"]) for role in account.roles() for rule in role["rules"]) > 30
    assert account.access().returncode == 0


def test_the_rights_in_one_namespace_are_those_there(control_plane: ControlPlane) -> None:
    account = Account(control_plane, {"watchNamespaces": [WATCHED]})
    assert not [role for role in account.roles() if role["kind"] == "ClusterRole"]
    assert account.access("--namespace", WATCHED).returncode == 0
    elsewhere = account.access("--namespace", "default")
    assert elsewhere.returncode == 1 and "secrets in namespace default" in elsewhere.stderr
    everywhere = account.access()
    assert everywhere.returncode == 1 and "list, watch, get, patch milvuses.milvus.io" in everywhere.stderr


def test_cert_manager_is_left_out_where_the_chart_leaves_it_out(control_plane: ControlPlane) -> None:
    account = Account(control_plane, {"certManager": {"enabled": False}})
    assert account.access("--no-cert-manager").returncode == 0
    assert "certificates.cert-manager.io" in account.access().stderr


def test_definitions_that_are_not_there_are_named(control_plane: ControlPlane) -> None:
    account = Account(control_plane, {})
    account.kubectl.run("delete", "crd", "milvuses.milvus.io")
    result = account.access()
    assert (result.returncode, result.stderr) == (1, "Error: CRD milvuses.milvus.io is not installed\n")


def wait_for_reason(kubectl: Kubectl, reason: str) -> None:
    kubectl.wait_for("milvustls", "my-release", WATCHED, lambda item: condition(item, "Ready").get("reason") == reason, reason, timeout=60)


def test_cert_manager_is_used_without_the_right_to_list_definitions(control_plane: ControlPlane, tmp_path: Path) -> None:
    """It comes after the operator, it goes, and it comes back."""
    account = Account(control_plane, {"watchNamespaces": [WATCHED]})
    kubectl, definition = control_plane.kubectl, f"--filename={REPOSITORY / 'Tests/Fixtures/certificate-crd.yaml'}"
    with pytest.raises(AssertionError, match="customresourcedefinitions.* is forbidden"):
        Kubectl(account.kubeconfig).list("crd")
    options = ("--namespace", WATCHED, "--leader-elect", "--leader-election-namespace", NAMESPACE)
    operator = Operator(tmp_path, account.kubeconfig, *options)
    with operator.running():
        asked = {
            "apiVersion": "tls.milvus.io/v1alpha1",
            "kind": "MilvusTLS",
            "metadata": {"name": "my-release", "namespace": WATCHED},
            "spec": {"external": {"mode": "TwoWay"}, "certificate": {"issuerRef": {"name": "internal-ca", "kind": "ClusterIssuer"}}},
        }
        kubectl.apply(milvus("my-release", WATCHED, "local/none"), asked)
        for _ in range(2):
            wait_for_reason(kubectl, "CertManagerNotInstalled")
            kubectl.run("create", definition)
            wait_for_reason(kubectl, "WaitingForCertManager")
            certificates = kubectl.list("certificates.cert-manager.io", f"--namespace={WATCHED}")
            assert {item["metadata"]["name"] for item in certificates} == {"certs", "certs-client"}
            kubectl.run("delete", definition)
        wait_for_reason(kubectl, "CertManagerNotInstalled")

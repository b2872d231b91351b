"""`milvus-tls access`, which `helm test` runs: it asks for each right of the chart, and for no other."""

import os
import subprocess
from pathlib import Path

import pytest

from chart_rights import granted, kubeconfig_of, lacking_one, rendered, roles
from conftest import Operator
from control_plane import ControlPlane
from helm import NAMESPACE
from kubectl import Kubectl, Object, condition
from milvuses import milvus
from node import REPOSITORY

OPTIONS = ("--leader-election-namespace", NAMESPACE)
WATCHED = "milvus"


class Account:
    """The service account of the chart, and the API server that knows its rights."""

    def __init__(self, control_plane: ControlPlane, values: Object) -> None:
        self.kubectl = control_plane.kubectl
        for namespace in (NAMESPACE, WATCHED):
            self.kubectl.create_namespace(namespace)
        self.objects = rendered(values)
        self.kubectl.apply(*self.objects)
        self.kubeconfig = kubeconfig_of(NAMESPACE, self.kubectl, control_plane.folder / "account.kubeconfig")

    def access(self, *options: str) -> subprocess.CompletedProcess[str]:
        command = [os.environ["MILVUS_TLS_BINARY"], "access", "--kubeconfig", str(self.kubeconfig), *OPTIONS, *options]
        return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_each_right_of_the_chart_is_one_that_is_checked(control_plane: ControlPlane) -> None:
    account = Account(control_plane, {})
    everything = account.access()
    assert (everything.returncode, everything.stderr) == (0, "")
    tried = 0
    for role in roles(account.objects):
        for changed, right in lacking_one(role):
            account.kubectl.apply(changed)
            result = account.access()
            place = f" in namespace {NAMESPACE}" if role["kind"] == "Role" else ""
            assert result.stderr == f"Error: missing rights: {right}{place}\n"
            assert result.returncode == 1
            tried += 1
        account.kubectl.apply(role)
    assert tried == len(granted(account.objects)) > 30
    assert account.access().returncode == 0


def test_the_rights_in_one_namespace_are_those_there(control_plane: ControlPlane) -> None:
    account = Account(control_plane, {"watchNamespaces": [WATCHED]})
    assert not [role for role in roles(account.objects) if role["kind"] == "ClusterRole"]
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

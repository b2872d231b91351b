"""The operator with the token of a service account in a file, as in a pod; the kubelet replaces it in mid-run."""

import json
from pathlib import Path

import pytest
import requests
import yaml

from conftest import Operator
from control_plane import ControlPlane
from deployed_operator import NAME
from deployed_operator import NAMESPACE as OPERATOR_NAMESPACE
from kubectl import Kubectl
from milvuses import annotations, milvus, wait_for_condition
from node import REPOSITORY
from waiting import wait_until

NAMESPACE = "token-rotation"
RIGHTS = ("Namespace", "ServiceAccount", "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding")


class MountedToken:
    """A token as the kubelet mounts it: a link that is turned to a new folder."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._count = folder, 0
        self.path = folder / "token"
        self.path.symlink_to("..data/token")

    def write(self, token: str) -> None:
        self._count += 1
        version = self._folder / f"..{self._count}"
        version.mkdir()
        (version / "token").write_text(token)
        link = self._folder / "..data_tmp"
        link.symlink_to(version.name)
        link.rename(self._folder / "..data")


@pytest.fixture
def kubectl(control_plane: ControlPlane) -> Kubectl:
    """An administrator, with the service account and the rights of Manifests in place."""
    kubectl = control_plane.kubectl
    manifests = yaml.safe_load_all(kubectl.run("kustomize", str(REPOSITORY / "Manifests")))
    kubectl.apply(*(item for item in manifests if item["kind"] in RIGHTS))
    kubectl.create_namespace(NAMESPACE)
    return kubectl


def bound_token(kubectl: Kubectl, name: str) -> str:
    """A token of the service account that is valid as long as a Secret of that name exists."""
    kubectl.run("create", "secret", "generic", name, f"--namespace={OPERATOR_NAMESPACE}")
    bound = ("--bound-object-kind=Secret", f"--bound-object-name={name}")
    return kubectl.run("create", "token", NAME, f"--namespace={OPERATOR_NAMESPACE}", *bound)


def is_refused(kubeconfig: Path, token: str) -> bool:
    cluster = yaml.safe_load(kubeconfig.read_text())["clusters"][0]["cluster"]
    headers = {"Authorization": f"Bearer {token}"}
    answer = requests.get(f"{cluster['server']}/api", headers=headers, verify=cluster["certificate-authority"], timeout=10)
    return answer.status_code == 401


def test_a_token_that_is_replaced_in_mid_run_goes_unnoticed(control_plane: ControlPlane, kubectl: Kubectl, tmp_path: Path) -> None:
    token = MountedToken(tmp_path)
    first = bound_token(kubectl, "first")
    token.write(first)
    administrator = control_plane.kubeconfig("admin")
    configuration = yaml.safe_load(administrator.read_text())
    configuration["users"][0]["user"] = {"tokenFile": str(token.path)}
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(json.dumps(configuration))

    operator = Operator(tmp_path, kubeconfig)
    with operator.running():
        kubectl.apply(milvus("before", NAMESPACE, "local/none", annotations(internal="true")))
        wait_for_condition(kubectl, "before", NAMESPACE, "Ready", "True")
        token.write(bound_token(kubectl, "second"))
        kubectl.run("delete", "secret", "first", f"--namespace={OPERATOR_NAMESPACE}")
        wait_until(lambda: is_refused(administrator, first), "the end of the first token")
        kubectl.apply(milvus("after", NAMESPACE, "local/none", annotations(internal="true")))
        wait_for_condition(kubectl, "after", NAMESPACE, "Ready", "True")
        assert [line for line in operator.output().splitlines() if "warning" in line or "error" in line] == []

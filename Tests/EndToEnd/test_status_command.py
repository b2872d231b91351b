"""`milvus-tls status` and `plan`, as a person runs them, on real releases."""

import json
import os
import pty
import subprocess
from collections.abc import Mapping

import pytest

import images
from conftest import Operator
from kubectl import Kubectl, condition
from milvuses import annotations, milvus, wait_for_condition
from node import Node

NAMESPACE = "status"


@pytest.fixture(scope="module")
def releases(kubectl: Kubectl, operator: Operator) -> None:
    """`my-release` is in place; `broken` contradicts itself."""
    kubectl.create_namespace(NAMESPACE)
    kubectl.apply(milvus("my-release", NAMESPACE, images.MILVUS_2_3, annotations(external="TwoWay")))
    broken = milvus("broken", NAMESPACE, images.MILVUS_2_3, annotations(external="Sideways"))
    kubectl.apply(broken)
    wait_for_condition(kubectl, "my-release", NAMESPACE, "Verified", "True")
    wait_for_condition(kubectl, "broken", NAMESPACE, "Ready", "False")


def command(node: Node, *arguments: str) -> list[str]:
    return [os.environ["MILVUS_TLS_BINARY"], *arguments, "--kubeconfig", str(node.kubeconfig)]


def run(node: Node, *arguments: str) -> str:
    result = subprocess.run(command(node, *arguments), capture_output=True, text=True, timeout=60)
    print(result.stdout)
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout


def test_status_of_all_namespaces_says_which_release_is_not_ready_and_why(releases: None, node: Node) -> None:
    header, *lines = run(node, "status", "-A").splitlines()
    assert header.split() == ["NAMESPACE", "MILVUS", "EXTERNAL", "INTERNAL", "READY", "VERIFIED", "EXPIRES", "RENEWS", "REASON"]
    rows = {tuple(line.split()[:2]): line.split() for line in lines}
    good, bad = rows[(NAMESPACE, "my-release")], rows[(NAMESPACE, "broken")]
    assert good[2:6] == ["TwoWay", "false", "True", "True"] and " ".join(good[6:]).count("days") == 2
    assert bad[4] == "False" and bad[-1] == "InvalidAnnotation"


def test_status_as_json_is_what_the_milvustls_says(releases: None, node: Node, kubectl: Kubectl) -> None:
    found = json.loads(run(node, "status", "my-release", "-n", NAMESPACE, "-o", "json"))
    stored = kubectl.get("milvustls", "my-release", NAMESPACE)
    assert stored
    certificate = stored["status"]["certificate"]
    assert (found["expires"], found["renews"]) == (certificate["notAfter"], certificate["renewalTime"])
    assert found["verified"] == condition(stored, "Verified")["status"]


def test_plan_tells_the_renewal_and_writes_nothing(releases: None, node: Node, kubectl: Kubectl) -> None:
    before = versions(kubectl)
    plan = json.loads(run(node, "plan", "my-release", "-n", NAMESPACE, "-o", "json"))
    assert versions(kubectl) == before
    renewal = next(step for step in plan["steps"] if "certs" in {write["name"] for write in step["writes"]})
    stored = kubectl.get("milvustls", "my-release", NAMESPACE)
    assert stored and renewal["time"] == stored["status"]["certificate"]["renewalTime"]
    assert renewal["restartedPods"] == 1
    text = run(node, "plan", "my-release", "-n", NAMESPACE)
    assert renewal["time"] in text and "Restart of 1 pod" in text and "PRIVATE" not in text


def versions(kubectl: Kubectl) -> Mapping[str, object]:
    """What a write of the command would change; others report the state of pods and of the Milvus meanwhile."""
    kinds = {"secrets": ["resourceVersion"], "milvustls": ["resourceVersion"], "milvus": ["generation", "annotations"]}
    return {
        f"{kind}/{item['metadata']['name']}": [item["metadata"].get(field) for field in fields]
        for kind, fields in kinds.items()
        for item in kubectl.list(kind, f"--namespace={NAMESPACE}")
    }


@pytest.mark.parametrize(("variables", "colored"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_colors_are_for_terminals_that_want_them(releases: None, node: Node, variables: dict[str, str], colored: bool) -> None:
    ours, theirs = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"} | {"TERM": "xterm"} | variables
    subprocess.run(command(node, "status", "-n", NAMESPACE), stdout=theirs, env=environment, timeout=60, check=True)
    os.close(theirs)
    text = os.read(ours, 65536).decode()
    os.close(ours)
    assert ("\x1b[31mFalse\x1b[0m" in text) == colored and ("\x1b" in text) == colored

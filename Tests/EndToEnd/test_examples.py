"""Each file of Manifests/examples, applied as it is but for the image, which is one of the node's."""

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

import images
from conftest import Operator
from hand_made import make_certificates
from kubectl import Kubectl, Object, condition
from milvuses import pods_of, wait_for_condition, wait_for_rollout
from node import REPOSITORY

EXAMPLES = REPOSITORY / "Manifests/examples"
NAME = "my-release"
PUBLISHED = "milvusdb/milvus:v2.5.4"


@pytest.fixture
def namespace(request: pytest.FixtureRequest, kubectl: Kubectl, operator: Operator) -> Iterator[str]:
    """One for a test; its Milvus goes afterwards, and frees the node for the next."""
    name = request.node.originalname.removeprefix("test_").replace("_", "-")
    kubectl.create_namespace(name)
    yield name
    for kind in ("milvustls", "milvus"):
        kubectl.run("delete", kind, NAME, f"--namespace={name}", "--ignore-not-found", "--wait=false")


def apply(kubectl: Kubectl, namespace: str, example: str, image: str = images.MILVUS_2_5) -> list[Object]:
    text = (EXAMPLES / f"{example}.yaml").read_text(encoding="utf-8")
    kubectl.run("apply", f"--namespace={namespace}", "--filename=-", text=text.replace(PUBLISHED, image))
    return list(yaml.safe_load_all(text))


def create_secret(kubectl: Kubectl, namespace: str, name: str, *files: str) -> dict[str, bytes]:
    """A Secret as the examples' comments create it; returns the files."""
    made = make_certificates(f"{NAME}-milvus.{namespace}.svc")
    data = {file: base64.b64encode(made[file]).decode() for file in files}
    kubectl.apply({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": namespace}, "data": data})
    return made


def wait_for_reason(kubectl: Kubectl, namespace: str, reason: str) -> None:
    kubectl.wait_for("milvustls", NAME, namespace, lambda item: condition(item, "Ready").get("reason") == reason, reason)


def test_every_example_is_tried() -> None:
    tests = Path(__file__).read_text(encoding="utf-8")
    examples = {file.stem for file in EXAMPLES.glob("*.yaml")}
    assert len(examples) == 10
    assert [example for example in sorted(examples) if f'namespace, "{example}"' not in tests] == []


def test_example_one_way(namespace: str, kubectl: Kubectl) -> None:
    apply(kubectl, namespace, "one-way", images.MILVUS_2_3)
    verified = wait_for_condition(kubectl, NAME, namespace, "Verified", "True")
    assert (verified["status"]["external"], verified["status"]["internal"]) == ("OneWay", False)


def test_example_two_way(namespace: str, kubectl: Kubectl) -> None:
    apply(kubectl, namespace, "two-way", images.MILVUS_2_3)
    verified = wait_for_condition(kubectl, NAME, namespace, "Verified", "True")
    assert (verified["status"]["external"], verified["status"]["internal"]) == ("TwoWay", False)
    assert set(kubectl.secret("certs-client", namespace)["data"]) == {"client.pem", "client.key", "ca.pem"}


def test_example_internal(namespace: str, kubectl: Kubectl) -> None:
    apply(kubectl, namespace, "internal")
    verified = wait_for_condition(kubectl, NAME, namespace, "Verified", "True")
    assert (verified["status"]["external"], verified["status"]["internal"]) == ("Disabled", True)


def test_example_provided_certificates(namespace: str, kubectl: Kubectl) -> None:
    apply(kubectl, namespace, "provided-certificates", images.MILVUS_2_3)
    wait_for_reason(kubectl, namespace, "SecretMissing")
    made = create_secret(kubectl, namespace, "my-release-tls", "server.pem", "server.key", "ca.pem")
    ready = wait_for_condition(kubectl, NAME, namespace, "Ready", "True")
    assert ready["status"]["certificate"]["source"] == "Secret"
    wait_for_rollout(kubectl, NAME, namespace)
    data = kubectl.secret("my-release-tls", namespace)["data"]
    assert {name: base64.b64decode(value) for name, value in data.items()} == {name: made[name] for name in data}


def test_example_provided_authority(namespace: str, kubectl: Kubectl) -> None:
    made = create_secret(kubectl, namespace, "company-ca", "ca.pem", "ca.key")
    apply(kubectl, namespace, "provided-authority", images.MILVUS_2_3)
    ready = wait_for_condition(kubectl, NAME, namespace, "Ready", "True")
    assert ready["status"]["authority"]["source"] == "Secret"
    assert base64.b64decode(kubectl.secret("certs", namespace)["data"]["ca.pem"]) == made["ca.pem"]


def test_example_cert_manager(namespace: str, kubectl: Kubectl) -> None:
    definition = f"--filename={REPOSITORY / 'Tests/Fixtures/certificate-crd.yaml'}"
    kubectl.run("apply", definition)
    apply(kubectl, namespace, "cert-manager")
    found = kubectl.wait_for("certificates.cert-manager.io", "certs", namespace, lambda _: True, "the Certificate")
    assert found["spec"]["issuerRef"] == {"name": "company-ca", "kind": "ClusterIssuer", "group": "cert-manager.io"}
    wait_for_reason(kubectl, namespace, "WaitingForCertManager")
    kubectl.run("delete", definition)


def test_example_windows(namespace: str, kubectl: Kubectl) -> None:
    apply(kubectl, namespace, "windows")
    wait_for_condition(kubectl, NAME, namespace, "Ready", "True")


def test_example_clients(namespace: str, kubectl: Kubectl) -> None:
    apply(kubectl, namespace, "clients")
    ready = wait_for_condition(kubectl, NAME, namespace, "Ready", "True")
    secrets = {client["name"]: client["secretName"] for client in ready["status"]["clients"]}
    assert secrets == {"search": "certs-search", "ingest": "certs-ingest", "backup": "backup-tls"}
    for secret in secrets.values():
        assert set(kubectl.secret(secret, namespace)["data"]) == {"client.pem", "client.key", "ca.pem"}


def test_example_left_alone(namespace: str, kubectl: Kubectl) -> None:
    apply(kubectl, namespace, "left-alone")
    alone = wait_for_rollout(kubectl, NAME, namespace)
    # A second one, made later, is through: the operator has seen the first.
    text = (EXAMPLES / "internal.yaml").read_text(encoding="utf-8").replace(PUBLISHED, images.MILVUS_2_5).replace(NAME, "later")
    kubectl.run("apply", f"--namespace={namespace}", "--filename=-", text=text)
    wait_for_condition(kubectl, "later", namespace, "Ready", "True")
    assert kubectl.get("milvustls", NAME, namespace) is None
    assert kubectl.get("milvus", NAME, namespace)["spec"] == alone["spec"]
    kubectl.run("delete", "milvus", "later", f"--namespace={namespace}", "--wait=false")


def test_example_network_policy(namespace: str, kubectl: Kubectl) -> None:
    """No network plugin enforces it here: it selects the pods of the release, and opens to everybody what speaks TLS."""
    apply(kubectl, namespace, "two-way", images.MILVUS_2_3)
    apply(kubectl, namespace, "network-policy")
    verified = wait_for_condition(kubectl, NAME, namespace, "Verified", "True")
    policy = kubectl.get("networkpolicy", "my-release-milvus", namespace)
    selected = policy["spec"]["podSelector"]["matchLabels"]
    pods = pods_of(kubectl, NAME, namespace)
    assert pods and all(selected.items() <= pod["metadata"]["labels"].items() for pod in pods)
    [own] = [peer["podSelector"]["matchLabels"] for rule in policy["spec"]["ingress"] for peer in rule.get("from", []) if "podSelector" in peer]
    assert own == selected
    open_to_all = {port["port"] for rule in policy["spec"]["ingress"] if not rule.get("from") for port in rule["ports"]}
    assert open_to_all == {int(endpoint["address"].rpartition(":")[2]) for endpoint in verified["status"]["endpoints"]}

"""A value that the operator does not know changes nothing and is told where a user looks."""

import pytest

import images
from conftest import Operator
from kubectl import Kubectl, condition
from milvuses import annotations, milvus, wait_for_condition

NAMESPACE = "invalid"


@pytest.fixture(scope="module")
def namespace(kubectl: Kubectl, operator: Operator) -> str:
    kubectl.create_namespace(NAMESPACE)
    kubectl.apply(milvus("my-release", NAMESPACE, images.MILVUS_2_5, annotations(external="maybe", internal="true")))
    return NAMESPACE


def assert_names_the_annotation_and_its_values(message: str) -> None:
    for part in ("tls.milvus.io/external", "maybe", "Disabled", "OneWay", "TwoWay"):
        assert part in message


def test_it_is_told_in_a_condition_and_a_warning(namespace: str, kubectl: Kubectl) -> None:
    tls = wait_for_condition(kubectl, "my-release", namespace, "Ready", "False")
    assert condition(tls, "Ready")["reason"] == "InvalidAnnotation"
    assert_names_the_annotation_and_its_values(condition(tls, "Ready")["message"])
    warning = kubectl.wait_for_event("Milvus", "my-release", namespace, "Warning")
    assert warning["reason"] == "InvalidAnnotation"
    assert_names_the_annotation_and_its_values(warning["message"])


def test_it_changes_nothing(namespace: str, kubectl: Kubectl) -> None:
    wait_for_condition(kubectl, "my-release", namespace, "Ready", "False")
    assert kubectl.list("secrets", f"--namespace={namespace}", "--field-selector=type=Opaque") == []
    found = kubectl.get("milvus", "my-release", namespace)
    assert found["metadata"]["generation"] == 1 and not found["spec"].get("config")


def test_a_corrected_value_is_acted_on(namespace: str, kubectl: Kubectl) -> None:
    wait_for_condition(kubectl, "my-release", namespace, "Ready", "False")
    kubectl.annotate("milvus", "my-release", namespace, annotations(external="Disabled"))
    wait_for_condition(kubectl, "my-release", namespace, "Verified", "True")
    assert set(kubectl.secret("certs", namespace)["data"]) == {"server.pem", "server.key", "ca.pem"}

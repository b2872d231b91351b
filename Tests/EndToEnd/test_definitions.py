"""The custom resource definition, as an API server takes it and kubectl shows it."""

import pytest

from conftest import milvus_definition
from kubectl import Kubectl
from node import REPOSITORY
from waiting import wait_until

NAMESPACE = "default"


def tls(**spec: object) -> dict:
    return {"apiVersion": "tls.milvus.io/v1alpha1", "kind": "MilvusTLS", "metadata": {"name": "typed", "namespace": NAMESPACE}, "spec": spec}


def test_both_definitions_are_established_and_structural(definitions: None, kubectl: Kubectl) -> None:
    for name in ("milvuses.milvus.io", "milvustls.tls.milvus.io"):
        found = {item["type"]: item["status"] for item in kubectl.get("crd", name, NAMESPACE)["status"]["conditions"]}
        assert found["Established"] == "True" and found["NamesAccepted"] == "True"
        assert "NonStructuralSchema" not in found
    assert milvus_definition().is_relative_to(REPOSITORY) or "componentsDeployStatus" in milvus_definition().read_text()


def test_the_name_milvus_means_the_milvus_resource(definitions: None, kubectl: Kubectl) -> None:
    """A category or a short name of ours in its way would send `kubectl delete milvus` elsewhere."""
    with pytest.raises(AssertionError, match='milvuses.milvus.io "absent" not found'):
        kubectl.run("get", "milvus/absent", f"--namespace={NAMESPACE}")


def test_a_value_outside_the_enumeration_is_refused_with_the_allowed_ones(definitions: None, kubectl: Kubectl) -> None:
    with pytest.raises(AssertionError, match=r'spec.external.mode.*"Disabled", "OneWay", "TwoWay"'):
        kubectl.apply(tls(external={"mode": "maybe"}))


def test_explain_describes_the_fields(definitions: None, kubectl: Kubectl) -> None:
    def explanation() -> str:
        try:
            return kubectl.run("explain", "milvustls.spec.external.mode")
        except AssertionError as error:  # the API server publishes the schema some time after it serves the resource
            assert "couldn't find resource" in str(error), error
            return ""

    assert "TwoWay" in wait_until(explanation, "the schema of MilvusTLS in the API server's OpenAPI", interval=0.2)

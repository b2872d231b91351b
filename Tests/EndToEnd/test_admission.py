"""The chart's admission policies: what they refuse, and that the operator refuses the same on servers without them."""

import json
from collections.abc import Iterator

import pytest

from admission_policies import Policy
from conftest import Operator, install_definitions
from control_plane import ControlPlane
from kubectl import Kubectl, Object, condition
from milvuses import milvus

NAMESPACE = "admission"
MILVUS, MILVUS_TLS = Policy("milvus-policy.yaml"), Policy("milvustls-policy.yaml")
ISSUER = {"issuerRef": {"name": "company-ca"}}

CONTRADICTIONS = {
    "certmanager-without-issuer": ({"certificate": {"source": "CertManager"}}, "spec.certificate.source: is CertManager, which needs spec.certificate.issuerRef"),
    "operator-with-issuer": ({"certificate": {"source": "Operator"} | ISSUER}, "spec.certificate.source: is Operator, must be CertManager with spec.certificate.issuerRef"),
    "provided-with-issuer": ({"certificate": {"source": "Provided"} | ISSUER}, "spec.certificate.source: is Provided, must be CertManager with spec.certificate.issuerRef"),
    "size-of-rsa": ({"certificate": {"privateKey": {"algorithm": "RSA", "size": 384}}}, "spec.certificate.privateKey: size 384 is not allowed for RSA: use 2048, 3072 or 4096"),
    "size-of-ecdsa": ({"certificate": {"privateKey": {"size": 2048}}}, "spec.certificate.privateKey: size 2048 is not allowed for ECDSA: use 256 or 384"),
    "size-of-ed25519": ({"certificate": {"privateKey": {"algorithm": "Ed25519", "size": 256}}}, "spec.certificate.privateKey: size 256 is not allowed for Ed25519: omit the size"),
    "renewal-before-the-start": ({"certificate": {"renewBefore": "8760h"}}, "spec.certificate.renewBefore: must be shorter than spec.certificate.duration"),
    "short-authority": ({"certificate": {"duration": "48h"}, "authority": {"duration": "47h60m"}}, "spec.authority.duration: must be longer than spec.certificate.duration"),
}
FINE: dict[str, Object] = {
    "empty": {},
    "certmanager": {"certificate": {"source": "CertManager"} | ISSUER},
    "issuer-alone": {"certificate": ISSUER},
    "no-renewal-of-its-own": {"certificate": {"renewBefore": ""}},
    "provided": {"certificate": {"source": "Provided"}},
    "rsa": {"certificate": {"privateKey": {"algorithm": "RSA", "size": 3072}}},
    "rsa-without-size": {"certificate": {"privateKey": {"algorithm": "RSA"}}},
    "ed25519": {"certificate": {"privateKey": {"algorithm": "Ed25519"}}},
    "durations": {"certificate": {"duration": "90m", "renewBefore": "1h29m59s"}, "authority": {"duration": "1h31m"}},
}


@pytest.fixture(scope="module")
def control_plane_here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    control_plane = ControlPlane(tmp_path_factory.mktemp("admission"))
    try:
        control_plane.start()
        install_definitions(control_plane.kubectl)
        control_plane.kubectl.create_namespace(NAMESPACE)
        yield control_plane
    finally:
        control_plane.stop()


@pytest.fixture(scope="module")
def kubectl(control_plane_here: ControlPlane) -> Kubectl:
    return control_plane_here.kubectl


@pytest.fixture(scope="module")
def operator(control_plane_here: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    operator = Operator(tmp_path_factory.mktemp("operator"), control_plane_here.kubeconfig("milvus-tls-operator"))
    with operator.running():
        yield operator


def milvus_tls(name: str, spec: Object) -> Object:
    return {"apiVersion": "tls.milvus.io/v1alpha1", "kind": "MilvusTLS", "metadata": {"name": name, "namespace": NAMESPACE}, "spec": spec}


def defaulted(kubectl: Kubectl, item: Object) -> Object:
    """As the server gives it to a policy, without keeping it."""
    return json.loads(kubectl.run("create", "--filename=-", "--dry-run=server", "--output=json", text=json.dumps(item)))


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_a_contradiction_is_refused_and_reported_by_the_operator(name: str, kubectl: Kubectl, operator: Operator) -> None:
    spec, message = CONTRADICTIONS[name]
    item = milvus_tls(name, spec)
    assert MILVUS_TLS.complaints(defaulted(kubectl, item)) == [message]
    kubectl.apply(milvus(name, NAMESPACE, "local/none:v2.5.4"), item)
    reported = kubectl.wait_for("milvustls", name, NAMESPACE, lambda found: condition(found, "Ready").get("reason") == "InvalidSpec", "InvalidSpec", 60)
    field, problem = message.split(": ", 1)
    assert field in condition(reported, "Ready")["message"] and problem in condition(reported, "Ready")["message"]


@pytest.mark.parametrize("name", FINE)
def test_what_fits_is_allowed(name: str, kubectl: Kubectl) -> None:
    assert MILVUS_TLS.complaints(defaulted(kubectl, milvus_tls(name, FINE[name]))) == []


def test_a_contradiction_from_before_can_be_labelled_but_not_changed(kubectl: Kubectl) -> None:
    before = defaulted(kubectl, milvus_tls("before", CONTRADICTIONS["size-of-rsa"][0]))
    labelled = before | {"metadata": before["metadata"] | {"labels": {"team": "search"}}}
    assert MILVUS_TLS.complaints(labelled, before) == []
    changed = before | {"spec": before["spec"] | {"clients": [{"name": "search"}]}}
    assert len(MILVUS_TLS.complaints(changed, before)) == 1


def annotated(**annotations: str) -> Object:
    return milvus("my-release", NAMESPACE, "local/none", {f"tls.milvus.io/{name.replace('_', '-')}": value for name, value in annotations.items()})


@pytest.mark.parametrize(
    "annotations, message",
    [
        ({"external": "twoway"}, 'annotation tls.milvus.io/external: "twoway" is not one of Disabled, OneWay, TwoWay'),
        ({"external": ""}, 'annotation tls.milvus.io/external: "" is not one of Disabled, OneWay, TwoWay'),
        ({"internal": "yes"}, 'annotation tls.milvus.io/internal: "yes" is not one of true, false'),
    ],
)
def test_a_wrong_annotation_is_refused_and_reported_by_the_operator(annotations: dict[str, str], message: str, kubectl: Kubectl, operator: Operator) -> None:
    item = annotated(**annotations)
    item["metadata"]["name"] = f"wrong-{len(message)}"
    assert MILVUS.complaints(item) == [message]
    kubectl.apply(item)
    name = item["metadata"]["name"]
    reported = kubectl.wait_for("milvustls", name, NAMESPACE, lambda found: condition(found, "Ready").get("reason") == "InvalidAnnotation", "InvalidAnnotation", 60)
    assert message in condition(reported, "Ready")["message"]


def test_a_misspelled_annotation_is_refused() -> None:
    assert MILVUS.complaints(annotated(externl="OneWay")) == ["annotation tls.milvus.io/externl is not known to milvus-tls-operator"]


def test_right_annotations_are_allowed() -> None:
    for mode in ("Disabled", "OneWay", "TwoWay"):
        assert MILVUS.complaints(annotated(external=mode, internal="true", rotate="1", rotate_authority="1", applied="{}")) == []
    without = milvus("my-release", NAMESPACE, "local/none")
    assert MILVUS.complaints(without) == []
    del without["metadata"]["annotations"]
    assert MILVUS.complaints(without) == []


def test_a_wrong_annotation_from_before_stops_nobody_else() -> None:
    before = annotated(external="wrong")
    after = before | {"spec": {"mode": "cluster"}}
    assert MILVUS.complaints(after, before) == []
    assert len(MILVUS.complaints(annotated(external="wrong", rotate="1"), before)) == 1

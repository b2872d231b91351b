"""Who asks for TLS and who provides the files, on a real API server: nothing of others is covered, and what they bring later is used at once."""

import base64
import time
from collections.abc import Iterator

import pytest

from conftest import api_server_with_operator
from hand_made import make_certificates
from kubectl import Kubectl, Object, condition
from milvuses import wait_for_condition
from waiting import wait_until

NAME = "my-release"
SERVER_NAME = f"{NAME}-milvus"
# From the arrival of what is waited for to the release that uses it.
WAKE_TIME = 5


@pytest.fixture(scope="module")
def kubectl(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kubectl]:
    """An API server with an operator that creates no Secret in place of others."""
    with api_server_with_operator(tmp_path_factory, "--issue-missing-after", "never") as kubectl:
        yield kubectl


def milvus(namespace: str, folder: str, names: tuple[str, str, str], secret: str) -> Object:
    """One-way TLS by its own configuration alone, with the files of a Secret at FOLDER."""
    paths = dict(zip(("serverPemPath", "serverKeyPath", "caPemPath"), (f"{folder}/{name}" for name in names), strict=True))
    components: Object = {
        "image": "milvusdb/milvus:v2.5.4",
        "volumes": [{"name": "tls", "secret": {"secretName": secret}}],
        "volumeMounts": [{"name": "tls", "mountPath": folder, "readOnly": True}],
    }
    config = {"common": {"security": {"tlsMode": 1}}, "tls": paths, "proxy": {"http": {"enabled": True, "port": 8080}}}
    metadata = {"name": NAME, "namespace": namespace}
    return {"apiVersion": "milvus.io/v1beta1", "kind": "Milvus", "metadata": metadata, "spec": {"components": components, "config": config}}


def secret(namespace: str, name: str, names: tuple[str, str, str]) -> Object:
    files = make_certificates(SERVER_NAME)
    contents = dict(zip(names, (files[file] for file in ("server.pem", "server.key", "ca.pem")), strict=True))
    data = {key: base64.b64encode(value).decode() for key, value in contents.items()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": namespace}, "data": data}


def wait_for_reason(kubectl: Kubectl, namespace: str, reason: str) -> Object:
    return kubectl.wait_for("milvustls", NAME, namespace, lambda item: condition(item, "Ready").get("reason") == reason, reason)


def secrets(kubectl: Kubectl, namespace: str) -> list[str]:
    return [item["metadata"]["name"] for item in kubectl.list("secrets", f"--namespace={namespace}")]


@pytest.mark.parametrize("names", [("server.pem", "server.key", "ca.pem"), ("tls.crt", "tls.key", "ca.crt")])
def test_a_secret_that_comes_after_the_milvus_is_used_at_once(kubectl: Kubectl, names: tuple[str, str, str]) -> None:
    namespace = "late-" + names[0].replace(".", "-")
    kubectl.create_namespace(namespace)
    kubectl.apply(milvus(namespace, "/certs", names, "prod-server-tls"))
    tls = wait_for_reason(kubectl, namespace, "SecretMissing")
    assert "Secret prod-server-tls" in condition(tls, "Ready")["message"]
    assert secrets(kubectl, namespace) == [], "nothing is issued meanwhile"
    kubectl.apply(secret(namespace, "prod-server-tls", names))
    start = time.monotonic()
    wait_for_condition(kubectl, NAME, namespace, "Ready", "True")
    assert time.monotonic() - start < WAKE_TIME
    assert secrets(kubectl, namespace) == ["prod-server-tls"]
    present = kubectl.get("secret", "prod-server-tls", namespace)
    assert present and "ownerReferences" not in present["metadata"] and "tls.milvus.io/role" not in present["metadata"].get("labels", {})


def test_an_annotation_that_vanishes_leaves_tls_on_and_is_named(kubectl: Kubectl) -> None:
    namespace = "vanished"
    kubectl.create_namespace(namespace)
    item: Object = {"apiVersion": "milvus.io/v1beta1", "kind": "Milvus", "metadata": {"name": NAME, "namespace": namespace}, "spec": {}}
    kubectl.apply(item | {"metadata": item["metadata"] | {"annotations": {"tls.milvus.io/external": "OneWay"}}})
    wait_for_condition(kubectl, NAME, namespace, "Ready", "True")
    spec = (kubectl.get("milvus", NAME, namespace) or {})["spec"]
    kubectl.run("annotate", "milvus", NAME, f"--namespace={namespace}", "tls.milvus.io/external-")
    tls = wait_for_condition(kubectl, NAME, namespace, "AnnotationsMissing", "True")
    assert "tls.milvus.io/external" in condition(tls, "AnnotationsMissing")["message"]
    assert (kubectl.get("milvus", NAME, namespace) or {})["spec"] == spec
    kubectl.annotate("milvus", NAME, namespace, {"tls.milvus.io/external": "Disabled"})
    wait_until(lambda: "config" not in (kubectl.get("milvus", NAME, namespace) or {})["spec"], "TLS is out", timeout=30, interval=0.2)


def test_data_that_somebody_writes_into_a_secret_makes_it_theirs(kubectl: Kubectl) -> None:
    namespace = "taken-over"
    kubectl.create_namespace(namespace)
    metadata = {"name": NAME, "namespace": namespace, "annotations": {"tls.milvus.io/external": "OneWay"}}
    kubectl.apply({"apiVersion": "milvus.io/v1beta1", "kind": "Milvus", "metadata": metadata, "spec": {}})
    wait_for_condition(kubectl, NAME, namespace, "Ready", "True")
    theirs = secret(namespace, "certs", ("server.pem", "server.key", "ca.pem"))
    kubectl.apply(theirs)

    def is_theirs() -> bool:
        present = (kubectl.get("secret", "certs", namespace) or {})["metadata"]
        return "ownerReferences" not in present and "tls.milvus.io/role" not in present.get("labels", {})

    wait_until(is_theirs, "the operator lets go of the Secret", timeout=WAKE_TIME)
    kubectl.wait_for("milvustls", NAME, namespace, lambda item: item["status"]["certificate"].get("source") == "Secret", "it is provided")
    assert (kubectl.get("secret", "certs", namespace) or {})["data"] == theirs["data"], "it is used as it is"
    assert wait_for_condition(kubectl, NAME, namespace, "Ready", "True")
    owned = kubectl.get("secret", "certs-ca", namespace)
    assert owned and owned["metadata"]["ownerReferences"], "the others stay the operator's"


def test_an_authority_that_is_named_is_never_made_nor_owned(kubectl: Kubectl) -> None:
    namespace = "named-authority"
    kubectl.create_namespace(namespace)
    kubectl.apply({"apiVersion": "milvus.io/v1beta1", "kind": "Milvus", "metadata": {"name": NAME, "namespace": namespace}, "spec": {}})
    spec = {"external": {"mode": "OneWay"}, "authority": {"secretName": "company-ca"}}
    kubectl.apply({"apiVersion": "tls.milvus.io/v1alpha1", "kind": "MilvusTLS", "metadata": {"name": NAME, "namespace": namespace}, "spec": spec})
    tls = wait_for_reason(kubectl, namespace, "SecretMissing")
    assert "company-ca" in condition(tls, "Ready")["message"] and secrets(kubectl, namespace) == []
    files = make_certificates(SERVER_NAME)
    data = {key: base64.b64encode(files[key]).decode() for key in ("ca.pem", "ca.key")}
    kubectl.apply({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "company-ca", "namespace": namespace}, "data": data})
    start = time.monotonic()
    wait_for_condition(kubectl, NAME, namespace, "Ready", "True")
    assert time.monotonic() - start < WAKE_TIME
    present = kubectl.get("secret", "company-ca", namespace)
    assert present and present["data"] == data and "ownerReferences" not in present["metadata"]


def test_an_authority_whose_certificate_is_damaged_keeps_its_key(kubectl: Kubectl) -> None:
    namespace = "damaged-authority"
    kubectl.create_namespace(namespace)
    metadata = {"name": NAME, "namespace": namespace, "annotations": {"tls.milvus.io/external": "OneWay"}}
    kubectl.apply({"apiVersion": "milvus.io/v1beta1", "kind": "Milvus", "metadata": metadata, "spec": {}})
    wait_for_condition(kubectl, NAME, namespace, "Ready", "True")
    before, server = (kubectl.get("secret", name, namespace) or {} for name in ("certs-ca", "certs"))
    kubectl.patch("secret", "certs-ca", namespace, {"data": {"ca.pem": base64.b64encode(b"damaged").decode()}})

    def mended() -> bool:
        text = base64.b64decode((kubectl.get("secret", "certs-ca", namespace) or {})["data"]["ca.pem"])
        return text.startswith(b"-----BEGIN")

    wait_until(mended, "a new certificate for the same key", timeout=WAKE_TIME)
    assert (kubectl.get("secret", "certs-ca", namespace) or {})["data"]["ca.key"] == before["data"]["ca.key"]
    assert (kubectl.get("secret", "certs", namespace) or {})["data"]["server.pem"] == server["data"]["server.pem"]
    kubectl.patch("secret", "certs-ca", namespace, {"data": {"ca.key": base64.b64encode(b"damaged").decode()}})
    tls = wait_for_reason(kubectl, namespace, "AuthorityInvalid")
    assert "certs-ca" in condition(tls, "Ready")["message"]

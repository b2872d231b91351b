"""Milvus resources in the shapes that people write, and what others do to them, on a real API server without pods."""

import base64
import datetime
import json
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import api_server_with_operator
from hand_made import make_certificates
from kubectl import Kubectl, Object, condition
from kubernetes_api import KubernetesAPI
from milvuses import annotations
from node import REPOSITORY
from waiting import wait_until

PATHS = {"serverPemPath": "/certs/server.pem", "serverKeyPath": "/certs/server.key", "caPemPath": "/certs/ca.pem"}
# The part that the manual's three resources have in common.
MOUNT: Object = {
    "volumes": [{"name": "certs", "secret": {"secretName": "certs"}}],
    "volumeMounts": [{"name": "certs", "mountPath": "/certs", "readOnly": True}],
}
MANUAL: dict[str, Object] = {
    "one-way": {"proxy": {"http": {"port": 8080}}, "common": {"security": {"tlsMode": 1}}, "tls": PATHS},
    "two-way": {"proxy": {"http": {"port": 8080}}, "common": {"security": {"tlsMode": 2}}, "tls": PATHS},
    "internal": {
        "proxy": {"http": {"port": 8080}},
        "common": {"security": {"internaltlsEnabled": True}},
        "internaltls": PATHS | {"sni": "localhost"},
    },
}


@pytest.fixture(scope="module")
def kubectl(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kubectl]:
    """An API server with the operator beside it."""
    with api_server_with_operator(tmp_path_factory) as kubectl:
        yield kubectl


@pytest.fixture
def namespace(kubectl: Kubectl, request: pytest.FixtureRequest) -> str:
    """One a test."""
    # Short: with a longer one the default common name leaves the namespace out.
    name = f"shape-{zlib.crc32(request.node.name.encode())}"
    kubectl.create_namespace(name)
    return name


def milvus(namespace: str, asked: dict[str, str] | None = None, **spec: Object) -> Object:
    metadata = {"name": "my-release", "namespace": namespace} | ({"annotations": asked} if asked else {})
    return {"apiVersion": "milvus.io/v1beta1", "kind": "Milvus", "metadata": metadata, "spec": spec}


def milvus_tls(namespace: str, **spec: Object) -> Object:
    metadata = {"name": "my-release", "namespace": namespace}
    return {"apiVersion": "tls.milvus.io/v1alpha1", "kind": "MilvusTLS", "metadata": metadata, "spec": spec}


def wait_for_ready(kubectl: Kubectl, namespace: str, status: str = "True", reason: str = "Configured") -> Object:
    def holds(item: Object) -> bool:
        ready = condition(item, "Ready")
        return (ready.get("status"), ready.get("reason")) == (status, reason)

    return kubectl.wait_for("milvustls", "my-release", namespace, holds, f"Ready={status} {reason}", timeout=30)


def spec(kubectl: Kubectl, namespace: str) -> Object:
    item = kubectl.get("milvus", "my-release", namespace)
    assert item
    return item["spec"]


def now() -> str:
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def mount_paths(found: Object) -> list[str]:
    return [mount["mountPath"] for mount in found["components"]["volumeMounts"] if mount["name"] != "_remove"]


def secret(namespace: str, name: str, files: dict[str, bytes], kind: str = "Opaque") -> Object:
    data = {key: base64.b64encode(content).decode() for key, content in files.items()}
    return {"apiVersion": "v1", "kind": "Secret", "type": kind, "metadata": {"name": name, "namespace": namespace}, "data": data}


@pytest.mark.parametrize("kind", MANUAL)
def test_the_manuals_resource_needs_no_openssl_and_no_secret_of_yours(kind: str, kubectl: Kubectl, namespace: str) -> None:
    written = milvus(namespace, config=MANUAL[kind], components=MOUNT)
    kubectl.apply(written)
    wait_for_ready(kubectl, namespace)
    assert set(kubectl.secret("certs", namespace)["data"]) == {"server.pem", "server.key", "ca.pem"}
    found = spec(kubectl, namespace)
    assert found["config"] == MANUAL[kind], "the configuration is the author's"
    assert {name: found["components"][name] for name in MOUNT} == MOUNT


def test_a_secret_made_by_hand_is_used_and_its_change_rolls_the_pods(kubectl: Kubectl, namespace: str, tmp_path: Path) -> None:
    def make(create: str) -> None:
        files = make_certificates("my-release-milvus." + namespace + ".svc")
        arguments = []
        for name in ("server.pem", "server.key", "ca.pem"):
            (tmp_path / name).write_bytes(files[name])
            arguments.append(f"--from-file={tmp_path / name}")
        text = kubectl.run(create, "secret", "generic", "certs", f"--namespace={namespace}", *arguments, "--dry-run=client", "--output=yaml")
        kubectl.run("apply", "--filename=-", text=text)

    make("create")
    before = kubectl.secret("certs", namespace)
    kubectl.apply(milvus(namespace, annotations(external="TwoWay", internal="true")))
    tls = wait_for_ready(kubectl, namespace)
    assert tls["status"]["certificate"]["source"] == "Secret"
    digest = spec(kubectl, namespace)["components"]["podAnnotations"]["tls.milvus.io/certificate"]
    assert kubectl.secret("certs", namespace) == before, "it is never written"
    make("create")
    wait_until(
        lambda: spec(kubectl, namespace)["components"]["podAnnotations"]["tls.milvus.io/certificate"] != digest, "another digest", timeout=20
    )
    # Deleted and not yet made again, it stays theirs.
    kubectl.run("delete", "secret", "certs", f"--namespace={namespace}")
    wait_for_ready(kubectl, namespace, "False", "SecretMissing")
    make("create")
    wait_for_ready(kubectl, namespace)


def test_a_tls_secret_with_a_fault_is_refused_and_mended_it_is_used(kubectl: Kubectl, namespace: str) -> None:
    good, other = make_certificates("my-release-milvus." + namespace + ".svc"), make_certificates("x")
    files = {"tls.crt": good["server.pem"], "tls.key": other["server.key"], "ca.crt": good["ca.pem"]}
    kubectl.apply(secret(namespace, "certs", files, "kubernetes.io/tls"), milvus(namespace, annotations(internal="true")))
    tls = wait_for_ready(kubectl, namespace, "False", "SecretInvalid")
    assert "tls.key is not the private key of tls.crt" in condition(tls, "Ready")["message"]
    assert "components" not in spec(kubectl, namespace)
    kubectl.apply(secret(namespace, "certs", files | {"tls.key": good["server.key"]}, "kubernetes.io/tls"))
    wait_for_ready(kubectl, namespace)
    items = spec(kubectl, namespace)["components"]["volumes"][0]["secret"]["items"]
    assert {"key": "tls.crt", "path": "server.pem"} in items


def test_cert_manager_issues_where_an_issuer_is_named(kubectl: Kubectl, namespace: str) -> None:
    issuer = {"name": "internal-ca", "kind": "ClusterIssuer", "group": "cert-manager.io"}
    asked = milvus_tls(namespace, external={"mode": "TwoWay"}, certificate={"issuerRef": issuer, "duration": "2160h"})
    kubectl.apply(milvus(namespace), asked)
    wait_for_ready(kubectl, namespace, "False", "CertManagerNotInstalled")
    kubectl.run("create", f"--filename={REPOSITORY / 'Tests/Fixtures/certificate-crd.yaml'}")
    wait_for_ready(kubectl, namespace, "False", "WaitingForCertManager")
    requests = {item["metadata"]["name"]: item["spec"] for item in kubectl.list("certificates.cert-manager.io", f"--namespace={namespace}")}
    assert set(requests) == {"certs", "certs-client"}
    assert requests["certs"]["issuerRef"] == issuer and requests["certs"]["duration"] == "2160h"
    assert "server auth" in requests["certs"]["usages"] and "client auth" in requests["certs-client"]["usages"]
    name = requests["certs"]["commonName"]
    assert name in requests["certs"]["dnsNames"]
    # What cert-manager does next.
    files = make_certificates(name)
    for role in ("server", "client"):
        secret_name = "certs" if role == "server" else "certs-client"
        data = {"tls.crt": files[f"{role}.pem"], "tls.key": files[f"{role}.key"], "ca.crt": files["ca.pem"]}
        kubectl.apply(secret(namespace, secret_name, data, "kubernetes.io/tls"))
    tls = wait_for_ready(kubectl, namespace)
    assert tls["status"]["certificate"]["source"] == "CertManager"
    assert spec(kubectl, namespace)["components"]["volumes"][0]["secret"]["secretName"] == "certs"


OWN_VOLUME: Object = {"volumes": [{"name": "data", "emptyDir": {}}]}


@pytest.mark.parametrize("mode", ["client-side", "server-side"])
def test_the_same_file_applied_again_leaves_tls_on(mode: str, kubectl: Kubectl, namespace: str) -> None:
    file = json.dumps(milvus(namespace, annotations(external="OneWay"), mode="standalone", config={"log": {"level": "info"}}))
    flags = ["--server-side"] if mode == "server-side" else []
    kubectl.run("apply", *flags, "--filename=-", text=file)
    wait_for_ready(kubectl, namespace)
    before = spec(kubectl, namespace)
    kubectl.run("apply", *flags, "--filename=-", text=file)
    assert spec(kubectl, namespace) == before
    # A value of their own beside the operator's.
    kubectl.run("apply", *flags, "--filename=-", text=file.replace('"info"', '"debug"'))
    found = spec(kubectl, namespace)
    assert found["config"]["log"] == {"level": "debug"} and found["config"]["tls"] == before["config"]["tls"]


def test_what_kubectl_edit_changes_stays(kubectl: Kubectl, namespace: str) -> None:
    kubectl.apply(milvus(namespace, annotations(external="OneWay")))
    wait_for_ready(kubectl, namespace)
    kubectl.patch("milvus", "my-release", namespace, {"spec": {"config": {"tls": {"caPemPath": "/elsewhere/ca.pem"}}}})
    wait_until(lambda: "/elsewhere" in mount_paths(spec(kubectl, namespace)), "the mount follows", timeout=20)
    kubectl.patch("milvus", "my-release", namespace, {"spec": {"config": {"common": {"security": {"tlsMode": 0}}}}})
    tls = wait_for_ready(kubectl, namespace, "False", "Conflict")
    assert condition(tls, "Ready")["message"] == "spec.config.common.security.tlsMode is 0, must be 1 for external TLS OneWay"


def test_a_tool_that_takes_the_fields_out_wins_after_three_times(kubectl: Kubectl, namespace: str) -> None:
    file = milvus(namespace, annotations(external="OneWay"), components=OWN_VOLUME)
    kubectl.apply(file)
    wait_for_ready(kubectl, namespace)
    for count in (1, 2, 3):
        kubectl.apply(file)  # a list is replaced whole
        kubectl.wait_for(
            "milvustls", "my-release", namespace, lambda tls: tls["status"].get("reversions", {}).get("count") == count, f"reversion {count}", 20
        )
        if count < 3:
            wait_until(lambda: len(spec(kubectl, namespace)["components"]["volumes"]) == 2, "the volume is back", timeout=20)
    tls = wait_for_ready(kubectl, namespace, "False", "FieldsReverted")
    assert "/spec/components/volumes" in condition(tls, "Ready")["message"]
    assert spec(kubectl, namespace)["components"]["volumes"] == OWN_VOLUME["volumes"]
    # As the message says: the operator's MilvusTLS deleted, it begins anew.
    kubectl.run("delete", "milvustls", "my-release", f"--namespace={namespace}")
    wait_for_ready(kubectl, namespace)
    assert len(spec(kubectl, namespace)["components"]["volumes"]) == 2


def test_of_two_milvustls_the_older_wins_and_the_newer_says_so(kubectl: Kubectl, namespace: str) -> None:
    older = milvus_tls(namespace, external={"mode": "OneWay"})
    kubectl.apply(milvus(namespace), older)
    wait_for_ready(kubectl, namespace)
    newer = milvus_tls(namespace, external={"mode": "TwoWay"}, milvusRef={"name": "my-release"})
    newer["metadata"]["name"] = "another"
    created = (kubectl.get("milvustls", "my-release", namespace) or {})["metadata"]["creationTimestamp"]
    wait_until(lambda: now() > created, "a second in which it is the newer one")
    kubectl.apply(newer)
    tls = kubectl.wait_for("milvustls", "another", namespace, lambda item: condition(item, "Ready").get("reason") == "Superseded", "Superseded", 20)
    assert condition(tls, "Ready")["message"] == "MilvusTLS my-release already applies to Milvus my-release"
    assert spec(kubectl, namespace)["config"]["common"]["security"]["tlsMode"] == 1


def test_two_milvus_of_a_namespace_have_secrets_of_their_own(kubectl: Kubectl, namespace: str) -> None:
    kubectl.apply(milvus(namespace, annotations(external="TwoWay")))
    wait_for_ready(kubectl, namespace)
    second = milvus(namespace, annotations(external="TwoWay"))
    second["metadata"]["name"] = "second"
    kubectl.apply(second)
    kubectl.wait_for("milvustls", "second", namespace, lambda item: condition(item, "Ready").get("status") == "True", "Ready=True", 30)
    names = {item["metadata"]["name"] for item in kubectl.list("secrets", f"--namespace={namespace}")}
    assert {"certs", "certs-ca", "certs-client", "second-certs", "second-certs-ca", "second-certs-client"} <= names


def test_disabled_again_the_resource_is_as_it_was_written(kubectl: Kubectl, namespace: str) -> None:
    written = milvus(namespace, annotations(external="OneWay"), components=OWN_VOLUME, mode="standalone")
    kubectl.apply(written)
    wait_for_ready(kubectl, namespace)
    kubectl.run("annotate", "milvus", "my-release", f"--namespace={namespace}", "--overwrite", "tls.milvus.io/external=Disabled")
    wait_for_ready(kubectl, namespace, "True", "Disabled")
    marked = kubectl.get("milvus", "my-release", namespace)
    assert marked and marked["spec"]["components"]["volumeMounts"] == [{"name": "_remove", "mountPath": "/certs"}]
    assert kubectl.get("secret", "certs", namespace), "running pods name it"
    # milvus-operator says that it is through.
    status = {"observedGeneration": marked["metadata"]["generation"], "status": "Healthy"}
    path = f"/apis/milvus.io/v1beta1/namespaces/{namespace}/milvuses/my-release/status"
    KubernetesAPI(kubectl.kubeconfig).merge(path, {"status": status})
    final = kubectl.wait_for("milvus", "my-release", namespace, lambda item: "volumeMounts" not in item["spec"]["components"], "no mark", 20)
    # What the definition defaults stays: milvus-operator would write it too.
    parts = final["spec"]["components"]
    assert "config" not in final["spec"] and parts["volumes"] == OWN_VOLUME["volumes"]
    assert "podAnnotations" not in parts and "serviceRestfulPort" not in parts["standalone"]
    assert "tls.milvus.io/applied" not in final["metadata"].get("annotations", {})


def test_a_milvus_made_again_under_its_name_waits_for_the_old_secrets_to_go(kubectl: Kubectl, namespace: str) -> None:
    kubectl.apply(milvus(namespace, annotations(external="OneWay")))
    wait_for_ready(kubectl, namespace)
    old = kubectl.secret("certs", namespace)
    kubectl.run("delete", "milvus", "my-release", f"--namespace={namespace}")
    kubectl.run("delete", "milvustls", "my-release", f"--namespace={namespace}")  # the garbage collector's work
    kubectl.apply(milvus(namespace, annotations(external="OneWay")))
    wait_for_ready(kubectl, namespace, "False", "WaitingForDeletion")
    kubectl.run("delete", "secret", "certs", "certs-ca", "certs-client", f"--namespace={namespace}")
    wait_for_ready(kubectl, namespace)
    assert kubectl.secret("certs", namespace)["data"]["server.pem"] != old["data"]["server.pem"]

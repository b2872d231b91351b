"""What real clusters hold, on a real API server: the files that people bring are used, and what they write is read as Milvus reads it."""

import base64
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from certificates import facts
from conftest import api_server_with_operator
from hand_made import make_certificates
from kubectl import Kubectl, Object, condition
from milvuses import annotations, wait_for_condition
from real_clusters import (
    BARE,
    MOUNTED,
    NAME,
    OWN_FILE_NAMES,
    WAKE_TIME,
    Snapshot,
    config_map,
    milvus,
    milvus_tls,
    namespace_of,
    secret,
    server_files,
    wait_for_reason,
)
from waiting import wait_until


@pytest.fixture(scope="module")
def kubectl(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kubectl]:
    """An API server with an operator that waits for Secrets as long as it does by default."""
    with api_server_with_operator(tmp_path_factory, "--issue-missing-after", "60s", "--minimum-duration", "5s") as kubectl:
        yield kubectl


@pytest.fixture
def namespace(kubectl: Kubectl, request: pytest.FixtureRequest) -> str:
    """One a test."""
    name = namespace_of(request)
    kubectl.create_namespace(name)
    return name


def present(kubectl: Kubectl, namespace: str) -> Object:
    item = kubectl.get("milvus", NAME, namespace)
    assert item
    return item["spec"]


def secrets(kubectl: Kubectl, namespace: str) -> dict[str, Object]:
    return {item["metadata"]["name"]: item for item in kubectl.list("secrets", f"--namespace={namespace}")}


def test_a_secret_that_git_brings_twenty_seconds_after_the_milvus_is_audited_and_used(kubectl: Kubectl, namespace: str) -> None:
    spec = MOUNTED.replace("prod-server-tls", "certs").replace("tls.crt", "server.pem").replace("tls.key", "server.key").replace("ca.crt", "ca.pem")
    item = milvus(namespace, spec, {"argocd.argoproj.io/sync-wave": "0"})
    item["metadata"]["labels"] = {"argocd.argoproj.io/instance": "search"}
    kubectl.apply(item)
    before, start = Snapshot(kubectl, namespace), time.monotonic()
    assert "Secret certs, which the Milvus mounts, does not exist yet; waiting until" in wait_for_reason(kubectl, namespace, "SecretMissing")
    wait_until(lambda: time.monotonic() - start > 20, "20 s in which nothing is issued", interval=0.5)
    before.assert_unchanged()
    files = server_files(namespace, "server.pem", "server.key", "ca.pem")
    unsealed = secret(namespace, "certs", files)
    owner = {"apiVersion": "bitnami.com/v1alpha1", "kind": "SealedSecret", "name": "certs", "uid": "00000000-0000-4000-8000-000000000007"}
    unsealed["metadata"]["ownerReferences"] = [owner | {"controller": True}]
    assert_used_at_once(kubectl, namespace, spec, files["server.pem"], unsealed)


def assert_used_at_once(kubectl: Kubectl, namespace: str, spec: str, certificate: bytes, *last: Object) -> None:
    """From the arrival of the last objects: the certificate is used, all provided Secrets are as they were, and the Milvus as it was written."""
    kubectl.apply(*last)
    start = time.monotonic()
    provided = {name: item["metadata"]["resourceVersion"] for name, item in secrets(kubectl, namespace).items()}
    tls = wait_for_condition(kubectl, NAME, namespace, "Ready", "True")
    assert time.monotonic() - start < WAKE_TIME
    assert {name: item["metadata"]["resourceVersion"] for name, item in secrets(kubectl, namespace).items()} == provided
    used = tls["status"]["certificate"]
    assert (used["source"], used["serialNumber"]) == ("Secret", facts(certificate).serial_number)
    found = present(kubectl, namespace)
    assert found["components"].pop("podAnnotations") == {"tls.milvus.io/certificate": used["digest"]}
    assert_holds(found, yaml.safe_load(spec))


def assert_holds(found: Any, written: Any) -> None:
    """All that was written is there. API servers add defaults to it, the operator a port for REST where it has none."""
    if isinstance(written, dict):
        assert isinstance(found, dict)
        for key, value in written.items():
            assert_holds(found.get(key), value)
    else:
        assert found == written


def test_own_file_names_in_a_secret_of_their_own_that_comes_after_the_milvus(kubectl: Kubectl, namespace: str) -> None:
    files = server_files(namespace, "tls-cert.pem", "tls-key.key", "ca.pem")
    both = milvus(namespace, OWN_FILE_NAMES), secret(namespace, "milvus-tls-certs", files)
    assert_used_at_once(kubectl, namespace, OWN_FILE_NAMES, files["tls-cert.pem"], *both)
    assert present(kubectl, namespace)["config"]["proxy"]["http"]["port"] == 8080, "REST does not share the gRPC port"


def test_own_file_names_in_a_secret_that_comes_later(kubectl: Kubectl, namespace: str) -> None:
    kubectl.apply(milvus(namespace, OWN_FILE_NAMES))
    wait_for_reason(kubectl, namespace, "SecretMissing")
    files = server_files(namespace, "tls-cert.pem", "tls-key.key", "ca.pem")
    assert_used_at_once(kubectl, namespace, OWN_FILE_NAMES, files["tls-cert.pem"], secret(namespace, "milvus-tls-certs", files))


@pytest.mark.parametrize("order", ["key-first", "certificate-first"])
def test_certificate_and_key_in_one_file_are_no_fault(kubectl: Kubectl, namespace: str, order: str) -> None:
    spec = """
mode: standalone
components:
  image: milvusdb/milvus:v2.5.4
  volumes:
    - name: certs
      secret:
        secretName: prod-server-tls
        items: [{key: tls-combined.pem, path: server.pem}, {key: tls-combined.pem, path: server.key}, {key: ca.crt, path: ca.pem}]
  volumeMounts: [{name: certs, mountPath: /certs, readOnly: true}]
config:
  common: {security: {tlsMode: 1}}
  tls: {serverPemPath: /certs/server.pem, serverKeyPath: /certs/server.key, caPemPath: /certs/ca.pem}
  proxy: {http: {enabled: true, port: 8080}}
"""
    files = server_files(namespace, "tls.crt", "tls.key", "ca.crt")
    parts = [files["tls.key"], files["tls.crt"]]
    combined = {"tls-combined.pem": b"".join(parts if order == "key-first" else reversed(parts))}
    kubectl.apply(milvus(namespace, spec))
    assert "waiting for it (tls-combined.pem, ca.crt)" in wait_for_reason(kubectl, namespace, "SecretMissing")
    assert_used_at_once(kubectl, namespace, spec, files["tls.crt"], secret(namespace, "prod-server-tls", files | combined, "kubernetes.io/tls"))


SECOND_SECRET = """
mode: standalone
components:
  image: milvusdb/milvus:v2.5.4
  volumes: [{name: server, secret: {secretName: prod-server-tls}}, {name: clients, secret: {secretName: prod-client-authority}}]
  volumeMounts: [{name: server, mountPath: /tls/server, readOnly: true}, {name: clients, mountPath: /tls/clients, readOnly: true}]
config:
  common: {security: {tlsMode: 2}}
  tls: {serverPemPath: /tls/server/tls.crt, serverKeyPath: /tls/server/tls.key, caPemPath: /tls/clients/ca.crt}
  proxy: {http: {enabled: false}}
"""
PROJECTED = """
mode: cluster
components:
  image: milvusdb/milvus:v2.5.12
  volumes:
    - name: certs
      projected:
        sources:
          - secret: {name: prod-server-tls, items: [{key: tls.crt, path: server.pem}, {key: tls.key, path: server.key}]}
          - configMap: {name: corporate-trust, items: [{key: bundle.pem, path: ca.pem}]}
  volumeMounts: [{name: certs, mountPath: /certs, readOnly: true}]
config:
  common: {security: {tlsMode: 2, internaltlsEnabled: true}}
  tls: {serverPemPath: /certs/server.pem, serverKeyPath: /certs/server.key, caPemPath: /certs/ca.pem}
  internaltls: {serverPemPath: /certs/server.pem, serverKeyPath: /certs/server.key, caPemPath: /certs/ca.pem, sni: SNI}
  proxy: {http: {enabled: true, port: 8080}}
"""


@dataclass
class Provided:
    """Files of two objects: the server's certificate in a Secret, the CA in another object."""

    spec: str
    trust: Callable[[str, bytes], Object]
    """The object with the CA, in a namespace."""
    has_authority: bool
    """Whether the server's Secret has a CA too, which Milvus does not read; an ACME issuer writes none."""

    def server(self, namespace: str, files: dict[str, bytes]) -> Object:
        keys = ("tls.crt", "tls.key", "ca.crt") if self.has_authority else ("tls.crt", "tls.key")
        return secret(namespace, "prod-server-tls", {key: files[key] for key in keys}, "kubernetes.io/tls")


def client_authority(namespace: str, text: bytes) -> Object:
    return secret(namespace, "prod-client-authority", {"ca.crt": text})


def corporate_trust(namespace: str, text: bytes) -> Object:
    return config_map(namespace, "corporate-trust", {"bundle.pem": text})


PROVIDED = {
    "second-secret": Provided(SECOND_SECRET, client_authority, has_authority=True),
    "second-secret-beside-acme": Provided(SECOND_SECRET, client_authority, has_authority=False),
    "projected-with-configmap": Provided(PROJECTED, corporate_trust, has_authority=True),
}


@pytest.mark.parametrize("name", PROVIDED)
def test_files_of_two_objects_are_used_where_they_are_and_both_are_followed(kubectl: Kubectl, namespace: str, name: str) -> None:
    case = PROVIDED[name]
    spec = case.spec.replace("SNI", f"prod-milvus.{namespace}.svc")
    files = server_files(namespace, "tls.crt", "tls.key", "ca.crt")
    # The clients' CA is not the server's, except where components use it to verify each other.
    trusted = make_certificates("clients")["ca.pem"] if case.spec == SECOND_SECRET else files["ca.crt"]
    kubectl.apply(milvus(namespace, spec))
    assert "Secret prod-server-tls" in wait_for_reason(kubectl, namespace, "SecretMissing")
    kubectl.apply(case.server(namespace, files))
    last = case.trust(namespace, trusted)
    missing = f"{last['kind']} {last['metadata']['name']}"
    kubectl.wait_for("milvustls", NAME, namespace, lambda item: missing in condition(item, "Ready").get("message", ""), missing, timeout=WAKE_TIME)
    assert_used_at_once(kubectl, namespace, spec, files["tls.crt"], last)

    # Each is audited where it is: a fault is told, names the object, and rolls no pods.
    digest = digest_in_pods(kubectl, namespace)
    for damaged, mended, words in (
        (case.server(namespace, files | {"tls.key": make_certificates("x")["server.key"]}), case.server(namespace, files), "Secret prod-server-tls"),
        (case.trust(namespace, b"-----BEGIN NOTHING-----\n"), last, missing),
    ):
        kubectl.apply(damaged)
        assert words in wait_for_reason(kubectl, namespace, "SecretInvalid")
        assert digest_in_pods(kubectl, namespace) == digest
        kubectl.apply(mended)
        wait_for_condition(kubectl, NAME, namespace, "Ready", "True")

    # A change of either rolls the pods.
    renewed = server_files(namespace, "tls.crt", "tls.key", "ca.crt")
    if case.spec == PROJECTED:
        trusted += renewed["ca.crt"]
        digest = assert_rolled_by(kubectl, namespace, digest, case.trust(namespace, trusted))
    digest = assert_rolled_by(kubectl, namespace, digest, case.server(namespace, renewed))
    assert_rolled_by(kubectl, namespace, digest, case.trust(namespace, trusted + make_certificates("others")["ca.pem"]))
    assert secrets(kubectl, namespace).keys() <= {"prod-server-tls", "prod-client-authority"}, "nothing is issued"


def digest_in_pods(kubectl: Kubectl, namespace: str) -> str:
    return present(kubectl, namespace)["components"]["podAnnotations"]["tls.milvus.io/certificate"]


def assert_rolled_by(kubectl: Kubectl, namespace: str, former: str, item: Object) -> str:
    """The new digest."""
    kubectl.apply(item)
    start = time.monotonic()
    digest = wait_until(lambda: digest_in_pods(kubectl, namespace).replace(former, ""), "the pods are rolled", interval=0.1)
    assert time.monotonic() - start < WAKE_TIME
    wait_for_condition(kubectl, NAME, namespace, "Ready", "True")
    return digest


def test_keys_in_another_letter_case_that_agree_are_kept_and_get_no_second_spelling(kubectl: Kubectl, namespace: str) -> None:
    spec = """
mode: cluster
components: {image: milvusdb/milvus:v2.5.12}
config:
  common: {security: {tlsmode: "1", InternalTLSEnabled: "TRUE"}}
  internalTls: {sni: prod-milvus}
  TLS: {serverPEMPath: /secure/server.pem, serverKEYPath: /secure/server.key, caPEMPath: /secure/ca.pem}
  proxy: {HTTP: {Port: 8081}}
"""
    kubectl.apply(milvus(namespace, spec, annotations(external="OneWay", internal="true")))
    wait_for_condition(kubectl, NAME, namespace, "Ready", "True")
    found = present(kubectl, namespace)["config"]
    assert_holds(found, yaml.safe_load(spec)["config"])
    assert len(spellings(found)) == len(set(spellings(found))), found
    assert "internaltlsserverpempath" in spellings(found), "what was missing is added to the section that is there"


def spellings(value: Any, prefix: str = "") -> list[str]:
    """The keys of a configuration as Milvus compares them."""
    if not isinstance(value, dict):
        return [prefix]
    return [key for name, member in value.items() for key in spellings(member, prefix + name.lower().translate({ord(sign): None for sign in "._/"}))]


def test_rest_port_0_switches_rest_off(kubectl: Kubectl, namespace: str) -> None:
    spec = "{mode: standalone, components: {image: 'milvusdb/milvus:v2.6.7'}}"
    kubectl.apply(milvus(namespace, spec), milvus_tls(namespace, external={"mode": "OneWay", "restPort": 0}))
    wait_for_condition(kubectl, NAME, namespace, "Ready", "True")
    found = present(kubectl, namespace)["config"]
    assert found["common"]["security"]["tlsMode"] == 1
    assert found["proxy"] == {"http": {"enabled": False}}, "newer releases panic with REST on gRPC's port beside TLS"


def test_the_version_counts_where_an_image_of_the_house_has_a_tag_of_its_own(kubectl: Kubectl, namespace: str) -> None:
    spec = """
mode: cluster
components:
  image: milvusdb/milvus:v2.6.5
  version: v2.6.5
  queryNode: {image: "registry.example.com/search/milvus-gpu:1.4.0-cuda12"}
"""
    kubectl.apply(milvus(namespace, spec, annotations(internal="true")))
    tls = wait_for_condition(kubectl, NAME, namespace, "Ready", "True")
    assert present(kubectl, namespace)["config"]["common"]["security"]["internaltlsEnabled"] is True
    assert condition(tls, "VersionAssumed").get("status") != "True"


def test_a_managed_by_label_that_helm_overwrites_is_put_back_and_renewals_go_on(kubectl: Kubectl, namespace: str) -> None:
    # Renewed in the last third: 20 s later.
    kubectl.apply(milvus(namespace, BARE), milvus_tls(namespace, external={"mode": "TwoWay"}, certificate={"duration": "30s"}))
    tls = wait_for_condition(kubectl, NAME, namespace, "Ready", "True")
    made = secrets(kubectl, namespace)
    assert set(made) == {"certs", "certs-ca", "certs-client"}
    kubectl.run("label", "--overwrite", "secrets", "--all", f"--namespace={namespace}", "app.kubernetes.io/managed-by=Helm")

    def is_put_back() -> bool:
        labels = (item["metadata"]["labels"] for item in secrets(kubectl, namespace).values())
        return all(found["app.kubernetes.io/managed-by"] == "milvus-tls-operator" for found in labels)

    wait_until(is_put_back, "the label is put back", timeout=WAKE_TIME, interval=0.2)
    after = secrets(kubectl, namespace)
    assert {name: item["data"] for name, item in after.items()} == {name: item["data"] for name, item in made.items()}, "and nothing else"
    assert condition(kubectl.get("milvustls", NAME, namespace) or {}, "Ready")["status"] == "True"
    former = tls["status"]["certificate"]["serialNumber"]

    def renewed() -> bool:
        return serial_number(kubectl, namespace) != former

    wait_until(renewed, "the renewal", timeout=45, interval=0.5)
    item = kubectl.secret("certs", namespace)
    assert item["metadata"]["uid"] == after["certs"]["metadata"]["uid"], "the same Secret"
    assert item["metadata"]["ownerReferences"] == made["certs"]["metadata"]["ownerReferences"]


def serial_number(kubectl: Kubectl, namespace: str) -> str:
    return facts(base64.b64decode(kubectl.secret("certs", namespace)["data"]["server.pem"])).serial_number


@pytest.mark.parametrize("kind", ["clusters", "users", "contexts"])
def test_a_kubeconfig_with_one_name_twice_is_refused_as_by_kubectl(tmp_path: Path, kind: str) -> None:
    configuration: Object = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "prod", "cluster": {"server": "https://old.example.com:6443"}}],
        "users": [{"name": "prod", "user": {"token": "expired"}}],
        "contexts": [{"name": "prod", "context": {"cluster": "prod", "user": "prod"}}],
        "current-context": "prod",
    }
    configuration[kind] = configuration[kind] * 2
    file = tmp_path / "config"
    file.write_text(yaml.safe_dump(configuration))
    for command in (["kubectl", "get", "pods"], [os.environ["MILVUS_TLS_BINARY"], "operator"], [os.environ["MILVUS_TLS_BINARY"], "verify", NAME]):
        answer = subprocess.run([*command, f"--kubeconfig={file}"], capture_output=True, text=True, timeout=30)
        assert answer.returncode == 1 and str(file) in answer.stderr and '"prod"' in answer.stderr, (command, answer)

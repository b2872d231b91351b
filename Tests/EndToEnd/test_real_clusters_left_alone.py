"""Real clusters whose TLS is others' work, or cannot be: nothing is issued and nothing is patched, and the condition says why."""

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from conftest import api_server_with_operator
from kubectl import Kubectl, Object
from milvuses import annotations
from real_clusters import BARE, MOUNTED, NAME, OWN_FILE_NAMES, WAKE_TIME, Snapshot, milvus, milvus_tls, secret, server_files, wait_for_reason
from waiting import wait_until


@pytest.fixture(scope="module")
def kubectl(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kubectl]:
    """An API server with an operator that waits for Secrets a second only."""
    with api_server_with_operator(tmp_path_factory, "--issue-missing-after", "1s") as kubectl:
        yield kubectl


BYTE_ORDER_MARK = b"\xef\xbb\xbf"
HANDED_OVER = "set annotation tls.milvus.io/external or tls.milvus.io/internal on the Milvus, or create a MilvusTLS"


def marked(namespace: str, *names: str) -> list[Object]:
    """A Secret as the manual has it, with a byte order mark before BEGIN in some files."""
    files = server_files(namespace, "server.pem", "server.key", "ca.pem")
    return [secret(namespace, "certs", {name: BYTE_ORDER_MARK * (name in names) + text for name, text in files.items()})]


@dataclass
class LeftAlone:
    """A Milvus that the operator can give no TLS, and what it says."""

    spec: str
    reason: str
    says: list[str]
    external: str = ""
    others: Callable[[str], list[Object]] = lambda _: []
    """What else there is in its namespace."""


LEFT_ALONE = {
    # An injector writes the files; the Milvus shows annotations alone.
    "injected": LeftAlone(
        """
mode: standalone
components:
  image: milvusdb/milvus:v2.5.4
  podAnnotations:
    vault.hashicorp.com/agent-inject: "true"
    vault.hashicorp.com/role: milvus
    vault.hashicorp.com/agent-inject-secret-server.pem: pki/issue/milvus
config:
  common: {security: {tlsMode: 1}}
  tls: {serverPemPath: /vault/secrets/server.pem, serverKeyPath: /vault/secrets/server.key, caPemPath: /vault/secrets/ca.pem}
  proxy: {http: {enabled: true, port: 8080}}
""",
        "FilesNotVisible",
        ["/vault/secrets/server.pem", HANDED_OVER],
    ),
    "in-the-image": LeftAlone(
        """
mode: standalone
components:
  image: registry.example.com/search/milvus-with-certs:v2.5.4
  standalone: {serviceType: LoadBalancer}
config:
  common: {security: {tlsMode: 1}}
  tls:
    serverPemPath: /opt/milvus/configs/cert/server.pem
    serverKeyPath: /opt/milvus/configs/cert/server.key
    caPemPath: /opt/milvus/configs/cert/ca.pem
""",
        "FilesNotVisible",
        ["/opt/milvus/configs/cert/server.pem", HANDED_OVER],
    ),
    # Milvus takes these keys in any letter case: they request TLS, with files that nothing shows.
    "other-case": LeftAlone(
        """
mode: cluster
components: {image: milvusdb/milvus:v2.5.12}
config:
  common: {security: {tlsmode: 1, internalTLSEnabled: true}}
  internalTls: {sni: prod-milvus.left-other-case.svc}
  tls: {serverPEMPath: /secure/server.pem, serverKEYPath: /secure/server.key, caPEMPath: /secure/ca.pem}
""",
        "FilesNotVisible",
        ["/secure/server.pem", HANDED_OVER],
    ),
    "secret-to-come": LeftAlone(
        MOUNTED, "SecretMissing", ["Secret prod-server-tls, which the Milvus mounts, does not exist yet", "tls.crt", "tls.key"]
    ),
    "own-names-to-come": LeftAlone(
        OWN_FILE_NAMES, "SecretMissing", ["Secret milvus-tls-certs, which the Milvus mounts, does not exist yet", "tls-cert.pem"]
    ),
    "byte-order-marks": LeftAlone(
        BARE,
        "SecretInvalid",
        ["Secret certs", *(f"{name} begins with a byte order mark (BOM)" for name in ("server.pem", "server.key", "ca.pem"))],
        external="TwoWay",
        others=lambda namespace: marked(namespace, "server.pem", "server.key", "ca.pem"),
    ),
    "byte-order-mark-of-the-ca": LeftAlone(
        BARE,
        "SecretInvalid",
        ["Secret certs", "ca.pem begins with a byte order mark (BOM)"],
        external="TwoWay",
        others=lambda namespace: marked(namespace, "ca.pem"),
    ),
    "contradiction-in-other-case": LeftAlone(
        """
mode: standalone
components: {image: milvusdb/milvus:v2.5.12}
config:
  common: {security: {TLSMode: 0}}
  tls: {serverpempath: /old/server.pem}
""",
        "Conflict",
        ["spec.config.common.security.TLSMode is 0, must be 2 for external TLS TwoWay"],
        external="TwoWay",
    ),
    "two-spellings": LeftAlone(
        """
mode: standalone
components: {image: milvusdb/milvus:v2.5.12}
config:
  common: {security: {tlsMode: 1, TLSMODE: 1}}
""",
        "Conflict",
        ["spec.config.common.security.TLSMODE", "spec.config.common.security.tlsMode"],
        external="OneWay",
    ),
    "two-spellings-that-differ": LeftAlone(
        """
mode: standalone
components: {image: milvusdb/milvus:v2.5.12}
config:
  common: {security: {tlsMode: 1}}
  common.security.tlsmode: 0
""",
        "Conflict",
        ["spec.config.common.security.tlsMode", "common.security.tlsmode"],
        external="OneWay",
    ),
    "off-by-environment": LeftAlone(
        """
mode: standalone
components:
  image: milvusdb/milvus:v2.5.4
  env: [{name: COMMON_SECURITY_TLSMODE, value: "0"}]
""",
        "Conflict",
        ["spec.components.env[COMMON_SECURITY_TLSMODE] is 0, must be 1 for external TLS OneWay"],
        external="OneWay",
    ),
    "on-by-environment": LeftAlone(
        """
mode: standalone
components:
  image: milvusdb/milvus:v2.5.4
  volumes: [{name: mine, secret: {secretName: certs}}]
  volumeMounts: [{name: mine, mountPath: /mine, readOnly: true}]
  standalone:
    env:
      - {name: COMMON_SECURITY_TLSMODE, value: "2"}
      - {name: TLS_SERVERPEMPATH, value: /mine/server.pem}
      - {name: TLS_SERVERKEYPATH, value: /mine/server.key}
      - {name: TLS_CAPEMPATH, value: /mine/ca.pem}
      - {name: MILVUS_CONF_COMMON_SECURITY_INTERNALTLSENABLED, value: "true"}
""",
        "Conflict",
        ["spec.components.standalone.env[COMMON_SECURITY_TLSMODE] is 2, must be 1 for external TLS OneWay"],
        external="OneWay",
        others=lambda namespace: [secret(namespace, "certs", server_files(namespace, "server.pem", "server.key", "ca.pem"))],
    ),
    "rest-on-beside-port-0": LeftAlone(
        "{mode: standalone, components: {image: 'milvusdb/milvus:v2.6.7'}, config: {proxy: {http: {enabled: true}}}}",
        "Conflict",
        ["spec.config.proxy.http.enabled is true", "spec.external.restPort"],
        others=lambda namespace: [milvus_tls(namespace, external={"mode": "OneWay", "restPort": 0})],
    ),
}


@pytest.fixture(scope="module")
def left_alone(kubectl: Kubectl) -> dict[str, Snapshot]:
    """Each in a namespace of its own, as it was when it was made."""
    snapshots = {}
    for name, case in LEFT_ALONE.items():
        namespace = f"left-{name}"
        kubectl.create_namespace(namespace)
        asked = annotations(external=case.external)
        kubectl.apply(*case.others(namespace), milvus(namespace, case.spec, asked))
        snapshots[name] = Snapshot(kubectl, namespace)
    return snapshots


@pytest.mark.parametrize("name", LEFT_ALONE)
def test_what_cannot_have_tls_is_left_as_it_is_and_the_condition_says_why(
    kubectl: Kubectl, left_alone: dict[str, Snapshot], name: str
) -> None:
    message = wait_for_reason(kubectl, f"left-{name}", LEFT_ALONE[name].reason)
    assert [words for words in LEFT_ALONE[name].says if words not in message] == [], message
    left_alone[name].assert_unchanged()


def test_keys_in_any_letter_case_are_read_as_requests(kubectl: Kubectl, left_alone: dict[str, Snapshot]) -> None:
    wait_for_reason(kubectl, "left-other-case", "FilesNotVisible")
    asked = (kubectl.get("milvustls", NAME, "left-other-case") or {})["spec"]
    assert (asked["external"]["mode"], asked["internal"]["enabled"]) == ("OneWay", True)


def test_it_stays_as_it_is_when_the_wait_for_missing_secrets_is_over(kubectl: Kubectl, left_alone: dict[str, Snapshot]) -> None:
    created = [item["metadata"]["creationTimestamp"] for item in kubectl.list("milvuses", "--all-namespaces")]
    end = datetime.datetime.fromisoformat(max(created)) + datetime.timedelta(seconds=1 + WAKE_TIME)
    wait_until(lambda: datetime.datetime.now(datetime.UTC) > end, "the end of the wait", interval=0.5)
    for name, snapshot in left_alone.items():
        snapshot.assert_unchanged()
        wait_for_reason(kubectl, f"left-{name}", LEFT_ALONE[name].reason)

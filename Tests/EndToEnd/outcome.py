"""What the operator must have left behind for Milvus resources that ask for TLS, whatever happened on the way."""

import base64
from collections import defaultdict

from cryptography import x509

from certificates import key_matches
from etcd import Etcd
from kubectl import Kubectl, Object, condition

MANAGED = "--selector=app.kubernetes.io/managed-by=milvus-tls-operator"
ROLES = {"authority": "ca", "server": "server", "client": "client"}


def unready(kubectl: Kubectl, namespaces: set[str]) -> set[str]:
    """The Milvus resources of some namespaces whose TLS is not in place yet."""
    milvuses = _in(namespaces, kubectl.list("milvuses", "--all-namespaces"))
    ready = {
        _key(tls)
        for tls in _in(namespaces, kubectl.list("milvustls", "--all-namespaces"))
        if condition(tls, "Ready").get("status") == "True" and tls["status"]["observedGeneration"] == tls["metadata"]["generation"]
    }
    return {_key(milvus) for milvus in milvuses} - ready


def assert_complete(kubectl: Kubectl, namespaces: set[str]) -> None:
    """Every Milvus of some namespaces has its three Secrets, fit for each other, and uses them for internal TLS; no Secret is without a Milvus."""
    assert_secrets_are_used(kubectl, namespaces)
    for milvus in _in(namespaces, kubectl.list("milvuses", "--all-namespaces")):
        assert milvus["spec"]["config"]["common"]["security"]["internaltlsEnabled"] is True, _key(milvus)


def assert_secrets_are_used(kubectl: Kubectl, namespaces: set[str]) -> None:
    """As `assert_complete`, of any kind of TLS; a rotation of the authority, if there was one, is through."""
    milvuses = _in(namespaces, kubectl.list("milvuses", "--all-namespaces"))
    secrets: dict[str, dict[str, Object]] = defaultdict(dict)
    for secret in _in(namespaces, kubectl.list("secrets", "--all-namespaces", MANAGED)):
        labels, owners = secret["metadata"]["labels"], secret["metadata"]["ownerReferences"]
        owned = secrets[owners[0]["uid"]]
        assert labels["tls.milvus.io/role"] not in owned, f"{_key(secret)}: a second one for its Milvus"
        owned[labels["tls.milvus.io/role"]] = secret
    assert milvuses and set(secrets) == {milvus["metadata"]["uid"] for milvus in milvuses}
    for milvus in milvuses:
        owned = secrets[milvus["metadata"]["uid"]]
        _assert_certificates_fit(owned, _key(milvus))
        volumes = {volume["secret"]["secretName"] for volume in milvus["spec"]["components"]["volumes"]}
        assert volumes == {owned["server"]["metadata"]["name"]}, _key(milvus)


def assert_secrets_written_once(etcd: Etcd, namespaces: set[str]) -> None:
    """No Secret was written after its creation: a private key, once published, stays."""
    for namespace in sorted(namespaces):
        _assert_writes(etcd, f"/registry/secrets/{namespace}/", 1)


def assert_milvuses_patched_once(etcd: Etcd, namespaces: set[str]) -> None:
    """For Milvus resources that only their user and the operator write: a second patch would be a second restart of the pods."""
    for namespace in sorted(namespaces):
        _assert_writes(etcd, f"/registry/milvus.io/milvuses/{namespace}/", 2)


def _assert_writes(etcd: Etcd, prefix: str, wanted: int) -> None:
    writes = etcd.writes(prefix)
    assert writes, f"nothing at {prefix}"
    assert {key: count for key, count in writes.items() if count != wanted} == {}


def _assert_certificates_fit(secrets: dict[str, Object], what: str) -> None:
    files = {role: {name: base64.b64decode(value) for name, value in secret["data"].items()} for role, secret in secrets.items()}
    assert set(files) == set(ROLES), what
    [authority] = x509.load_pem_x509_certificates(files["authority"]["ca.pem"])
    for role, name in ROLES.items():
        assert set(files[role]) == {f"{name}.pem", f"{name}.key", "ca.pem"}, what
        assert files[role]["ca.pem"] == files["authority"]["ca.pem"], f"{what}: the {role} Secret has another authority"
        assert key_matches(files[role][f"{name}.pem"], files[role][f"{name}.key"]), f"{what}: the key of the {role}"
        x509.load_pem_x509_certificate(files[role][f"{name}.pem"]).verify_directly_issued_by(authority)


def _in(namespaces: set[str], items: list[Object]) -> list[Object]:
    return [item for item in items if item["metadata"]["namespace"] in namespaces]


def _key(item: Object) -> str:
    return f"{item['metadata']['namespace']}/{item['metadata']['name']}"

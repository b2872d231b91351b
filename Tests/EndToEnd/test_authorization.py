"""Milvus's user authentication beside TLS: both are asked for, and the operator has no part in the passwords."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

import images
from certificates import unpack
from clients import MilvusClients
from conftest import Operator
from kubectl import Kubectl, Object, condition
from milvuses import annotations, milvus, wait_for_condition
from node import Node
from waiting import wait_until

MODES = {"one-way": "OneWay", "two-way": "TwoWay"}
PASSWORD_SECRET = "milvus-root-password"
PASSWORD = "Correct-Horse-7"


@dataclass
class Release:
    clients: MilvusClients
    pymilvus: dict[str, Path]
    """The files that the manual gives a client."""
    curl: list[str]


@pytest.fixture(scope="module", params=MODES)
def release(request: pytest.FixtureRequest, kubectl: Kubectl, operator: Operator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Release]:
    """One a mode, with a root password that a Secret in its namespace has."""
    namespace = f"authorization-{request.param}"
    kubectl.create_namespace(namespace)
    kubectl.run("create", "secret", "generic", PASSWORD_SECRET, f"--namespace={namespace}", f"--from-literal=password={PASSWORD}")
    config = {"common": {"security": {"authorizationEnabled": True}}}
    kubectl.apply(milvus("my-release", namespace, images.MILVUS_2_3, annotations(external=MODES[request.param]), config=config))
    tls = wait_for_condition(kubectl, "my-release", namespace, "Verified", "True")
    assert condition(tls, "Verified")["reason"] == "HandshakesConfirm", "handshakes need no password"
    folder = unpack(kubectl.secret("certs-client", namespace), tmp_path_factory.mktemp("client"))
    ca, certificate, key = (folder / name for name in ("ca.pem", "client.pem", "client.key"))
    release = Release(MilvusClients(kubectl, "my-release", namespace), {"server_pem_path": ca}, ["--cacert", str(ca)])
    if MODES[request.param] == "TwoWay":
        release.pymilvus = {"ca_pem_path": ca, "client_pem_path": certificate, "client_key_path": key}
        release.curl += ["--cert", str(certificate), "--key", str(key)]
    release.clients.change_password("root:Milvus", PASSWORD, **release.pymilvus)
    yield release
    kubectl.run("delete", "milvus", "my-release", f"--namespace={namespace}", "--wait=false")  # other tests wait for the pods of every Milvus


def test_pymilvus_connects_with_certificate_and_password(release: Release) -> None:
    answer = release.clients.pymilvus(token=f"root:{PASSWORD}", **release.pymilvus)
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout)["found"] == [2]


@pytest.mark.parametrize("token", ["root:Milvus", "root:", "stranger:" + PASSWORD])
def test_a_good_certificate_does_not_make_up_for_a_wrong_password(release: Release, token: str) -> None:
    answer = release.clients.pymilvus(token=token, timeout=5, **release.pymilvus)
    assert answer.returncode != 0 and "auth check failure" in answer.stderr, answer.stderr


def test_a_good_password_does_not_make_up_for_a_wrong_certificate(release: Release) -> None:
    assert release.clients.pymilvus(scheme="http", token=f"root:{PASSWORD}", timeout=3).returncode != 0
    if "client_pem_path" in release.pymilvus:
        only_ca = {"server_pem_path": release.pymilvus["ca_pem_path"]}
        assert release.clients.pymilvus(token=f"root:{PASSWORD}", timeout=3, **only_ca).returncode != 0


def test_rest_asks_for_the_password_too(release: Release) -> None:
    right = release.clients.curl(*release.curl, "--header", f"Authorization: Bearer root:{PASSWORD}")
    assert right.returncode == 0 and json.loads(right.stdout)["code"] == 200, right
    for wrong in (["--header", "Authorization: Bearer root:Milvus"], []):
        refused = release.clients.curl(*release.curl, *wrong)
        assert "collections" not in refused.stdout and (refused.returncode != 0 or json.loads(refused.stdout)["code"] != 200), refused


def test_the_operator_never_reads_the_password(release: Release, kubectl: Kubectl, node: Node, operator: Operator) -> None:
    operator.stop()
    start = node.audit_log.stat().st_size
    operator.start()  # lists what there is by now

    def lists() -> dict[str, Object]:
        """The operator's successful lists of Secrets since then, by selector."""
        return {selector(event): event for event in secret_reads(node, start) if event["verb"] == "list" and event["responseStatus"]["code"] == 200}

    own, others = "tls.milvus.io/role", "!tls.milvus.io/role"
    wait_until(lambda: lists().keys() == {own, others}, "the operator's lists of Secrets")
    namespace, encoded = release.clients.server_name.split(".")[1], base64.b64encode(PASSWORD.encode()).decode()
    assert kubectl.secret("certs", namespace)["data"]["server.pem"] in json.dumps(lists()[own]), "the log has what was read"
    assert PASSWORD_SECRET in json.dumps(lists()[others]) and lists()[others]["responseObject"]["kind"] == "PartialObjectMetadataList"
    reads = secret_reads(node, 0)
    assert {event["requestURI"] for event in reads if event["verb"] != "get" and selector(event) not in (own, others)} == set()
    assert [event["requestURI"] for event in reads if event["verb"] == "get" and PASSWORD_SECRET in event["requestURI"]] == []
    assert encoded not in json.dumps(reads)


def secret_reads(node: Node, start: int) -> list[Object]:
    """The operator's requests that read Secrets, from the API server's audit log after an offset; what it got is in those that are no watches."""
    with node.audit_log.open(encoding="utf-8") as log:
        log.seek(start)
        events = [json.loads(line) for line in log if line.endswith("\n")]
    own = [event for event in events if event.get("user", {}).get("username") == "milvus-tls-operator"]
    return [event for event in own if event.get("objectRef", {}).get("resource") == "secrets" and event["verb"] in ("get", "list", "watch")]


def selector(event: Object) -> str:
    return parse_qs(urlsplit(event["requestURI"]).query).get("labelSelector", [""])[0]

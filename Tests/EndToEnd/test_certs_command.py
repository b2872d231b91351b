"""Files of `milvus-tls certs` in a real Milvus, used as in the manual: pymilvus and curl, one-way and two-way, before and after a renewal."""

import base64
import json
import shutil
import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

import images
from certs_command import SERVER_FILES, certs, run_gen_sh
from clients import NO_CLIENT_CERTIFICATE, MilvusClients
from kubectl import Kubectl
from milvuses import milvus, wait_for_rollout
from processes import LoggedProcess
from waiting import wait_until

NAMESPACE, NAME = "certs-command", "my-release"
PATHS = {"serverPemPath": "/certs/server.pem", "serverKeyPath": "/certs/server.key", "caPemPath": "/certs/ca.pem"}
ONE_WAY, TWO_WAY = 1, 2


class ServedMilvus:
    """A Milvus that is restarted with the files of a folder."""

    def __init__(self, kubectl: Kubectl) -> None:
        self._kubectl, self._restarts = kubectl, 0
        self.clients = MilvusClients(kubectl, NAME, NAMESPACE)

    def serve(self, folder: Path, mode: int) -> None:
        """As the manual says: the Secret `certs`, the configuration, and a restart."""
        data = {file: base64.b64encode((folder / file).read_bytes()).decode() for file in SERVER_FILES}
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "certs", "namespace": NAMESPACE}, "data": data}
        self._kubectl.apply(secret)
        self._restarts += 1
        components = {
            "volumes": [{"name": "certs", "secret": {"secretName": "certs"}}],
            "volumeMounts": [{"name": "certs", "mountPath": "/certs", "readOnly": True}],
            "podAnnotations": {"restart": str(self._restarts)},
        }
        config = {"common": {"security": {"tlsMode": mode}}, "tls": PATHS, "proxy": {"http": {"port": 8080}}}
        self._kubectl.patch("milvus", NAME, NAMESPACE, {"spec": {"config": config, "components": components}})
        wait_for_rollout(self._kubectl, NAME, NAMESPACE)

    def assert_used_one_way(self, folder: Path, file: str = "server.pem") -> None:
        """With the manual's lines: pymilvus has server.pem, curl ca.pem."""
        _assert_used(self.clients.pymilvus(server_pem_path=folder / file))
        _assert_answered(self.clients.curl("--cacert", str(folder / "ca.pem")))

    def assert_used_two_way(self, folder: Path, authorities: Path | None = None) -> None:
        """With the manual's lines, and the client's files in a folder."""
        ca, pem, key = authorities or folder / "ca.pem", folder / "client.pem", folder / "client.key"
        _assert_used(self.clients.pymilvus(client_pem_path=pem, client_key_path=key, ca_pem_path=ca))
        _assert_answered(self.clients.curl("--cert", str(pem), "--key", str(key), "--cacert", str(ca)))


def _assert_used(answer: subprocess.CompletedProcess[str]) -> None:
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout)["found"] == [2]


def _assert_answered(answer: subprocess.CompletedProcess[str]) -> None:
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout)["code"] == 200


@pytest.fixture(scope="module")
def served(kubectl: Kubectl, milvus_operator: LoggedProcess) -> ServedMilvus:
    kubectl.create_namespace(NAMESPACE)
    kubectl.apply(milvus(NAME, NAMESPACE, images.MILVUS_2_3))
    wait_for_rollout(kubectl, NAME, NAMESPACE)
    return ServedMilvus(kubectl)


@pytest.fixture
def create(served: ServedMilvus, tmp_path: Path) -> Callable[..., Path]:
    """Makes a folder with `certs create` for the server's name."""

    def create(*options: str) -> Path:
        folder = tmp_path / "tls"
        certs("create", "--out", folder, "--common-name", served.clients.server_name, *options)
        return folder

    return create


@pytest.mark.parametrize("key", ["ecdsa-p256", "rsa-2048"])
def test_a_created_folder_serves_one_way_and_two_way(served: ServedMilvus, create: Callable[..., Path], key: str) -> None:
    folder = create("--key", key)
    served.serve(folder, ONE_WAY)
    served.assert_used_one_way(folder)
    served.serve(folder, TWO_WAY)
    served.assert_used_two_way(folder)
    with pytest.raises(ssl.SSLError, match=NO_CLIENT_CERTIFICATE):
        served.clients.handshake_without_client_certificate(folder / "ca.pem")


def test_inspect_shows_what_the_port_serves(served: ServedMilvus, create: Callable[..., Path]) -> None:
    folder = create()
    served.serve(folder, TWO_WAY)
    expected = json.loads(certs("inspect", folder / "server.pem", "-o", "json"))

    def inspected() -> dict:
        return json.loads(certs("inspect", f"{served.clients.address}:19530", "-o", "json"))

    def is_served() -> bool:
        return inspected()["certificates"][0]["sha256Fingerprint"] == expected["certificates"][0]["sha256Fingerprint"]

    # The Service may send connections to a pod that is on its way out.
    wait_until(is_served, "the new certificate on the port")
    shown = inspected()
    assert shown["handshake"]["requestsClientCertificate"] is True
    assert expected["findings"] == []


@pytest.mark.parametrize("form", ["older", "newer"])
def test_clients_of_gen_sh_stay_connected_through_renew(served: ServedMilvus, tmp_path: Path, form: str) -> None:
    """The newer gen.sh gives clients a certificate for servers, which no Milvus takes: its clients are one-way ones."""
    folder = run_gen_sh(form, tmp_path / "tls", served.clients.server_name)
    old = Path(shutil.copytree(folder, tmp_path / "old"))

    def assert_old_client_connects() -> None:
        # server.pem is pinned by the manual's one-way clients: ca.pem alone outlives a renewal.
        served.assert_used_two_way(old) if form == "older" else served.assert_used_one_way(old, "ca.pem")

    served.serve(folder, TWO_WAY if form == "older" else ONE_WAY)
    assert_old_client_connects()
    certs("renew", "--dir", folder)
    served.serve(folder, TWO_WAY if form == "older" else ONE_WAY)
    assert_old_client_connects()
    served.serve(folder, TWO_WAY)
    served.assert_used_two_way(folder)


def test_clients_stay_connected_through_a_new_authority(served: ServedMilvus, create: Callable[..., Path], tmp_path: Path) -> None:
    """In the order that the command prints: first ca.pem, then the certificates."""
    folder = create()
    old = Path(shutil.copytree(folder, tmp_path / "old"))
    assert "Give ca.pem" in certs("renew", "--dir", folder, "--authority")
    bundle = folder / "ca.pem"
    served.serve(folder, TWO_WAY)
    served.assert_used_two_way(old)  # knows the old CA alone, and Milvus still has its certificate
    certs("renew", "--dir", folder)
    first = Path(shutil.copytree(old, tmp_path / "first"))
    shutil.copy(bundle, first / "ca.pem")
    served.serve(first, TWO_WAY)
    served.assert_used_two_way(old)  # knows the old CA alone
    served.assert_used_two_way(old, bundle)
    served.assert_used_two_way(folder)  # has its new certificate already
    served.serve(folder, TWO_WAY)
    served.assert_used_two_way(old, bundle)
    served.assert_used_two_way(folder)

"""etcd and an API server without a node: for what needs no pods, and dies on purpose."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
from pathlib import Path

import requests
import yaml

from etcd import Etcd
from kubectl import Kubectl
from processes import LoggedProcess
from waiting import wait_until

USERS = ("admin", "milvus-tls-operator")


class ControlPlane:
    """On free ports of the loopback interface. There is no garbage collector: what a Milvus owns stays when it is deleted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        etcd_port, peer_port, self._port = _free_ports(3)
        self._etcd_url, self._peer_url = f"http://127.0.0.1:{etcd_port}", f"http://127.0.0.1:{peer_port}"
        self.etcd = Etcd(self._etcd_url)
        self._processes: dict[str, LoggedProcess] = {}

    def start(self) -> None:
        subprocess.run(["openssl", "genrsa", "-out", self.folder / "service-account.key", "2048"], check=True, capture_output=True)
        users = {user: secrets.token_hex(16) for user in USERS}
        lines = [f'{token},{user},{user},"system:masters"\n' for user, token in users.items()]
        (self.folder / "tokens.csv").write_text("".join(lines))
        for user, token in users.items():
            self.kubeconfig(user).write_text(self._kubeconfig(user, token))
        self._start_etcd()
        self.start_api_server()

    def back_up(self) -> None:
        """Copies what etcd has; the API server waits for it meanwhile."""
        self._processes.pop("etcd").stop()
        shutil.copytree(self.folder / "etcd", self.folder / "backup")
        self._start_etcd()
        wait_until(self._is_ready, "the API server with etcd")

    def restore(self) -> None:
        """As a disaster recovery does: no API server runs while etcd gets the state of the backup."""
        self.kill_api_server()
        self._processes.pop("etcd").stop()
        shutil.rmtree(self.folder / "etcd")
        shutil.copytree(self.folder / "backup", self.folder / "etcd")
        self._start_etcd()
        self.start_api_server()

    def start_api_server(self) -> None:
        """Waits until it is ready; its address and its certificate are those of its first start."""
        self._start(
            "kube-apiserver",
            f"{os.environ['KUBERNETES_BIN']}/kube-apiserver",
            f"--etcd-servers={self._etcd_url}",
            f"--cert-dir={self.folder}",
            "--bind-address=127.0.0.1",
            f"--secure-port={self._port}",
            f"--token-auth-file={self.folder / 'tokens.csv'}",
            "--authorization-mode=RBAC",
            "--disable-admission-plugins=ServiceAccount",
            f"--service-account-key-file={self.folder / 'service-account.key'}",
            f"--service-account-signing-key-file={self.folder / 'service-account.key'}",
            "--service-account-issuer=https://kubernetes.default.svc",
            "--service-cluster-ip-range=10.96.0.0/24",
        )
        wait_until(self._is_ready, "the API server")

    def kill_api_server(self) -> None:
        self._processes.pop("kube-apiserver").stop(signal.SIGKILL)

    def stop(self) -> None:
        for process in reversed(self._processes.values()):
            process.stop()

    def kubeconfig(self, user: str) -> Path:
        return self.folder / f"{user}.kubeconfig"

    @property
    def kubectl(self) -> Kubectl:
        return Kubectl(self.kubeconfig("admin"))

    def _start_etcd(self) -> None:
        listen = [f"--listen-client-urls={self._etcd_url}", f"--advertise-client-urls={self._etcd_url}"]
        listen += [f"--listen-peer-urls={self._peer_url}", f"--initial-advertise-peer-urls={self._peer_url}"]
        folder = f"--data-dir={self.folder / 'etcd'}"
        self._start("etcd", "etcd", folder, *listen, f"--initial-cluster=default={self._peer_url}", "--unsafe-no-fsync")

    def _start(self, name: str, *command: str) -> None:
        self._processes[name] = LoggedProcess(name, command, self.folder / f"{name}.log")

    def _is_ready(self) -> bool:
        process = self._processes["kube-apiserver"]
        assert process.is_running, process.output()[-3000:]
        try:
            url = f"https://127.0.0.1:{self._port}/readyz"
            return requests.get(url, verify=str(self.folder / "apiserver.crt"), timeout=5).ok
        except (requests.RequestException, OSError):  # no answer, or no certificate of it yet
            return False

    def _kubeconfig(self, user: str, token: str) -> str:
        cluster = {"server": f"https://127.0.0.1:{self._port}", "certificate-authority": str(self.folder / "apiserver.crt")}
        return yaml.safe_dump(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "clusters": [{"name": "test", "cluster": cluster}],
                "users": [{"name": user, "user": {"token": token}}],
                "contexts": [{"name": "test", "context": {"cluster": "test", "user": user}}],
                "current-context": "test",
            }
        )


def _free_ports(count: int) -> list[int]:
    """Held together so that they differ."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports

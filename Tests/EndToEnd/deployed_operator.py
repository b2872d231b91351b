"""The operator as users deploy it: `kubectl apply -k Manifests`, in pods of its own."""

import datetime
import os
import signal
from dataclasses import dataclass
from pathlib import Path

import images
from kubectl import Kubectl, Object
from node import REPOSITORY, Node
from waiting import wait_until

NAMESPACE = NAME = "milvus-tls-operator"
SELECTOR = f"--selector=app.kubernetes.io/name={NAME}"


@dataclass
class Leader:
    identity: str  # a restarted container has another
    pod: Object


class DeployedOperator:
    name, is_running = "the operator's pods", True

    def __init__(self, node: Node, kubectl: Kubectl) -> None:
        self._node, self._kubectl = node, kubectl
        self.deployed = datetime.datetime.max.replace(tzinfo=datetime.UTC)

    def deploy(self) -> None:
        """Waits until every replica is ready."""
        images.load_operator(self._node.state / "containerd.sock")
        self.deployed = datetime.datetime.now(datetime.UTC)
        self._kubectl.run("apply", f"--kustomize={REPOSITORY / 'Manifests'}")
        self.wait_for_rollout()

    def remove(self) -> None:
        """Waits until no process of it is left. The kubelet takes its time to clear up after them, and the rest stays for the next time."""
        self._kubectl.run("delete", "deployment", NAME, f"--namespace={NAMESPACE}", "--ignore-not-found", "--wait=false")
        pods = self._kubectl.list("pods", f"--namespace={NAMESPACE}", SELECTOR)
        wait_until(lambda: not any(_process(pod) for pod in pods), "the end of the operator's processes")

    def restart(self) -> None:
        self._kubectl.run("rollout", "restart", f"deployment/{NAME}", f"--namespace={NAMESPACE}")

    def wait_for_rollout(self) -> None:
        self._kubectl.run("rollout", "status", f"deployment/{NAME}", f"--namespace={NAMESPACE}", "--timeout=90s")

    def pods(self) -> list[Object]:
        """Those that are not on their way out."""
        pods = self._kubectl.list("pods", f"--namespace={NAMESPACE}", SELECTOR)
        return [pod for pod in pods if not pod["metadata"].get("deletionTimestamp")]

    def output(self) -> str:
        """What the pods logged, or why there is no telling: for reports of failures, which must not fail themselves."""
        try:
            names = [pod["metadata"]["name"] for pod in self.pods()]
            return "".join(self._kubectl.run("logs", name, f"--namespace={NAMESPACE}", "--tail=50") for name in names)
        except AssertionError as error:
            return str(error)

    def leader(self) -> Leader:
        """Whom the Lease names: `<pod>_<a unique text>`."""
        lease = self._kubectl.wait_for("lease", NAME, NAMESPACE, lambda lease: lease["spec"].get("holderIdentity"), "a leader")
        identity = lease["spec"]["holderIdentity"]
        return Leader(identity, next(pod for pod in self.pods() if identity.startswith(f"{pod['metadata']['name']}_")))

    def signal(self, pod: Object, number: signal.Signals) -> None:
        """To the operator in a pod; its process is one of this machine too."""
        process = _process(pod)
        assert process, f"no process of the operator in {pod['metadata']['name']}"
        os.kill(process, number)


def _process(pod: Object) -> int | None:
    """The operator's process, which the kubelet put into a control group named after the pod."""
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdecimal() and f"/pod{pod['metadata']['uid']}/" in (folder / "cgroup").read_text() and _is_operator(folder):
                return int(folder.name)
        except (FileNotFoundError, ProcessLookupError):  # it has ended
            continue
    return None


def _is_operator(folder: Path) -> bool:
    return (folder / "cmdline").read_bytes().startswith(b"/usr/local/bin/milvus-tls\0")

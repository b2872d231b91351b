"""One node, one stand-in for milvus-operator and one operator under test for all tests; logs are shown where a test fails."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import images
from control_plane import ControlPlane
from deployed_operator import DeployedOperator
from kubectl import Kubectl, condition
from node import REPOSITORY, Node
from processes import LoggedProcess

running: list[LoggedProcess | DeployedOperator] = []


def milvus_definition() -> Path:
    """The published definition of a Milvus where it is at hand, else the small one of the repository."""
    published = REPOSITORY.parent / "shared/milvus/milvuses-crd.yaml"
    return published if published.exists() else REPOSITORY / "Tests/Fixtures/milvus-crd.yaml"


@pytest.fixture(scope="session")
def node() -> Iterator[Node]:
    node = Node()
    try:
        node.start()
        images.load(node.state / "containerd.sock")
        yield node
    finally:
        node.stop()


@pytest.fixture(scope="session")
def kubectl(node: Node) -> Kubectl:
    return Kubectl(node.kubeconfig)


@pytest.fixture(scope="session")
def definitions(kubectl: Kubectl) -> None:
    install_definitions(kubectl)


def install_definitions(kubectl: Kubectl) -> None:
    """Both custom resource definitions, served."""
    files = {"milvuses.milvus.io": milvus_definition(), "milvustls.tls.milvus.io": REPOSITORY / "Manifests/base/milvustls-crd.yaml"}
    for name, file in files.items():
        kubectl.run("create", f"--filename={file}")  # `apply` would not hold the published one in its annotation
        # `kubectl wait` fails on a status that has no conditions yet.
        kubectl.wait_for("crd", name, "default", lambda crd: condition(crd, "Established").get("status") == "True", "it is served")


@pytest.fixture
def control_plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """An API server of its own for a test without pods, with both definitions."""
    control_plane = ControlPlane(tmp_path_factory.mktemp("control-plane"))
    try:
        control_plane.start()
        install_definitions(control_plane.kubectl)
        yield control_plane
    finally:
        control_plane.stop()


@pytest.fixture(scope="session")
def milvus_operator(node: Node, definitions: None) -> Iterator[LoggedProcess]:
    """The stand-in, which makes pods of every Milvus."""
    command = [sys.executable, Path(__file__).with_name("milvus_operator.py"), "--kubeconfig", node.kubeconfig]
    command += ["--milvus-configuration", os.environ["MILVUS_CONFIGURATION"]]
    process = LoggedProcess("milvus-operator (stand-in)", command, node.state / "milvus-operator.log")
    running.append(process)
    yield process
    running.remove(process)
    process.stop()


class Operator:
    """The operator under test as a process, which can be started again."""

    def __init__(self, folder: Path, kubeconfig: Path, *options: str) -> None:
        self._folder, self._kubeconfig, self._options, self._starts = folder, kubeconfig, options, 0

    def start(self) -> None:
        """Logs to a file of its own."""
        self._starts += 1
        log = self._folder / f"milvus-tls-{self._starts}.log"
        # No test but those of it waits for a Secret that nobody brings.
        options = self._options if "--issue-missing-after" in self._options else ("--issue-missing-after", "1s", *self._options)
        command = [os.environ["MILVUS_TLS_BINARY"], "operator", "--kubeconfig", self._kubeconfig, *options]
        self.process = LoggedProcess("milvus-tls operator", command, log)
        running.append(self.process)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, float]:
        """The exit code and the seconds it took."""
        running.remove(self.process)
        return self.process.stop(number)

    @contextmanager
    def running(self) -> Iterator[None]:
        """From a start to a stop, if no stop came before."""
        self.start()
        try:
            yield
        finally:
            if self.process in running:
                self.stop()

    def output(self) -> str:
        """What all starts logged."""
        return "".join(path.read_text(encoding="utf-8") for path in sorted(self._folder.glob("milvus-tls-*.log")))


@contextmanager
def api_server_with_operator(factory: pytest.TempPathFactory, *options: str) -> Iterator[Kubectl]:
    """An API server of its own, without pods, with an operator under test beside it."""
    control_plane = ControlPlane(factory.mktemp("control-plane"))
    try:
        control_plane.start()
        install_definitions(control_plane.kubectl)
        kubeconfig = control_plane.kubeconfig("milvus-tls-operator")
        with Operator(factory.mktemp("operator"), kubeconfig, *options).running():
            yield control_plane.kubectl
    finally:
        control_plane.stop()


@pytest.fixture(scope="session")
def operator(node: Node, milvus_operator: LoggedProcess) -> Iterator[Operator]:
    operator = Operator(node.state, node.operator_kubeconfig)
    with operator.running():
        yield operator


@pytest.fixture
def operator_for_seconds(node: Node, operator: Operator, tmp_path: Path) -> Iterator[Operator]:
    """One that takes certificates that live for seconds, while the other rests."""
    operator.stop()
    own = Operator(tmp_path, node.operator_kubeconfig, "--minimum-duration", "5s")
    try:
        with own.running():
            yield own
    finally:
        operator.start()


@pytest.fixture(scope="module")
def deployed_operator(node: Node, kubectl: Kubectl, operator: Operator) -> Iterator[DeployedOperator]:
    """The operator in pods, while the process rests."""
    operator.stop()
    deployed = DeployedOperator(node, kubectl)
    running.append(deployed)
    try:
        deployed.deploy()
        yield deployed
    finally:
        running.remove(deployed)
        deployed.remove()
        operator.start()


def pytest_runtest_setup() -> None:
    """A server that has ended fails the next test at once, not after its deadline."""
    ended = [process.name for process in running if not process.is_running]
    assert not ended, f"{', '.join(ended)} ended by itself"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo):
    report = (yield).get_result()
    if report.failed:
        report.sections += [(f"log of {process.name}", process.output()[-6000:]) for process in running]

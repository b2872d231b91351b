"""Memory and processor time of an operator by number of Milvus, against a real API server. docs/install.md has the results.

usage: scripts/e2e.sh is not needed; with KUBERNETES_BIN and MILVUS_TLS_BINARY in the environment, and kubectl in the PATH:
  PYTHONPATH=Tests/EndToEnd:scripts python Benchmarks/operator-resources/operator_resources.py COUNT...

Each Milvus has external and internal TLS and six pods, which nothing runs. Other Secrets, ten for each Milvus, are there too.
"""

import base64
import json
import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests
import yaml

from conftest import install_definitions
from control_plane import ControlPlane
from kubectl import Object
from milvuses import annotations, cluster
from processes import LoggedProcess
from waiting import wait_until

NAMESPACES = 10
PARTS = ("proxy", "mixcoord", "querynode", "datanode", "indexnode", "streamingnode")


class API:
    """Creations, many at a time."""

    def __init__(self, control_plane: ControlPlane) -> None:
        configuration = yaml.safe_load(control_plane.kubeconfig("admin").read_text())
        self._server = configuration["clusters"][0]["cluster"]["server"]
        self._session = requests.Session()
        self._session.trust_env = False  # a bundle of the environment would replace the certificate below
        self._session.headers["Authorization"] = f"Bearer {configuration['users'][0]['user']['token']}"
        self._session.verify = configuration["clusters"][0]["cluster"]["certificate-authority"]

    def create(self, collection: str, item: Object) -> None:
        self._session.post(self._server + collection, json=item, timeout=60).raise_for_status()

    def count(self, path: str) -> int:
        """Objects of a list; the last page says how many are left."""
        answer = self._session.get(self._server + path, params={"limit": 1}, timeout=60).json()
        return len(answer["items"]) + answer["metadata"].get("remainingItemCount", 0)

    def ready(self) -> int:
        items = self._session.get(f"{self._server}/apis/tls.milvus.io/v1alpha1/milvustls", timeout=120).json()["items"]
        return sum(any(c["type"] == "Ready" and c["status"] == "True" for c in item.get("status", {}).get("conditions", [])) for item in items)


def fill(api: API, count: int) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: add(api, number), range(count)))


def add(api: API, number: int) -> None:
    name, namespace = f"release-{number}", f"team-{number % NAMESPACES}"
    core = f"/api/v1/namespaces/{namespace}"
    for part in PARTS:
        labels = {"name": "milvus", "instance": name, "component": part, "managed-by": "milvus-operator"}
        metadata = {"name": f"{name}-milvus-{part}-7d9c5b8f6-x2x4z", "labels": {f"app.kubernetes.io/{key}": value for key, value in labels.items()}}
        container = {"name": part, "image": "milvusdb/milvus:v2.5.4", "env": [{"name": f"VARIABLE_{n}", "value": "x" * 40} for n in range(20)]}
        api.create(f"{core}/pods", {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": [container]}})
    for other in range(10):
        data = {"value": base64.b64encode(os.urandom(3000)).decode()}
        api.create(f"{core}/secrets", {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": f"{name}-other-{other}"}, "data": data})
    item = cluster(name, namespace, "milvusdb/milvus:v2.5.4", annotations("TwoWay", "true"))
    api.create(f"/apis/milvus.io/v1beta1/namespaces/{namespace}/milvuses", item)


def peak(process: LoggedProcess) -> tuple[float, float]:
    """The highest resident memory in MiB and the processor time in seconds."""
    folder = Path(f"/proc/{process.pid}")
    status = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines())
    fields = (folder / "stat").read_text().rpartition(")")[2].split()
    return int(status["VmHWM"].split()[0]) / 1024, (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(count: int, folder: Path) -> None:
    control_plane = ControlPlane(folder)
    try:
        control_plane.start()
        install_definitions(control_plane.kubectl)
        for number in range(NAMESPACES):
            control_plane.kubectl.create_namespace(f"team-{number}")
        api = API(control_plane)
        fill(api, count)
        command = [os.environ["MILVUS_TLS_BINARY"], "operator", "--kubeconfig", control_plane.kubeconfig("milvus-tls-operator"), "--log-level=warning"]
        for what in ("first", "again"):
            began = time.monotonic()
            process = LoggedProcess("operator", [*command, "--health-probe-bind-address=127.0.0.1:18081"], folder / f"{what}.log")
            if what == "first":
                wait_until(lambda: api.ready() == count, f"{count} are ready", 3600, 2)
            else:
                wait_until(is_ready, "the stores are filled", 600)
                ready = time.monotonic() - began
                wait_until(lambda: time.monotonic() - began > 60, "a minute", 90)
            memory, seconds = peak(process)
            took = time.monotonic() - began if what == "first" else ready
            print(json.dumps({"milvus": count, "start": what, "seconds": round(took, 1), "peak MiB": round(memory), "cpu s": round(seconds, 1)}), flush=True)
            process.stop()
    finally:
        control_plane.stop()


def is_ready() -> bool:
    try:
        return requests.get("http://127.0.0.1:18081/readyz", timeout=2).ok
    except requests.RequestException:
        return False


def main() -> None:
    for count in map(int, sys.argv[1:]):
        with tempfile.TemporaryDirectory(prefix="milvus-tls-resources.") as folder:
            measure(count, Path(folder))


if __name__ == "__main__":
    main()

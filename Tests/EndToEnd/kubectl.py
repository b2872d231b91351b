"""kubectl, as a user runs it."""

import json
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Object = dict[str, Any]


class Kubectl:
    """kubectl with one kubeconfig. Calls that fail raise with what kubectl printed."""

    def __init__(self, kubeconfig: Path) -> None:
        self.kubeconfig = kubeconfig
        # kubectl keeps what an address serves for ten minutes, and every node has the same address.
        self._command = ["kubectl", f"--kubeconfig={kubeconfig}", f"--cache-dir={kubeconfig.parent / 'kubectl-cache'}"]

    def run(self, *arguments: str, text: str = "") -> str:
        result = subprocess.run([*self._command, *arguments], input=text, capture_output=True, text=True, timeout=120)
        if result.returncode != 0:
            raise AssertionError(f"kubectl {' '.join(arguments)}: {result.stderr.strip()}")
        return result.stdout

    def apply(self, *objects: Object) -> None:
        self.run("apply", "--filename=-", text=json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))

    def create_namespace(self, name: str) -> None:
        self.run("create", "namespace", name)

    def get(self, kind: str, name: str, namespace: str) -> Object | None:
        output = self.run("get", kind, name, f"--namespace={namespace}", "--ignore-not-found", "--output=json")
        return json.loads(output) if output else None

    def list(self, kind: str, *arguments: str) -> list[Object]:
        return json.loads(self.run("get", kind, "--output=json", *arguments))["items"]

    def secret(self, name: str, namespace: str) -> Object:
        found = self.get("secret", name, namespace)
        assert found, f"there is no Secret {namespace}/{name}"
        return found

    def patch(self, kind: str, name: str, namespace: str, patch: Object) -> None:
        self.run("patch", kind, name, f"--namespace={namespace}", "--type=merge", f"--patch={json.dumps(patch)}")

    def annotate(self, kind: str, name: str, namespace: str, annotations: dict[str, str]) -> None:
        pairs = [f"{name}={value}" for name, value in annotations.items()]
        self.run("annotate", kind, name, f"--namespace={namespace}", "--overwrite", *pairs)

    def wait_for(
        self, kind: str, name: str, namespace: str, holds: Callable[[Object], Any], what: str, timeout: float = 300
    ) -> Object:
        """Follows an object until `holds` says so, and gives it in that state. It need not exist yet."""
        return self._first(kind, namespace, f"metadata.name={name}", holds, f"{name}: {what}", timeout)

    def wait_for_event(self, kind: str, name: str, namespace: str, event_type: str, timeout: float = 30) -> Object:
        """The first event of a type (Normal or Warning) about an object."""
        fields = f"involvedObject.kind={kind},involvedObject.name={name},type={event_type}"
        return self._first("events", namespace, fields, lambda _: True, f"{event_type} about {kind} {name}", timeout)

    def wait_until_gone(self, kind: str, name: str, namespace: str, timeout: float = 60) -> None:
        self.run("wait", f"{kind}/{name}", f"--namespace={namespace}", "--for=delete", f"--timeout={timeout:.0f}s")

    def _first(
        self, kind: str, namespace: str, fields: str, holds: Callable[[Object], Any], what: str, timeout: float
    ) -> Object:
        last: Object | None = None
        for last in self._follow(kind, namespace, fields, timeout):
            if holds(last):
                return last
        raise AssertionError(f"{kind} in {namespace}: {what} not seen in {timeout} s; last seen: {_brief(last)}")

    def _follow(self, kind: str, namespace: str, fields: str, timeout: float) -> Iterator[Object]:
        """The objects that there are and every later state of them, until the time is up."""
        command = [*self._command, "get", kind, f"--namespace={namespace}", f"--field-selector={fields}", "--watch", "--output=json"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            timer = threading.Timer(timeout, process.kill)
            timer.start()
            try:
                yield from _documents(process.stdout)
            finally:
                timer.cancel()
                process.kill()


def _documents(lines: Any) -> Iterator[Object]:
    """JSON objects from the indented text of kubectl: each ends with a brace at the start of a line."""
    text: list[str] = []
    for line in lines:
        text.append(line)
        if line.startswith("}"):
            yield json.loads("".join(text))
            text.clear()


def condition(item: Object, kind: str) -> Object:
    """A condition of an object's status, empty where it has none."""
    return next((found for found in (item.get("status") or {}).get("conditions") or [] if found["type"] == kind), {})


def _brief(item: Object | None) -> str:
    return json.dumps({key: item.get(key) for key in ("spec", "status")}) if item else "nothing"

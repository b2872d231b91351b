"""Helm, as a user runs it, with the chart of this repository."""

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import yaml

from kubectl import Object
from node import REPOSITORY

CHART = REPOSITORY / "Charts/milvus-tls-operator"
RELEASE = NAMESPACE = "milvus-tls-operator"


class Helm:
    """Helm with one kubeconfig, or without a cluster. Calls that fail raise with what Helm printed."""

    def __init__(self, kubeconfig: Path | None = None) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="milvus-tls-helm."))
        self._environment = os.environ | {f"HELM_{name}_HOME": str(self._folder) for name in ("CACHE", "CONFIG", "DATA")}
        if kubeconfig:
            self._environment["KUBECONFIG"] = str(kubeconfig)

    def run(self, *arguments: str, values: Object | None = None) -> str:
        command = ["helm", *arguments] + (["--values=-"] if values else [])
        text = json.dumps(values) if values else ""
        result = subprocess.run(command, input=text, env=self._environment, capture_output=True, text=True, timeout=300)
        if result.returncode != 0:
            raise AssertionError(f"helm {' '.join(arguments)}: {result.stdout}{result.stderr}")
        return result.stdout

    def template(self, values: Object | None = None, *options: str) -> list[Object]:
        """The rendered objects, the Pod of `helm test` included."""
        text = self.run("template", RELEASE, str(CHART), f"--namespace={NAMESPACE}", *options, values=values)
        return [item for item in yaml.safe_load_all(text) if item]


def at(path: str, value: Any) -> Object:
    """Values with one value, at a dotted path."""
    for name in reversed(path.split(".")):
        value = {name: value}
    return value


def merge(*all_values: Object) -> Object:
    """Values on top of each other."""
    merged: Object = {}
    for values in all_values:
        for name, value in values.items():
            both = isinstance(merged.get(name), dict) and isinstance(value, dict)
            merged[name] = merge(merged[name], value) if both else value
    return merged

"""What the alerts and the dashboards ask Prometheus for."""

import json
import re
from collections.abc import Iterator

import yaml

from helm import CHART


def expressions() -> Iterator[tuple[str, str]]:
    """Every query of the alerts and the dashboards."""
    for group in yaml.safe_load((CHART / "files/alerts.yaml").read_text(encoding="utf-8"))["groups"]:
        for rule in group["rules"]:
            yield rule["alert"], rule["expr"]
    for file in sorted((CHART / "files/dashboards").glob("*.json")):
        board = json.loads(file.read_text(encoding="utf-8"))
        for panel in board["panels"]:
            for target in panel["targets"]:
                yield f"{file.name}: {panel['title']}", target["expr"]
        for variable in board["templating"]["list"]:
            if variable["type"] == "query":
                yield f"{file.name}: {variable['name']}", variable["query"]["query"]


def metrics_in(expression: str) -> set[str]:
    """The names of the series that an expression asks for."""
    without_labels = re.sub(r"\{[^}]*\}|\[[^]]*\]|by \([^)]*\)|on \([^)]*\)", "", expression)
    return set(re.findall(r"\b[a-z]+_[a-z_]+\b", without_labels)) - {"label_values", "histogram_quantile"}

"""Evaluates the chart's admission policies as an API server does, with another implementation of CEL: the one here has no such policies."""

from typing import Any

import celpy
import yaml

from helm import CHART
from kubectl import Object


class Policy:
    """`spec` of a ValidatingAdmissionPolicy."""

    def __init__(self, file: str) -> None:
        self.spec: Object = yaml.safe_load((CHART / "files" / file).read_text(encoding="utf-8"))

    def complaints(self, new: Object, old: Object | None = None) -> list[str]:
        """The messages with which a request is refused; none where it is allowed."""
        scope: dict[str, Any] = {"object": celpy.json_to_cel(new), "oldObject": celpy.json_to_cel(old)}
        if not all(_evaluate(condition["expression"], scope) for condition in self.spec["matchConditions"]):
            return []
        variables: dict[str, Any] = {}
        for variable in self.spec.get("variables", []):
            variables[variable["name"]] = _evaluate(variable["expression"], scope | {"variables": _map(variables)})
        scope["variables"] = _map(variables)
        failed = [rule for rule in self.spec["validations"] if not _evaluate(rule["expression"], scope)]
        return [rule.get("message") or str(_evaluate(rule["messageExpression"], scope)) for rule in failed]


def _map(values: dict[str, Any]) -> Any:
    return celpy.celtypes.MapType({celpy.celtypes.StringType(name): value for name, value in values.items()})


def _evaluate(expression: str, scope: dict[str, Any]) -> Any:
    environment = celpy.Environment()
    result = environment.program(environment.compile(expression)).evaluate(scope)
    assert not isinstance(result, Exception), f"{expression}: {result}"
    return result

"""The rights that the chart gives the operator, whole or with one of them missing."""

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from helm import NAMESPACE, Helm, merge
from kubectl import Kubectl, Object

KINDS = ("ServiceAccount", "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding")
WITHOUT_USER_ROLES = {"rbac": {"aggregate": False}}


@dataclass(frozen=True, order=True)
class Right:
    group: str
    resource: str  # with the subresource, as in `pods/log`
    verb: str

    def __str__(self) -> str:
        return f"{self.verb} {'.'.join(filter(None, (self.resource, self.group)))}"


def rendered(values: Object) -> list[Object]:
    """The service account of the chart, its roles and their bindings."""
    return [item for item in Helm().template(merge(WITHOUT_USER_ROLES, values), "--skip-tests") if item["kind"] in KINDS]


def roles(objects: list[Object]) -> list[Object]:
    return [item for item in objects if item["kind"] in ("ClusterRole", "Role")]


def granted(objects: list[Object]) -> list[Right]:
    """Each right of the roles, as often as a rule gives it."""
    rules = [rule for role in roles(objects) for rule in role["rules"]]
    return [
        Right(group, resource, verb)
        for rule in rules
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    ]


def lacking_one(role: Object) -> Iterator[tuple[Object, Right]]:
    """The role without each of its rights in turn."""
    for number, rule in enumerate(role["rules"]):
        [group], [resource] = rule["apiGroups"], rule["resources"]
        for verb in rule["verbs"]:
            changed = copy.deepcopy(role)
            changed["rules"][number]["verbs"].remove(verb)
            if not changed["rules"][number]["verbs"]:
                del changed["rules"][number]
            yield changed, Right(group, resource, verb)


def kubeconfig_of(account: str, kubectl: Kubectl, file: Path) -> Path:
    """One with a token of a service account in the operator's namespace."""
    configuration = yaml.safe_load(kubectl.kubeconfig.read_text())
    token = kubectl.run("create", "token", account, f"--namespace={NAMESPACE}").strip()
    configuration["users"][0]["user"] = {"token": token}
    file.write_text(json.dumps(configuration))
    return file

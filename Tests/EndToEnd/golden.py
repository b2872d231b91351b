"""The golden cases of Tests/MilvusTLSTests/Golden: a Milvus as a person writes it, and what the operator makes of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from milvus_objects import merged
from mounted_files import File

Object = dict[str, Any]

FOLDER = Path(__file__).parent.parent / "MilvusTLSTests/Golden"
ROLES = ("serverPemPath", "serverKeyPath", "caPemPath")
OWN_KEYS = ("server.pem", "server.key", "ca.pem")


@dataclass
class Case:
    """One file."""

    name: str
    written: Object
    """The Milvus with every later edit of its author."""
    result: Object
    """The Milvus as the operator leaves it."""
    ready: list[str]
    """Status, reason and message; empty where there is no MilvusTLS."""
    secrets: dict[str, set[str]]
    """The keys of every Secret that pods may mount, by name."""
    files: dict[str, File | None]
    """What each path of a `tls` section is to lead to; None for a file that there is not."""

    @property
    def is_configured(self) -> bool:
        return self.ready[:1] == ["True"] and self.ready[1] != "Disabled"


def cases() -> list[Case]:
    return [_case(path) for path in sorted(FOLDER.glob("*.yaml"))]


def _case(path: Path) -> Case:
    documents = list(yaml.safe_load_all(path.read_text(encoding="utf-8")))
    milvus, expected = documents[0], documents[-1]
    assert "milvus" in expected, f"{path.name}: no outcome yet, run the Swift test with RECORD_GOLDEN=1"
    milvus["metadata"]["uid"] = "1"
    milvus.setdefault("spec", {})
    written = milvus
    for step in expected.get("then") or []:
        written = _without_nulls(merged(written, step.get("milvus") or {}))
    foreign = _foreign_secrets(documents[1:-1] + [step["secret"] for step in expected.get("then") or [] if "secret" in step])
    secret = expected.get("secret", "certs")
    own = {} if secret in foreign else {secret: dict(zip(ROLES, OWN_KEYS))}
    held = foreign | own
    return Case(
        name=path.stem,
        written=written,
        result=milvus | {"spec": expected["milvus"]},
        ready=expected.get("ready") or [],
        secrets={name: set(keys.values()) for name, keys in held.items()},
        files={role: _file(role, secret, held) for role in ROLES},
    )


def _foreign_secrets(documents: list[Object]) -> dict[str, dict[str, str]]:
    """The key of each role in Secrets that were there, by the Secret's name."""
    found = {}
    for document in documents:
        metadata = document["metadata"]
        if document.get("kind", "Secret") == "Secret":
            keys = metadata["annotations"]["test/keys"].split(",")
            found[metadata["name"]] = {role: key for role, key in zip(ROLES, keys) if key}
    return found


def _file(role: str, secret: str, held: dict[str, dict[str, str]]) -> File | None:
    """A file that the Secret itself lacks may come from another one."""
    holders = [name for name in [secret, *held] if role in held[name]]
    return (holders[0], held[holders[0]][role]) if holders else None


def _without_nulls(value: Any) -> Any:
    """A merge patch deletes with null."""
    if not isinstance(value, dict):
        return value
    return {key: _without_nulls(member) for key, member in value.items() if member is not None}

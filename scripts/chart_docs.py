"""Takes the comments of the chart's values.yaml into its README.md and into the descriptions of its values.schema.json.

A value is described by the comment lines above it, the first of which begins with `# --`. A line `# @default -- TEXT` says
its default in words.

usage: chart_docs.py [--check]
  --check   writes nothing, and fails if a file is not current
"""

import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import yaml

CHART = Path(__file__).resolve().parents[1] / "Charts/milvus-tls-operator"


@dataclass
class Value:
    """A described value; `path` is from the top."""

    path: tuple[str, ...]
    description: str
    default: str


def values(text: str) -> list[Value]:
    """The described values in their order."""
    defaults, found, path, comment, indents = yaml.safe_load(text), [], [], [], []
    for line in text.splitlines():
        if match := re.match(r" *# ?(.*)", line):
            comment.append(match[1])
        elif match := re.match(r"( *)([A-Za-z]\w*):", line):
            depth = len(match[1]) // 2
            path = [*path[:depth], match[2]]
            if comment and comment[0].startswith("-- "):
                found.append(_value(tuple(path), comment, defaults))
            comment = []
        else:
            comment = []
    return found


def _value(path: tuple[str, ...], comment: list[str], defaults: dict) -> Value:
    words = next((line.removeprefix("@default -- ") for line in comment if line.startswith("@default -- ")), "")
    for name in path:
        defaults = defaults[name]
    description = " ".join(line for line in comment if not line.startswith("@")).removeprefix("-- ")
    return Value(path, description, words or f"`{json.dumps(defaults)}`")


def undescribed(defaults: dict, described: set[tuple[str, ...]], path: tuple[str, ...] = ()) -> list[str]:
    """The values that neither have a description nor belong to one that has."""
    missing = []
    for name, default in defaults.items():
        here = (*path, name)
        if here in described:
            continue
        missing += undescribed(default, described, here) if isinstance(default, dict) and default else [".".join(here)]
    return missing


def readme(described: list[Value]) -> str:
    head = (CHART / "README.head.md").read_text(encoding="utf-8")
    rows = "".join(f"| `{'.'.join(value.path)}` | {value.description} | {value.default} |\n" for value in described)
    return f"{head}\n## Values\n\n| value | meaning | default |\n| --- | --- | --- |\n{rows}"


def schema(described: list[Value]) -> str:
    """The schema with the descriptions in place; its types are written by hand."""
    root = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    for value in described:
        node = root
        for name in value.path:
            if "$ref" in node:
                node = root["definitions"][node["$ref"].rpartition("/")[2]]
            if name not in node.get("properties", {}):
                raise SystemExit(f"error: values.schema.json does not have {'.'.join(value.path)}")
            node = node["properties"][name]
        node["description"] = value.description
    return json.dumps(root, indent=2) + "\n"


def main() -> None:
    if sys.argv[1:] not in ([], ["--check"]):
        raise SystemExit("usage: chart_docs.py [--check]")
    text = (CHART / "values.yaml").read_text(encoding="utf-8")
    described = values(text)
    if missing := undescribed(yaml.safe_load(text), {value.path for value in described}):
        raise SystemExit(f"error: values.yaml does not describe {', '.join(missing)}")
    stale = []
    for name, made in {"README.md": readme(described), "values.schema.json": schema(described)}.items():
        path = CHART / name
        if path.exists() and path.read_text(encoding="utf-8") == made:
            continue
        stale.append(name)
        if sys.argv[1:] != ["--check"]:
            path.write_text(made, encoding="utf-8")
    if stale and sys.argv[1:] == ["--check"]:
        raise SystemExit(f"error: not as values.yaml says: {', '.join(stale)}; run scripts/chart_docs.py")


if __name__ == "__main__":
    main()

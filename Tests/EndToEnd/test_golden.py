"""Every golden result is a Milvus that the API server takes, whose pods find each file of the TLS configuration in the right Secret."""

import json
from typing import Any

import yaml

import milvus_objects
from conftest import milvus_definition
from control_plane import ControlPlane
from golden import ROLES, Case, Object, cases
from mounted_files import Unresolved, defects, resolve

KNOWN_COMPONENTS = {
    "standalone", "proxy", "mixCoord", *milvus_objects.COORDINATORS, "queryNode", "dataNode", "indexNode", "streamingNode", "cdc",
}  # fmt: skip
# Maps of spec.components that are no sections of a component.
SETTINGS = {"affinity", "metricLabels", "nodeSelector", "podAnnotations", "podLabels", "probes", "resources", "securityContext"}


def test_the_api_server_accepts_every_result_and_keeps_what_was_added(control_plane: ControlPlane) -> None:
    all_cases = cases()
    items = [case.result | {"metadata": case.result["metadata"] | {"name": case.name}} for case in all_cases]
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": items})
    # The server itself is to judge, not kubectl by the schema it has fetched.
    output = control_plane.kubectl.run("create", "--dry-run=server", "--validate=false", "--filename=-", "--output=yaml", text=text)
    stored = {item["metadata"]["name"]: item["spec"] for item in yaml.safe_load_all(output)}
    lost = {
        f"{case.name}: {path} is in no schema and was dropped"
        for case in all_cases
        for path in _dropped(case.result["spec"], stored[case.name], case.written["spec"])
    }
    assert not lost, "\n".join(sorted(lost))


# Read from variables, in other spellings, or from several objects: what this model of Milvus cannot follow, GoldenTests and ConsentTests do.
READ_OTHERWISE = ("environment-", "settings-", "provided-", "hidden-files-not-needed")


def test_every_component_finds_its_files() -> None:
    configured = [case for case in cases() if case.is_configured and not case.name.startswith(READ_OTHERWISE)]
    assert len(configured) >= 30
    problems = [f"{case.name}: {problem}" for case in configured for problem in _problems(case)]
    assert not problems, "\n".join(problems)


def test_every_section_of_the_definition_occurs() -> None:
    definition = yaml.safe_load(milvus_definition().read_text(encoding="utf-8"))
    schema = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    missing = _places(_tree(schema, depth=3)) - {place for case in cases() for place in _places(case.written["spec"])}
    assert not missing, f"no golden case has {', '.join(sorted(missing))}"


def _tree(schema: Object, depth: int) -> Object:
    """The names of a schema's fields, as an object of that schema has them."""
    return {name: _tree(field, depth - 1) for name, field in schema.get("properties", {}).items()} if depth else {}


def _places(spec: Object) -> set[str]:
    """The sections of a Milvus, and the fields of its components, which are the same for each."""
    places = set(spec)
    for section in ("components", "dependencies"):
        places |= {f"{section}.{name}" for name in spec.get(section) or {}}
    components = spec.get("components") or {}
    for name in KNOWN_COMPONENTS & components.keys():
        places |= {f"components.*.{field}" for field in components[name] or {}}
    return places


def _problems(case: Case) -> list[str]:
    config = case.result["spec"].get("config") or {}
    security = (config.get("common") or {}).get("security") or {}
    mode, is_internal = int(security.get("tlsMode") or 0), str(security.get("internaltlsEnabled")).lower() == "true"
    if not mode and not is_internal:
        return ["Ready, but neither external nor internal TLS is on"]
    problems = _unreachable_rest(case) if mode else []
    for component in _running(case.result):
        pod = milvus_objects.deployment(case.result, component, None)["spec"]["template"]["spec"]
        problems += [f"{component}: {defect}" for defect in defects(pod)]
        # Of the external certificate only the component that serves clients reads.
        if mode and component in ("standalone", "proxy"):
            problems += [f"{component}: tls.{problem}" for problem in _unmet(case, pod, config.get("tls") or {}, needs_authority=mode == 2)]
        if is_internal:
            problems += [f"{component}: internaltls.{problem}" for problem in _unmet(case, pod, config.get("internaltls") or {}, needs_authority=True)]
    return problems


def _unmet(case: Case, pod: Object, section: Object, needs_authority: bool) -> list[str]:
    """The paths of `tls` or `internaltls` that do not lead to their files. One-way TLS serves without an authority."""
    problems = []
    for role in ROLES:
        wanted = case.files[role]
        if wanted is None and role == "caPemPath" and not needs_authority:
            continue
        if not section.get(role):
            problems.append(f"{role} is not set")
            continue
        try:
            found = resolve(pod, section[role], case.secrets)
        except Unresolved as unresolved:
            problems.append(f"{role}: {unresolved}")
        else:
            problems += [f"{role}: leads to {found}, not to {wanted}"] if found != wanted else []
    return problems


def _unreachable_rest(case: Case) -> list[str]:
    """milvus-operator makes `serviceRestfulPort` the container's port too: what the operator adds has to agree with `proxy.http.port`."""

    def ports(spec: Object) -> list[Any]:
        serving = "standalone" if spec.get("mode", "standalone") == "standalone" else "proxy"
        http = ((spec.get("config") or {}).get("proxy") or {}).get("http") or {}
        return [http.get("port"), ((spec.get("components") or {}).get(serving) or {}).get("serviceRestfulPort")]

    rest, service = ports(case.result["spec"])
    if rest is None or str(rest) == str(service) or None not in ports(case.written["spec"]):
        return []
    return [f"REST listens on {rest}, its Service leads to {service}"]


def _running(milvus: Object) -> list[str]:
    """The components of the mode, and in a cluster the sections that no release knows yet."""
    settings = milvus["spec"].get("components") or {}
    if milvus["spec"].get("mode", "standalone") == "standalone":
        return ["standalone"]
    unknown = [name for name, value in settings.items() if isinstance(value, dict) and name not in KNOWN_COMPONENTS | SETTINGS]
    return [*milvus_objects.components(milvus), *unknown]


def _dropped(sent: Any, stored: Any, written: Any, path: str = "spec") -> list[str]:
    """The topmost fields that are missing from what was stored and that the author did not write."""
    if isinstance(sent, list):
        pairs = zip(sent, stored if isinstance(stored, list) else [], strict=False)
        authors = written if isinstance(written, list) else []
        return [
            field
            for index, (one, other) in enumerate(pairs)
            for field in _dropped(one, other, authors[index] if index < len(authors) else None, f"{path}[{index}]")
        ]
    if not isinstance(sent, dict) or not isinstance(stored, dict):
        return []
    own = written if isinstance(written, dict) else {}
    missing = [f"{path}.{key}" for key in sent if key not in stored and key not in own]
    shared = [field for key in sent if key in stored for field in _dropped(sent[key], stored[key], own.get(key), f"{path}.{key}")]
    return missing + shared

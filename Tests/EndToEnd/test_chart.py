"""What the chart makes of its values, judged by an API server that has the kinds."""

import copy
import difflib
import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from control_plane import ControlPlane
from helm import CHART, NAMESPACE, Helm, at, merge
from kubectl import Kubectl, Object, condition
from node import REPOSITORY
from queries import expressions, metrics_in

sys.path.append(str(REPOSITORY / "scripts"))
import chart_docs  # noqa: E402

GOLDEN = Path(__file__).with_name("golden") / "chart"
OLD = "--kube-version=1.20.2"  # that of the API server here
MODERN = "--api-versions=admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy"
WATCHED = "milvus"
# Of servers newer than 1.20, and of Prometheus Operator.
UNKNOWN_KINDS = {"ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "ServiceMonitor", "PodMonitor", "PrometheusRule"}

# A value beside the default for each; with `needs` where it shows only beside another.
VALUES: dict[str, object] = {
    "fullnameOverride": "tls",
    "commonLabels": {"team": "search"},
    "image.repository": "registry.example.com/milvus-tls-operator",
    "image.tag": "0.1.0-debug",
    "image.digest": "sha256:" + "0123456789abcdef" * 4,
    "image.pullPolicy": "Always",
    "imagePullSecrets": [{"name": "registry"}],
    "crds.install": False,
    "crds.keep": False,
    "watchNamespaces": [WATCHED],
    "certManager.enabled": False,
    "replicas": 3,
    "leaderElection.enabled": False,
    "leaderElection.namespace": WATCHED,
    "log.format": "text",
    "log.level": "debug",
    "extraArgs": ["--issue-missing-after=never"],
    "extraEnv": [{"name": "TZ", "value": "UTC"}],
    "resources": {"limits": {"memory": "1Gi"}},
    "readinessProbe.periodSeconds": 5,
    "readinessProbe.timeoutSeconds": 2,
    "readinessProbe.failureThreshold": 4,
    "livenessProbe.periodSeconds": 30,
    "livenessProbe.timeoutSeconds": 6,
    "livenessProbe.failureThreshold": 4,
    "podLabels": {"tier": "control"},
    "podAnnotations": {"example.com/owner": "platform"},
    "deploymentAnnotations": {"example.com/owner": "platform"},
    "podSecurityContext": {"fsGroup": 65532},
    "securityContext": {"privileged": False},
    "nodeSelector": {"pool": "system"},
    "affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{"matchExpressions": [{"key": "arch", "operator": "Exists"}]}]}}},
    "tolerations": [{"key": "system", "operator": "Exists"}],
    "topologySpreadConstraints": [{"topologyKey": "zone", "maxSkew": 1, "whenUnsatisfiable": "DoNotSchedule", "labelSelector": {"matchLabels": {"a": "b"}}}],
    "priorityClassName": "system-cluster-critical",
    "podDisruptionBudget.enabled": False,
    "podDisruptionBudget.minAvailable": 1,
    "podDisruptionBudget.maxUnavailable": "50%",
    "serviceAccount.create": False,
    "serviceAccount.name": "tls",
    "serviceAccount.annotations": {"example.com/owner": "platform"},
    "rbac.create": False,
    "rbac.aggregate": False,
    "admissionPolicy.enabled": False,
    "metrics.enabled": False,
    "metrics.port": 9090,
    "metrics.scrapeAnnotations": False,
    "metrics.monitor.kind": "ServiceMonitor",
    "metrics.monitor.labels": {"release": "prometheus"},
    "metrics.monitor.interval": "30s",
    "metrics.monitor.scrapeTimeout": "10s",
    "metrics.prometheusRule.enabled": True,
    "metrics.prometheusRule.labels": {"release": "prometheus"},
    "metrics.prometheusRule.runbookURL": "https://git.example.com/docs/runbooks/",
    "metrics.dashboards.enabled": True,
    "metrics.dashboards.labels": {"grafana": "yes"},
    "metrics.dashboards.annotations": {"grafana_folder": "Milvus"},
    "networkPolicy.enabled": True,
    "networkPolicy.metricsFrom": [{"namespaceSelector": {"matchLabels": {"name": "monitoring"}}}],
    "networkPolicy.apiServerPorts": [8443],
    "extraObjects": [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "more"}, "data": {"a": "{{ .Release.Name }}"}}],
}
NEEDS = {
    "leaderElection.enabled": at("replicas", 1),
    "metrics.monitor.labels": at("metrics.monitor.kind", "PodMonitor"),
    "metrics.monitor.interval": at("metrics.monitor.kind", "PodMonitor"),
    "metrics.monitor.scrapeTimeout": at("metrics.monitor.kind", "PodMonitor"),
    "metrics.prometheusRule.labels": at("metrics.prometheusRule.enabled", True),
    "metrics.prometheusRule.runbookURL": at("metrics.prometheusRule.enabled", True),
    "metrics.dashboards.labels": at("metrics.dashboards.enabled", True),
    "metrics.dashboards.annotations": at("metrics.dashboards.enabled", True),
    "networkPolicy.metricsFrom": at("networkPolicy.enabled", True),
    "networkPolicy.apiServerPorts": at("networkPolicy.enabled", True),
}
OFF = {"crds.install", "crds.keep", "certManager.enabled", "leaderElection.enabled", "podDisruptionBudget.enabled"}
OFF |= {"serviceAccount.create", "rbac.create", "rbac.aggregate", "admissionPolicy.enabled", "metrics.enabled", "metrics.scrapeAnnotations", "watchNamespaces"}
ALL_ON = merge(*(at(path, value) for path, value in VALUES.items() if path not in OFF))
ONE_NAMESPACE = at("watchNamespaces", [WATCHED])


def alone(path: str) -> Object:
    return merge(NEEDS.get(path, {}), at(path, VALUES[path]))


@pytest.fixture(scope="module")
def helm() -> Helm:
    return Helm()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kubectl]:
    """An API server, 1.20, with the namespaces that the values name."""
    control_plane = ControlPlane(tmp_path_factory.mktemp("chart-server"))
    try:
        control_plane.start()
        for namespace in (NAMESPACE, WATCHED):
            control_plane.kubectl.create_namespace(namespace)
        yield control_plane.kubectl
    finally:
        control_plane.stop()


def take(server: Kubectl, objects: list[Object]) -> None:
    """Has the API server check objects of the kinds that it has, without keeping them; Helm applies on the server's side."""
    known = [item for item in objects if item["kind"] not in UNKNOWN_KINDS and item["apiVersion"] != "policy/v1"]
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": known})
    server.run("apply", "--filename=-", "--dry-run=server", "--validate=true", text=text)
    server.run("apply", "--filename=-", "--dry-run=server", "--server-side", text=text)


def test_helm_has_no_complaint(helm: Helm) -> None:
    helm.run("lint", "--strict", str(CHART))
    helm.run("lint", "--strict", str(CHART), values=ALL_ON)


def test_every_value_is_tried() -> None:
    described = chart_docs.values((CHART / "values.yaml").read_text(encoding="utf-8"))
    assert [".".join(value.path) for value in described] == list(VALUES)


def compact(objects: list[Object]) -> str:
    """Objects in YAML, of the chart's files only what tells whether they are there."""
    objects = copy.deepcopy(objects)
    for item in objects:
        if item["kind"] in ("CustomResourceDefinition", "ValidatingAdmissionPolicy"):
            del item["spec"]
        if item["kind"] == "PrometheusRule":
            item["spec"] = {rule["alert"]: rule["annotations"]["runbook_url"] for group in item["spec"]["groups"] for rule in group["rules"]}
        if item["kind"] == "ConfigMap" and any(name.endswith(".json") for name in item["data"]):
            item["data"] = sorted(item["data"])
    return yaml.safe_dump_all(objects, sort_keys=False, width=150)


def assert_golden(name: str, text: str) -> None:
    """RECORD_GOLDEN=1 writes the file."""
    file = GOLDEN / name
    if os.environ.get("RECORD_GOLDEN"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


def changes(before: list[Object], after: list[Object]) -> str:
    """The lines that differ, each run of them with the lines around it."""
    lines = difflib.unified_diff(*(compact(objects).splitlines(keepends=True) for objects in (before, after)), n=2)
    return "".join("@@\n" if line.startswith("@@") else line for line in list(lines)[2:])


@pytest.mark.parametrize("path", VALUES)
def test_each_value_alone_has_an_effect_that_the_server_takes(path: str, helm: Helm, server: Kubectl) -> None:
    version = MODERN if path.startswith("admissionPolicy") else OLD
    objects = helm.template(alone(path), version)
    effect = changes(helm.template(NEEDS.get(path), version), objects)
    assert effect
    assert_golden(f"alone/{path}.diff", effect)
    take(server, objects)


def test_no_golden_file_is_left_over() -> None:
    assert {file.stem for file in (GOLDEN / "alone").iterdir()} == set(VALUES)


@pytest.mark.parametrize("values", [None, ALL_ON, ONE_NAMESPACE], ids=["default", "all-on", "one-namespace"])
def test_the_server_takes_them_together(values: Object | None, helm: Helm, server: Kubectl) -> None:
    take(server, helm.template(values, OLD))


def test_the_server_refuses_what_is_wrong(server: Kubectl) -> None:
    """Else the tests above would show nothing."""
    port = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a", "namespace": NAMESPACE}, "spec": {"ports": [{"port": "http"}]}}
    field = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "a", "namespace": NAMESPACE}, "automountToken": False}
    for wrong in (port, field):
        with pytest.raises(AssertionError, match="port|automountToken"):
            take(server, [wrong])


@pytest.mark.parametrize("name, values", {"all-on": ALL_ON, "one-namespace": ONE_NAMESPACE}.items())
def test_the_objects_are_those_of_the_golden_files(name: str, values: Object, helm: Helm) -> None:
    """Of the defaults Manifests/base is one."""
    assert_golden(f"{name}.yaml", compact(helm.template(values, MODERN)))


@pytest.mark.parametrize(
    "values, complaint",
    [
        (at("replica", 2), "replica"),
        (at("image.name", "a"), "name"),
        (at("metrics.monitor.kind", "Monitor"), "kind"),
        (at("watchNamespaces", "milvus"), "watchNamespaces"),
        (at("image.digest", "latest"), "digest"),
        (at("leaderElection.enabled", False), "replicas"),
        (at("metrics.port", 8081), "port"),
        (at("podDisruptionBudget.minAvailable", True), "minAvailable"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_wrong_values_are_refused(values: Object, complaint: str, helm: Helm) -> None:
    with pytest.raises(AssertionError, match=complaint):
        helm.template(values)


def test_the_schema_describes_every_value_and_allows_no_other() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    for path, node in nodes(schema):
        assert node.get("description") or node.get("properties"), path
        assert "properties" not in node or node["additionalProperties"] is False, path


def nodes(schema: Object, path: str = "") -> Iterator[tuple[str, Object]]:
    yield path or "the top", schema | {"description": schema.get("description", "values" if not path else "")}
    for name, node in schema.get("properties", {}).items():
        yield from nodes(node, f"{path}.{name}")


def by_identity(objects: list[Object]) -> dict[tuple[str, str, str], Object]:
    """Objects without the labels that only Helm sets."""
    for item in objects:
        for name in ("helm.sh/chart", "app.kubernetes.io/managed-by"):
            item["metadata"].get("labels", {}).pop(name, None)
    return {(item["kind"], item["metadata"].get("namespace", ""), item["metadata"]["name"]): item for item in objects}


def kustomized(server: Kubectl, folder: str) -> dict[tuple[str, str, str], Object]:
    objects = by_identity(list(yaml.safe_load_all(server.run("kustomize", str(REPOSITORY / folder)))))
    namespace = objects.pop(("Namespace", "", NAMESPACE))
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    return objects


@pytest.mark.parametrize(
    "folder, values",
    {
        "Manifests": {},
        "Manifests/overlays/one-namespace": merge(ONE_NAMESPACE, at("certManager.enabled", False)),
        "Manifests/overlays/prometheus": {
            "metrics": {"monitor": {"kind": "ServiceMonitor"}, "prometheusRule": {"enabled": True}, "dashboards": {"enabled": True}}
        },
    }.items(),
)
def test_kustomize_gives_what_helm_gives(folder: str, values: Object, helm: Helm, server: Kubectl) -> None:
    off = merge(at("podDisruptionBudget.enabled", False), at("admissionPolicy.enabled", False), at("crds.keep", False))
    assert kustomized(server, folder) == by_identity(helm.template(merge(off, values), "--skip-tests"))


def test_one_file_has_the_same_as_the_base(server: Kubectl) -> None:
    one = by_identity(list(yaml.safe_load_all((REPOSITORY / "Manifests/install.yaml").read_text(encoding="utf-8"))))
    del one["Namespace", "", NAMESPACE]
    assert one == kustomized(server, "Manifests")


def test_the_pods_fit_the_standard_restricted(helm: Helm) -> None:
    """https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted"""
    objects = helm.template()
    specs = [item["spec"] for item in objects if item["kind"] == "Pod"]
    specs += [item["spec"]["template"]["spec"] for item in objects if item["kind"] == "Deployment"]
    assert len(specs) == 2
    for spec in specs:
        pod, [container] = spec["securityContext"], spec["containers"]
        assert (pod["runAsNonRoot"], pod["seccompProfile"]) == (True, {"type": "RuntimeDefault"})
        own = container["securityContext"]
        assert own == {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
        assert spec["enableServiceLinks"] is False and "volumes" not in spec and "hostNetwork" not in spec
        assert spec["automountServiceAccountToken"] is True
    [account] = [item for item in objects if item["kind"] == "ServiceAccount"]
    assert account["automountServiceAccountToken"] is False


def test_versions_are_those_of_the_server(helm: Helm) -> None:
    old = {item["kind"]: item["apiVersion"] for item in helm.template(None, OLD)}
    new = {item["kind"]: item["apiVersion"] for item in helm.template(None, MODERN)}
    assert (old["PodDisruptionBudget"], new["PodDisruptionBudget"]) == ("policy/v1beta1", "policy/v1")
    assert "ValidatingAdmissionPolicy" in new and "ValidatingAdmissionPolicy" not in old
    with pytest.raises(AssertionError, match="1.19"):
        helm.template(None, "--kube-version=1.19.0")


def rules(objects: list[Object], kind: str, namespace: str = "") -> list[Object]:
    return [rule for item in objects if item["kind"] == kind and item["metadata"].get("namespace", "") == namespace for rule in item["rules"]]


def test_the_annotations_for_artifact_hub_are_of_this_chart(helm: Helm, server: Kubectl) -> None:
    """https://artifacthub.io/docs/topics/annotations/helm/"""
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))
    hub = {name.removeprefix("artifacthub.io/"): value for name, value in chart["annotations"].items()}
    [image] = yaml.safe_load(hub["images"])
    [deployment] = [item for item in helm.template() if item["kind"] == "Deployment"]
    assert image["image"] == deployment["spec"]["template"]["spec"]["containers"][0]["image"]
    definition = yaml.safe_load((CHART / "files/milvustls-crd.yaml").read_text(encoding="utf-8"))
    [described] = yaml.safe_load(hub["crds"])
    versions = [version["name"] for version in definition["spec"]["versions"]]
    assert (described["name"], described["kind"], [described["version"]]) == (definition["metadata"]["name"], definition["spec"]["names"]["kind"], versions)
    server.apply(definition)
    server.wait_for("crd", described["name"], NAMESPACE, lambda item: condition(item, "Established").get("status") == "True", "it is served")
    for example in yaml.safe_load(hub["crdsExamples"]):
        server.run("create", f"--namespace={WATCHED}", "--filename=-", "--dry-run=server", "--validate=true", text=json.dumps(example))
    assert {change["kind"] for change in yaml.safe_load(hub["changes"])} <= {"added", "changed", "deprecated", "removed", "fixed", "security"}
    assert hub["license"] == "Apache-2.0"


def test_each_rule_names_the_code_that_needs_it() -> None:
    lines = [line for file in ("_rules.tpl", "leader-election-role.yaml") for line in (CHART / "templates" / file).read_text(encoding="utf-8").splitlines()]
    named = [re.fullmatch(r" *resources: \[\S+\] # (.+)", line) for line in lines if "resources:" in line]
    files = {file.stem for file in (REPOSITORY / "Sources").rglob("*.swift")}
    assert len(named) > 10 and all(match and set(match[1].split(", ")) <= files for match in named), lines


def test_in_one_namespace_the_operator_has_the_rights_of_the_cluster_there_alone(helm: Helm) -> None:
    everywhere, here = helm.template({"rbac": {"aggregate": False}}), helm.template(merge(ONE_NAMESPACE, {"rbac": {"aggregate": False}}))
    definition = [rule for rule in rules(everywhere, "ClusterRole") if rule["resources"] == ["customresourcedefinitions"]]
    assert definition and not rules(here, "ClusterRole")
    assert rules(here, "Role", WATCHED) + definition == rules(everywhere, "ClusterRole")
    [binding] = [item for item in here if item["kind"] == "RoleBinding" and item["metadata"]["namespace"] == WATCHED]
    assert binding["subjects"][0]["namespace"] == NAMESPACE
    [deployment] = [item for item in here if item["kind"] == "Deployment"]
    assert f"--namespace={WATCHED}" in deployment["spec"]["template"]["spec"]["containers"][0]["args"]


def documented_metrics() -> set[str]:
    """The metrics of docs/observability.md, and those of the libraries."""
    text = (REPOSITORY / "docs/observability.md").read_text(encoding="utf-8")
    libraries = (REPOSITORY / "Sources/Observability/Metrics/MetricDescription.swift").read_text(encoding="utf-8")
    process = "\n".join(path.read_text(encoding="utf-8") for path in (REPOSITORY / "Sources/Observability").rglob("*.swift"))
    names = set(re.findall(r"^\| `(milvus_tls_\w+)` \|", text, flags=re.M)) | set(re.findall(r'"(\w+)": \.init\(', libraries))
    names |= set(re.findall(r'"(process_\w+)"', process))
    return names | {f"{name}_bucket" for name in names if name.endswith("_duration_seconds")}


def test_every_query_names_metrics_that_exist() -> None:
    """In the documentation; `test_in_cluster.py` looks at the operator."""
    known = documented_metrics()
    for where, expression in expressions():
        named = metrics_in(expression)
        assert named and named <= known, f"{where}: {named - known}"


def test_dashboards_have_panels_of_their_own_identity() -> None:
    boards = [json.loads(file.read_text(encoding="utf-8")) for file in (CHART / "files/dashboards").glob("*.json")]
    assert len({board["uid"] for board in boards}) == len(boards) == 2
    for board in boards:
        assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
        assert all(panel["description"] and panel["datasource"]["uid"] == "${datasource}" for panel in board["panels"])


def test_every_alert_has_a_runbook_and_cases() -> None:
    alerts = {rule["alert"]: rule for group in yaml.safe_load((CHART / "files/alerts.yaml").read_text(encoding="utf-8"))["groups"] for rule in group["rules"]}
    pages = {file.stem for file in (REPOSITORY / "docs/runbooks").glob("*.md")}
    assert set(alerts) == pages
    for name, rule in alerts.items():
        assert rule["annotations"]["runbook_url"] == f"docs/runbooks/{name}.md"
        assert rule["labels"]["severity"] in ("info", "warning", "critical")
    cases = yaml.safe_load((REPOSITORY / "Tests/Prometheus/alerts.yaml").read_text(encoding="utf-8"))["tests"]
    tried = {(case["alertname"], bool(case.get("exp_alerts"))) for test in cases for case in test["alert_rule_test"]}
    assert tried == {(name, fires) for name in alerts for fires in (True, False)}


def test_the_admission_policy_knows_the_annotations_of_the_reference() -> None:
    text = (REPOSITORY / "docs/reference.md").read_text(encoding="utf-8")
    table = text.split("## Annotations on a Milvus")[1].split("\n\n", 2)[1]
    policy = yaml.safe_load((CHART / "files/milvus-policy.yaml").read_text(encoding="utf-8"))
    [known] = [rule["expression"] for rule in policy["validations"] if "startsWith" in rule["expression"]]
    assert set(re.findall(r"'(tls\.milvus\.io/[a-z-]+)'", known)) == set(re.findall(r"^\| `(tls\.milvus\.io/[a-z-]+)`", table, flags=re.M))

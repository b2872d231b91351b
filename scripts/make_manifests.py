"""Makes Manifests from the chart: install.yaml, and what base and the overlays have beside their kustomization.yaml.

usage: make_manifests.py [--check]
  --check   writes nothing, and fails if a file differs from what the chart gives

Helm has to be in the PATH.
"""

import re
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
MANIFESTS = REPOSITORY / "Manifests"
NAME = "milvus-tls-operator"  # of the release and of its namespace
HEAD = "# Made from Charts/milvus-tls-operator by scripts/make_manifests.py.\n"
# Their versions depend on the server.
SERVER_INDEPENDENT = ("podDisruptionBudget.enabled=false", "admissionPolicy.enabled=false")


def rendered(*values: str) -> dict[str, str]:
    """The chart's output by template, without what only Helm needs. Comments are kept."""
    command = ["helm", "template", NAME, str(REPOSITORY / "Charts" / NAME), f"--namespace={NAME}", "--skip-tests"]
    command += [f"--set={value}" for value in (*SERVER_INDEPENDENT, *values)]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    output = re.sub(r"^ +(helm\.sh/chart|app\.kubernetes\.io/managed-by|helm\.sh/resource-policy): .*\n", "", output, flags=re.M)
    templates: dict[str, list[str]] = {}
    for document in re.split(r"^---\n", output, flags=re.M):
        if source := re.match(r"# Source: \S+/templates/(\S+)\n", document):
            text = re.sub(r"[ \t]+$", "", document[source.end() :], flags=re.M).strip("\n") + "\n"
            templates.setdefault(source[1], []).append(text)
    return {template: "---\n".join(documents) for template, documents in templates.items()}


def files() -> dict[str, str]:
    """Contents by path below Manifests."""
    whole = rendered("crds.keep=false")
    rbac = ("service-account.yaml", "cluster-role.yaml", "aggregated-roles.yaml", "leader-election-role.yaml")
    base = {
        "milvustls-crd.yaml": whole.pop("milvustls-crd.yaml"),
        "rbac.yaml": "---\n".join(whole.pop(template) for template in rbac),
        "deployment.yaml": whole.pop("deployment.yaml"),
        "metrics-service.yaml": whole.pop("metrics-service.yaml"),
    }
    if whole:
        raise SystemExit(f"error: Manifests/base does not have the chart's {', '.join(whole)}")
    role = rendered("watchNamespaces={milvus}", "certManager.enabled=false")["namespaced-roles.yaml"]
    monitoring = rendered("metrics.monitor.kind=ServiceMonitor", "metrics.prometheusRule.enabled=true", "metrics.dashboards.enabled=true")
    made = {f"base/{name}": text for name, text in base.items()}
    made["install.yaml"] = "---\n".join([(MANIFESTS / "base/namespace.yaml").read_text(encoding="utf-8"), *base.values()])
    made["overlays/one-namespace/role.yaml"] = role
    made["overlays/prometheus/monitoring.yaml"] = "---\n".join([monitoring["monitor.yaml"], monitoring["prometheus-rule.yaml"]])
    made["overlays/prometheus/dashboards.yaml"] = monitoring["dashboards.yaml"]
    return {path: HEAD + text for path, text in made.items()}


def main() -> None:
    if sys.argv[1:] not in ([], ["--check"]):
        raise SystemExit("usage: make_manifests.py [--check]")
    stale = []
    for name, text in files().items():
        path = MANIFESTS / name
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(f"Manifests/{name}")
        if sys.argv[1:] != ["--check"]:
            path.write_text(text, encoding="utf-8")
    if stale and sys.argv[1:] == ["--check"]:
        raise SystemExit(f"error: not as the chart says: {', '.join(stale)}; run scripts/make_manifests.py")


if __name__ == "__main__":
    main()

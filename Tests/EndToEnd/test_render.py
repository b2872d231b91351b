"""`milvus-tls render`, judged by what reads its files: another YAML parser, Helm, and a real Milvus that is run as a Compose file says."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import images
from hand_made import make_certificates
from helm import Helm
from kubectl import Kubectl, Object, condition
from node import REPOSITORY

FIXTURES = REPOSITORY / "Tests/Fixtures"
CHART = FIXTURES / "Charts/milvus"
NAMESPACE = "render"
OWN_SECRET = {"name": "certs", "secret": {"secretName": "certs"}}
OWN_MOUNT = {"name": "certs", "mountPath": "/certs", "readOnly": True}


def render(kind: str, *arguments: str, text: str | None = None) -> str:
    command = [os.environ["MILVUS_TLS_BINARY"], "render", kind, *arguments]
    result = subprocess.run(command, input=text, capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_another_parser_reads_what_was_rendered_and_finds_what_was_there_before() -> None:
    files = sorted(FIXTURES.glob("Render/**/*.tls"))
    assert len(files) > 10
    for file in files:
        before = list(yaml.safe_load_all(file.with_suffix("").read_bytes()))
        after = list(yaml.safe_load_all(file.read_bytes()))
        assert len(before) == len(after) and before != after, file
        if file.parent.name not in ("manual", "standalone") or file.name != "milvus.yaml.tls":  # settings that were off
            assert all(contains(new, old) for new, old in zip(after, before)), file


def contains(new: object, old: object) -> bool:
    """Whether nothing went: maps have at least the members, lists begin with the elements, strings have the lines; health checks change."""
    if isinstance(old, dict):
        return isinstance(new, dict) and all(name in ("test",) or contains(new.get(name), value) for name, value in old.items())
    if isinstance(old, list):
        return isinstance(new, list) and len(new) >= len(old) and all(map(contains, new, old))
    if isinstance(old, str) and "\n" in old:
        lines = iter(str(new).splitlines())
        return all(line in lines for line in old.splitlines())
    return old is None or new == old


@pytest.mark.parametrize(
    ("values", "component"), [("plain.yaml", "standalone"), ("published.yaml", "proxy"), ("manual-internal.yaml", "querynode")]
)
def test_helm_gives_every_pod_of_rendered_values_the_files_and_the_settings(values: str, component: str, tmp_path: Path) -> None:
    objects = template(values, tmp_path)
    for item in objects.values():
        if item["kind"] != "Deployment":
            continue
        pod = item["spec"]["template"]["spec"]
        assert OWN_SECRET in pod["volumes"] and OWN_MOUNT in pod["containers"][0]["volumeMounts"], item["metadata"]["name"]
    assert f"my-release-milvus-{component}" in objects
    settings = yaml.safe_load(objects["my-release-milvus"]["data"]["user.yaml"])
    assert settings.get("tls", settings.get("internaltls"))["caPemPath"] == "/certs/ca.pem"


def test_helm_shows_the_proxy_the_files_of_proxy_tls_where_the_settings_say(tmp_path: Path) -> None:
    objects = template("proxy-tls.yaml", tmp_path)
    settings = yaml.safe_load(objects["my-release-milvus"]["data"]["user.yaml"])
    assert settings["common"]["security"]["tlsMode"] == 1
    pod = objects["my-release-milvus-proxy"]["spec"]["template"]["spec"]
    mounts = {mount["name"]: mount["mountPath"] for mount in pod["containers"][0]["volumeMounts"]}
    secrets = {volume["name"]: volume["secret"]["secretName"] for volume in pod["volumes"] if "secret" in volume}
    assert secrets == {"milvus-tls": "milvus-tls"}
    entries = {mounts["milvus-tls"].rstrip("/") + "/" + entry for entry in objects["milvus-tls"]["data"]}
    assert {settings["tls"]["serverPemPath"], settings["tls"]["serverKeyPath"]} == entries


def test_the_service_for_rest_selects_the_pods_that_helm_makes(tmp_path: Path) -> None:
    objects = template("published.yaml", tmp_path)
    service = yaml.safe_load(render("helm", "-f", str(FIXTURES / "Render/helm/published.yaml"), "--rest-service"))
    labels = objects["my-release-milvus-proxy"]["spec"]["template"]["metadata"]["labels"]
    assert service["spec"]["selector"].items() <= labels.items()
    settings = yaml.safe_load(objects["my-release-milvus"]["data"]["user.yaml"])
    assert [port["targetPort"] for port in service["spec"]["ports"]] == [settings["proxy"]["http"]["port"]]


def template(values: str, folder: Path) -> dict[str, Object]:
    """What Helm makes of rendered values, by name."""
    file = folder / "values.yaml"
    file.write_text(render("helm", "-f", str(FIXTURES / "Render/helm" / values)))
    text = Helm().run("template", "my-release", str(CHART), f"--values={file}")
    return {item["metadata"]["name"]: item for item in yaml.safe_load_all(text) if item}


COMPOSE = """\
# One Milvus, as the manual runs it.
services:
  standalone:
    image: local/milvus:v2.3.5
    command: ["milvus", "run", "standalone"]
    environment:
      LOG_LEVEL: info
    volumes:
      - ${DOCKER_VOLUME_DIRECTORY:-.}/volumes/milvus:/var/lib/milvus # data
    ports:
      - "19530:19530"
"""


def test_a_rendered_compose_file_runs_a_real_milvus_that_serves_tls(kubectl: Kubectl, tmp_path: Path) -> None:
    (tmp_path / "docker-compose.yml").write_text(COMPOSE)
    settings = Path(os.environ["MILVUS_CONFIGURATION"]).read_text()
    (tmp_path / "milvus.yaml").write_text(settings)
    arguments = ["-f", str(tmp_path / "docker-compose.yml"), "--milvus-yaml", str(tmp_path / "milvus.yaml"), "--external", "TwoWay"]
    render("compose", *arguments, "--in-place")
    comments = [line for line in settings.splitlines() if line.lstrip().startswith("#")]
    rendered = iter((tmp_path / "milvus.yaml").read_text().splitlines())
    assert comments and all(line in rendered for line in comments)
    files = make_certificates("localhost")
    for folder in ("tls", "client", "volumes/milvus"):
        (tmp_path / folder).mkdir(parents=True)
    for name, content in files.items():
        (tmp_path / ("tls" if name in ("server.pem", "server.key", "ca.pem") else "client") / name).write_bytes(content)

    kubectl.create_namespace(NAMESPACE)
    service = yaml.safe_load((tmp_path / "docker-compose.yml").read_text())["services"]["standalone"]
    assert [port.split(":")[0] for port in service["ports"]] == ["19530", "8080"]
    kubectl.apply(pod_of(service, tmp_path))
    try:
        pod = kubectl.wait_for("pod", "compose", NAMESPACE, lambda item: condition(item, "Ready").get("status") == "True", "ready", timeout=120)
        address = pod["status"]["podIP"]
        identity = {"client_pem_path": str(tmp_path / "client/client.pem"), "client_key_path": str(tmp_path / "client/client.key")}
        options = {"uri": f"https://{address}:19530", "secure": True, "server_name": "localhost", "ca_pem_path": str(tmp_path / "tls/ca.pem")}
        program = str(Path(__file__).with_name("connect.py"))
        answer = subprocess.run([sys.executable, program, json.dumps(options | identity)], capture_output=True, text=True, timeout=120)
        assert answer.returncode == 0, answer.stderr
        curl = ["curl", "--silent", "--show-error", "--fail", "--max-time", "20", "--resolve", f"localhost:8080:{address}"]
        curl += ["--cacert", options["ca_pem_path"], "https://localhost:8080/v1/vector/collections"]
        certificate = ["--cert", identity["client_pem_path"], "--key", identity["client_key_path"]]
        rest = subprocess.run([*curl, *certificate], capture_output=True, text=True, timeout=60)
        assert rest.returncode == 0 and json.loads(rest.stdout)["data"] == ["greetings"], rest.stderr
        refused = subprocess.run(curl, capture_output=True, text=True, timeout=60)
        assert re.search("alert (bad certificate|certificate required)", refused.stderr), refused.stderr
    finally:
        kubectl.run("delete", "pod", "compose", f"--namespace={NAMESPACE}", "--wait=false")


def pod_of(service: Object, folder: Path) -> Object:
    """A pod that runs a service as Compose would: the paths of its volumes are those of the host."""
    mounts, volumes = [], []
    for index, text in enumerate(service["volumes"]):
        source, target = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text).split(":")
        volumes.append({"name": f"v{index}", "hostPath": {"path": str((folder / source).resolve())}})
        mounts.append({"name": f"v{index}", "mountPath": target})
    container = {
        "name": "standalone",
        "image": images.MILVUS_2_3,
        "imagePullPolicy": "Never",
        "args": service["command"],
        "env": [{"name": name, "value": str(value)} for name, value in service["environment"].items()],
        "volumeMounts": mounts,
        "readinessProbe": {"httpGet": {"path": "/healthz", "port": 9091}, "periodSeconds": 1},
    }
    metadata = {"name": "compose", "namespace": NAMESPACE}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": [container], "volumes": volumes}}

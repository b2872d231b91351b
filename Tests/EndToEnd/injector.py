"""A stand-in for an injector of secrets: an admission webhook that puts an init container into pods, which writes files that no resource shows."""

import base64
import json
from pathlib import Path

import admission
from kubectl import Kubectl, Object
from waiting import wait_until

ANNOTATION = "vault.hashicorp.com/agent-inject"
FOLDER = "/vault/secrets"
VOLUME = "vault-secrets"
IMAGE = "local/pause:1"  # has a shell


class Injector:
    """Gives files to each pod of a namespace that has the annotation, from the start to the end of a `with`."""

    def __init__(self, kubectl: Kubectl, namespace: str, folder: Path, files: dict[str, bytes]) -> None:
        self._kubectl, self._namespace, self._files = kubectl, namespace, files
        self._name = f"injector-{namespace}"
        self._server = admission.AdmissionServer(folder, self._answer)

    def __enter__(self) -> "Injector":
        """Waits until the API server asks it."""
        self._server.__enter__()
        self._kubectl.run("label", "namespace", self._namespace, f"injector={self._namespace}")
        rules = [{"apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"], "operations": ["CREATE"]}]
        self._kubectl.apply(admission.configuration("Mutating", self._name, self._server, rules, {"injector": self._namespace}))
        wait_until(self._injects, "a pod with files", interval=0.2)
        return self

    def __exit__(self, *error: object) -> None:
        self._kubectl.run("delete", "mutatingwebhookconfiguration", self._name)
        self._server.__exit__(*error)

    def _injects(self) -> bool:
        options = (f"--namespace={self._namespace}", f"--image={IMAGE}", f"--annotations={ANNOTATION}=true", "--dry-run=server", "--output=json")
        return "initContainers" in json.loads(self._kubectl.run("run", "probe", *options))["spec"]

    def _answer(self, request: Object) -> Object:
        pod = request["object"]
        if pod["metadata"].get("annotations", {}).get(ANNOTATION) != "true":
            return {"allowed": True}
        mount = {"name": VOLUME, "mountPath": FOLDER}
        names = {f"FILE_{number}": name for number, name in enumerate(self._files)}
        script = "; ".join(f'printf %s "${variable}" > {FOLDER}/{name}' for variable, name in names.items())
        container = {
            "name": "vault-agent-init",
            "image": IMAGE,
            "imagePullPolicy": "Never",
            "command": ["/bin/busybox", "sh", "-c", script],
            "env": [{"name": variable, "value": self._files[name].decode()} for variable, name in names.items()],
            "volumeMounts": [mount],
        }
        patch = [
            {"op": "add", "path": "/spec/volumes", "value": [*pod["spec"].get("volumes", []), {"name": VOLUME, "emptyDir": {"medium": "Memory"}}]},
            {"op": "add", "path": "/spec/initContainers", "value": [container]},
            {"op": "add", "path": "/spec/containers/0/volumeMounts", "value": [*pod["spec"]["containers"][0].get("volumeMounts", []), mount]},
        ]
        return {"allowed": True, "patchType": "JSONPatch", "patch": base64.b64encode(json.dumps(patch).encode()).decode()}

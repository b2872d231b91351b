"""An admission webhook that each write of the operator to Secrets and Milvus resources of a namespace passes before it is stored."""

import threading
from collections.abc import Callable
from pathlib import Path

import admission
from kubectl import Kubectl, Object
from waiting import wait_until

OPERATOR = "milvus-tls-operator"  # the user of scripts/node.sh
RESOURCES = [{"apiGroups": [""], "resources": ["secrets"]}, {"apiGroups": ["milvus.io"], "resources": ["milvuses"]}]


class WriteGate:
    """Asks `allows` about each write, one at a time, from the start to the end of a `with`; what it is asked about reads `secrets/certs`."""

    def __init__(self, kubectl: Kubectl, namespace: str, folder: Path, allows: Callable[[str], bool]) -> None:
        self._kubectl, self._namespace, self._allows = kubectl, namespace, allows
        self._name = f"write-gate-{namespace}"
        self._turn, self._is_in_place = threading.Lock(), threading.Event()
        self._server = admission.AdmissionServer(folder, lambda request: {"allowed": self._answer(request)})

    def __enter__(self) -> "WriteGate":
        """Waits until the API server asks it."""
        self._server.__enter__()
        self._kubectl.run("label", "namespace", self._namespace, f"write-gate={self._namespace}")
        rules = [resources | {"apiVersions": ["*"], "operations": ["CREATE", "UPDATE"]} for resources in RESOURCES]
        self._kubectl.apply(admission.configuration("Validating", self._name, self._server, rules, {"write-gate": self._namespace}))
        wait_until(self._is_asked, "a write that passes the gate", interval=0.2)
        return self

    def __exit__(self, *error: object) -> None:
        self._kubectl.run("delete", "validatingwebhookconfiguration", self._name)
        self._server.__exit__(*error)

    def _is_asked(self) -> bool:
        self._kubectl.run("create", "secret", "generic", self._name, f"--namespace={self._namespace}", "--dry-run=server")
        return self._is_in_place.is_set()

    def _answer(self, request: Object) -> bool:
        self._is_in_place.set()
        if request["userInfo"]["username"] != OPERATOR:
            return True
        with self._turn:
            return self._allows(f"{request['resource']['resource']}/{request['name']}")

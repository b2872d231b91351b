"""Every state of the Secrets of one namespace, as a watch tells them."""

import base64
import threading
from collections import defaultdict
from pathlib import Path

from requests import RequestException

from certificates import facts
from kubernetes_api import KubernetesAPI, Object


class SecretHistory:
    """From what there is when it is made, until `stop`."""

    def __init__(self, kubeconfig: Path, namespace: str) -> None:
        self._path = f"/api/v1/namespaces/{namespace}/secrets"
        self._states: dict[str, list[Object]] = defaultdict(list)
        self._is_stopped = threading.Event()
        api = KubernetesAPI(kubeconfig)
        listed = api.list(self._path)
        for secret in listed["items"]:
            self._states[secret["metadata"]["name"]].append(secret)
        # The watch is the thread's alone from here on.
        threading.Thread(target=self._watch, args=(api, listed["metadata"]["resourceVersion"]), daemon=True).start()

    def stop(self) -> None:
        """The thread ends with the next event, or with the API server."""
        self._is_stopped.set()

    def newest(self, name: str) -> Object:
        return self._states[name][-1]

    def serial_numbers(self, name: str, file: str) -> list[str]:
        """Those that the first certificate of a file has had, without doubles, in their order."""
        states = list(self._states[name])
        return list(dict.fromkeys(facts(base64.b64decode(state["data"][file])).serial_number for state in states))

    def _watch(self, api: KubernetesAPI, version: str) -> None:
        while not self._is_stopped.is_set():
            try:
                for kind, secret in api.watch(self._path, version):
                    version = secret["metadata"]["resourceVersion"]
                    if self._is_stopped.is_set():
                        return
                    if kind != "DELETED":
                        self._states[secret["metadata"]["name"]].append(secret)
            except RequestException:  # an API server ends every watch sooner or later
                self._is_stopped.wait(0.2)

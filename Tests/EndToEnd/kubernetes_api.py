"""The few calls to an API server that the stand-in for milvus-operator makes."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests
import yaml

Object = dict[str, Any]


class Gone(Exception):
    """The server no longer has the history that a watch asked for; list again."""


class KubernetesAPI:
    """One user's connection, from a kubeconfig with a token and a certificate authority. Not to be shared by threads."""

    def __init__(self, kubeconfig: Path) -> None:
        configuration = yaml.safe_load(kubeconfig.read_text(encoding="utf-8"))
        cluster, user = configuration["clusters"][0]["cluster"], configuration["users"][0]["user"]
        self._server = cluster["server"]
        self._session = requests.Session()
        self._session.trust_env = False  # a bundle named by the environment would take the place of this authority
        self._session.verify = cluster["certificate-authority"]
        self._session.headers["Authorization"] = f"Bearer {user['token']}"

    def get(self, path: str) -> Object | None:
        """The object at a path, None where there is none."""
        response = self._session.get(self._server + path, timeout=30)
        return None if response.status_code == 404 else _checked(response)

    def list(self, path: str, selector: str = "") -> Object:
        return _checked(self._session.get(self._server + path, params={"labelSelector": selector}, timeout=30))

    def apply(self, path: str, body: Object) -> Object:
        """Server-side apply as milvus-operator."""
        return self._patch(path, body, "application/apply-patch+yaml", {"fieldManager": "milvus-operator", "force": "true"})

    def merge(self, path: str, body: Object) -> Object:
        """Merge patch (RFC 7396)."""
        return self._patch(path, body, "application/merge-patch+json", {"fieldManager": "milvus-operator"})

    def watch(self, path: str, resource_version: str, selector: str = "") -> Iterator[tuple[str, Object]]:
        """Events (type and object) after a version, until the server ends the stream. Raises Gone."""
        parameters = {"watch": "1", "resourceVersion": resource_version, "labelSelector": selector}
        with self._session.get(self._server + path, params=parameters, stream=True, timeout=(10, 600)) as response:
            if response.status_code == 410:
                raise Gone
            response.raise_for_status()
            for line in response.iter_lines(chunk_size=1):
                event = json.loads(line)
                if event["type"] == "ERROR":
                    raise Gone
                yield event["type"], event["object"]

    def _patch(self, path: str, body: Object, content_type: str, parameters: dict[str, str]) -> Object:
        headers = {"Content-Type": content_type}
        return _checked(self._session.patch(self._server + path, data=json.dumps(body), headers=headers, params=parameters, timeout=30))


def _checked(response: requests.Response) -> Object:
    if not response.ok:
        raise requests.HTTPError(f"{response.request.method} {response.url}: {response.status_code} {response.text[:500]}", response=response)
    return response.json()

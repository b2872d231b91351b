"""What etcd knows and the API server does not tell, over etcd's JSON gateway."""

import base64

import requests


class Etcd:
    """Objects are kept under /registry/RESOURCE/NAMESPACE/NAME, of custom resources under /registry/GROUP/RESOURCE/NAMESPACE/NAME."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._session = requests.Session()
        self._session.trust_env = False

    def writes(self, prefix: str) -> dict[str, int]:
        """By key, how often an object has been written since it was created, the creation included."""
        end = prefix[:-1] + chr(ord(prefix[-1]) + 1)
        found = self._call("kv/range", key=_encoded(prefix), range_end=_encoded(end), keys_only=True)
        return {base64.b64decode(item["key"]).decode(): int(item["version"]) for item in found.get("kvs", [])}

    def revision(self) -> int:
        """Grows by one with every write."""
        return int(self._call("kv/range", key=_encoded("/"))["header"]["revision"])

    def compact(self) -> None:
        """Forgets every state but the newest, so that older resource versions are gone."""
        self._call("kv/compaction", revision=self.revision(), physical=True)

    def _call(self, method: str, **body: object) -> dict:
        response = self._session.post(f"{self._url}/v3/{method}", json=body, timeout=30)
        response.raise_for_status()
        return response.json()


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()

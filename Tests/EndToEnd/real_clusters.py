"""Milvus resources and Secrets as they are written in real clusters, in YAML, with certificates made by hand."""

import base64
import zlib
from dataclasses import dataclass, field

import pytest
import yaml

from hand_made import make_certificates
from kubectl import Kubectl, Object, condition

NAME = "prod"
# From the arrival of what is waited for to the release that uses it, in seconds.
WAKE_TIME = 5

# A Secret in a volume, with the usual keys of type kubernetes.io/tls.
MOUNTED = """
mode: standalone
components:
  image: milvusdb/milvus:v2.5.4
  volumes: [{name: certs, secret: {secretName: prod-server-tls}}]
  volumeMounts: [{name: certs, mountPath: /certs, readOnly: true}]
config:
  common: {security: {tlsMode: 1}}
  tls: {serverPemPath: /certs/tls.crt, serverKeyPath: /certs/tls.key, caPemPath: /certs/ca.crt}
  proxy: {http: {enabled: true, port: 8080}}
"""
OWN_FILE_NAMES = """
mode: standalone
components:
  image: milvusdb/milvus:v2.5.4
  runAsNonRoot: true
  securityContext: {runAsUser: 1000680000, fsGroup: 1000680000}
  volumes: [{name: milvus-tls, secret: {secretName: milvus-tls-certs, defaultMode: 0o440}}]
  volumeMounts: [{name: milvus-tls, mountPath: /tls, readOnly: true}]
  standalone: {serviceType: ClusterIP}
config:
  common: {security: {tlsMode: 1, authorizationEnabled: true}}
  tls: {serverPemPath: /tls/tls-cert.pem, serverKeyPath: /tls/tls-key.key, caPemPath: /tls/ca.pem}
"""
BARE = "{mode: standalone, components: {image: 'milvusdb/milvus:v2.5.4'}}"


def namespace_of(test: pytest.FixtureRequest) -> str:
    """One of its own, short: with a long one the default common name leaves the namespace out."""
    return f"case-{zlib.crc32(test.node.name.encode())}"


def milvus(namespace: str, spec: str, annotations: dict[str, str] | None = None) -> Object:
    metadata = {"name": NAME, "namespace": namespace} | ({"annotations": annotations} if annotations else {})
    return {"apiVersion": "milvus.io/v1beta1", "kind": "Milvus", "metadata": metadata, "spec": yaml.safe_load(spec)}


def milvus_tls(namespace: str, **spec: Object) -> Object:
    metadata = {"name": NAME, "namespace": namespace}
    return {"apiVersion": "tls.milvus.io/v1alpha1", "kind": "MilvusTLS", "metadata": metadata, "spec": spec}


def secret(namespace: str, name: str, entries: dict[str, bytes], kind: str = "Opaque") -> Object:
    data = {key: base64.b64encode(content).decode() for key, content in entries.items()}
    return {"apiVersion": "v1", "kind": "Secret", "type": kind, "metadata": {"name": name, "namespace": namespace}, "data": data}


def config_map(namespace: str, name: str, entries: dict[str, bytes]) -> Object:
    data = {key: content.decode() for key, content in entries.items()}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": namespace}, "data": data}


def server_name(namespace: str) -> str:
    return f"{NAME}-milvus.{namespace}.svc"


def server_files(namespace: str, *keys: str) -> dict[str, bytes]:
    """Server certificate, its key and its CA, valid for the Service of the release, under these keys."""
    files = make_certificates(server_name(namespace))
    return dict(zip(keys, (files[name] for name in ("server.pem", "server.key", "ca.pem")), strict=False))


@dataclass
class Snapshot:
    """The Milvus of a namespace and all Secrets there, as they are at one time."""

    kubectl: Kubectl
    namespace: str
    versions: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.versions = self._versions()

    def assert_unchanged(self) -> None:
        """Nobody wrote to any of them, nor made or deleted one."""
        assert self._versions() == self.versions, self.namespace

    def _versions(self) -> dict[str, str]:
        items = self.kubectl.list("milvuses,secrets", f"--namespace={self.namespace}")
        return {f"{item['kind']} {item['metadata']['name']}": item["metadata"]["resourceVersion"] for item in items}


def wait_for_reason(kubectl: Kubectl, namespace: str, reason: str) -> str:
    """The message of Ready once it has this reason."""
    tls = kubectl.wait_for("milvustls", NAME, namespace, lambda item: condition(item, "Ready").get("reason") == reason, reason, timeout=30)
    return condition(tls, "Ready")["message"]

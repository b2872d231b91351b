"""Everything that an operator is there for, step by step in one namespace: what it does must be within its rights, and needs each of them."""

import base64
import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import images
from hand_made import make_certificates
from kubectl import Object, condition
from kubernetes_api import KubernetesAPI
from milvuses import annotations, milvus

Step = tuple[str, Callable[[], object]]
"""What is to come about, and whether it has."""

ISSUER = {"name": "company-ca", "kind": "ClusterIssuer", "group": "cert-manager.io"}
SERVER_FILES = [{"key": "tls.crt", "path": "server.pem"}, {"key": "tls.key", "path": "server.key"}]
PROVIDED_FILES = [
    {"secret": {"name": "provided-tls", "items": SERVER_FILES}},
    {"configMap": {"name": "corporate-trust", "items": [{"key": "bundle.pem", "path": "ca.pem"}]}},
]
PATHS = {"serverPemPath": "/certs/server.pem", "serverKeyPath": "/certs/server.key", "caPemPath": "/certs/ca.pem"}


class Life:
    """In a namespace that exists, on a server that has cert-manager's definition. Without pods, what waits for them is left out."""

    def __init__(self, kubeconfig: Path, namespace: str, has_pods: bool) -> None:
        self._kubeconfig, self._namespace, self._has_pods = kubeconfig, namespace, has_pods
        self._api = KubernetesAPI(kubeconfig)

    def steps(self) -> Iterator[Step]:
        """Each begins when the one before is asked to go on."""
        yield from self._from_annotations()
        yield from self._from_a_milvustls()
        yield from self._from_provided_files()
        yield from self._from_cert_manager()

    def conflicts(self, asked_again: Callable[[], object]) -> Iterator[Step]:
        """Another writer is faster, again and again, until the operator has asked for the newest state."""
        name = "busy"
        self._put(milvus(name, self._namespace, images.MILVUS_2_5, annotations(external="OneWay"), components=self._parts(replicas=0)))
        yield "a Milvus that others write to", lambda: self._is_ready(name)
        with self._written_all_the_time(name):
            for mode in 50 * ("TwoWay", "OneWay"):
                self._annotate(name, external=mode)
                yield f"{mode} beside another writer", lambda mode=mode: asked_again() or self._mode(name) == mode
                if asked_again():
                    return

    def a_pod(self) -> Iterator[Step]:
        """Of a Milvus, without a node that would run it."""
        labels = {f"app.kubernetes.io/{key}": value for key, value in
                  {"name": "milvus", "instance": "typed", "component": "standalone", "managed-by": "milvus-operator"}.items()}
        digest = {"tls.milvus.io/certificate": self._tls("typed")["status"]["certificate"]["digest"]}
        metadata = {"name": "typed-milvus-standalone", "namespace": self._namespace, "labels": labels, "annotations": digest}
        containers = [{"name": "standalone", "image": images.MILVUS_2_5}]
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": containers, "nodeName": "none"}}
        path = self._put(pod)
        running = {"name": "standalone", "ready": True, "restartCount": 0, "image": "a", "imageID": "a", "state": {"running": {}}}
        ready = {"type": "Ready", "status": "True"}
        self._api.merge(f"{path}/status", {"status": {"phase": "Running", "podIP": "127.0.0.1", "conditions": [ready], "containerStatuses": [running]}})
        yield "evidence of the pod", lambda: condition(self._tls("typed"), "Verified").get("status") == "True"

    def _from_annotations(self) -> Iterator[Step]:
        name = "annotated"
        self._put(milvus(name, self._namespace, images.MILVUS_2_5, annotations(internal="true"), components=self._parts()))
        yield "a Milvus gets its MilvusTLS and its Secrets", lambda: self._is_in_use(name)
        for value in ("first", "second"):
            self._annotate(name, rotate=value)
            yield f"the {value} renewal", lambda value=value: self._is_in_use(name) and self._rotation(name) == value
        self._annotate(name, internal="false")
        yield "TLS is taken back", lambda: condition(self._tls(name), "Ready").get("reason") == "Disabled"

    def _from_a_milvustls(self) -> Iterator[Step]:
        name = "typed"
        clients = [{"name": client, "secretName": f"{name}-{client}"} for client in ("search", "ingest")]
        tls = self._milvus_tls(name, internal={"enabled": True}, authority={"overlap": "0s"}, clients=clients)
        self._put(milvus(name, self._namespace, images.MILVUS_2_5, components=self._parts()))
        yield "clients of a MilvusTLS", lambda: self._is_in_use(name)
        if self._has_pods:
            self._annotate(name, rotate_authority="1")
            yield "another authority", lambda: self._has_authority(name, "1")
        self._api.merge(tls, {"spec": {"clients": clients[:1]}})
        yield "the Secret of a former client goes", lambda: self._find("api/v1", "secrets", f"{name}-ingest") is None

    def _from_provided_files(self) -> Iterator[Step]:
        files = make_certificates(f"provided-milvus.{self._namespace}.svc")
        self._put(self._secret("provided-tls", files, "server"))
        metadata = {"name": "corporate-trust", "namespace": self._namespace}
        self._put({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"bundle.pem": files["ca.pem"].decode()}})
        volume = {"name": "certs", "projected": {"sources": PROVIDED_FILES}}
        parts = self._parts(replicas=0) | {"volumes": [volume], "volumeMounts": [{"name": "certs", "mountPath": "/certs", "readOnly": True}]}
        config = {"common": {"security": {"tlsMode": 2}}, "tls": PATHS, "proxy": {"http": {"enabled": False}}}
        self._put(milvus("provided", self._namespace, images.MILVUS_2_5, components=parts, config=config))
        yield "provided files are used", lambda: self._tls("provided").get("status", {}).get("certificate", {}).get("source") == "Secret" and self._is_ready("provided")

    def _from_cert_manager(self) -> Iterator[Step]:
        name, group = "issued", "apis/cert-manager.io/v1"
        clients = [{"name": client, "secretName": f"{name}-{client}"} for client in ("search", "ingest")]
        certificate = {"issuerRef": ISSUER, "secretName": name}
        spec = {"external": {"mode": "TwoWay"}, "authority": {"overlap": "0s"}, "certificate": certificate, "clients": clients}
        tls = self._milvus_tls(name, **spec)
        self._put(milvus(name, self._namespace, images.MILVUS_2_5, components=self._parts(replicas=0)))
        names = (name, *(client["secretName"] for client in clients))
        yield "Certificates are requested", lambda: all(self._find(group, "certificates", each) for each in names)
        files = make_certificates(f"{name}-milvus.{self._namespace}.svc")
        for each in names:  # as cert-manager does
            self._put(self._secret(each, files, "server" if each == name else "client"))
        yield "what cert-manager issued is used", lambda: self._is_ready(name)
        self._api.merge(tls, {"spec": {"certificate": {"duration": "2160h"}}})
        yield "a Certificate is changed", lambda: self._find(group, "certificates", name)["spec"]["duration"] == "2160h"
        self._api.merge(tls, {"spec": {"clients": clients[:1]}})
        yield "the Certificate of a former client goes", lambda: self._find(group, "certificates", f"{name}-ingest") is None
        metadata = {"name": f"{name}-late", "namespace": self._namespace}
        self._put({"apiVersion": "cert-manager.io/v1", "kind": "Certificate", "metadata": metadata, "spec": {"secretName": "x", "issuerRef": ISSUER}})
        late = {"name": "late", "secretName": f"{name}-late"}
        self._api.merge(tls, {"spec": {"clients": [*clients[:1], late]}})
        yield "a Certificate of somebody else is noticed", lambda: f"{name}-late" in condition(self._tls(name), "Ready").get("message", "")

    def _parts(self, replicas: int = 1) -> Object:
        return {"image": images.MILVUS_2_5, "standalone": {"replicas": replicas}}

    def _milvus_tls(self, name: str, **spec: object) -> str:
        metadata = {"name": name, "namespace": self._namespace}
        return self._put({"apiVersion": "tls.milvus.io/v1alpha1", "kind": "MilvusTLS", "metadata": metadata, "spec": spec})

    def _secret(self, name: str, files: dict[str, bytes], role: str) -> Object:
        contents = {"tls.crt": files[f"{role}.pem"], "tls.key": files[f"{role}.key"], "ca.crt": files["ca.pem"]}
        data = {key: base64.b64encode(content).decode() for key, content in contents.items()}
        metadata = {"name": name, "namespace": self._namespace}
        return {"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls", "metadata": metadata, "data": data}

    def _put(self, item: Object) -> str:
        """Creates an object; its path."""
        kind = item["kind"]
        plural = {"Milvus": "milvuses", "MilvusTLS": "milvustls"}.get(kind, f"{kind.lower()}s")
        path = self._path(f"{'apis' if '/' in item['apiVersion'] else 'api'}/{item['apiVersion']}", plural, item["metadata"]["name"])
        self._api.apply(path, item)
        return path

    def _path(self, group: str, plural: str, name: str) -> str:
        return f"/{group}/namespaces/{self._namespace}/{plural}/{name}"

    def _find(self, group: str, plural: str, name: str) -> Object | None:
        return self._api.get(self._path(group, plural, name))

    def _tls(self, name: str) -> Object:
        return self._find("apis/tls.milvus.io/v1alpha1", "milvustls", name) or {}

    def _annotate(self, name: str, **values: str) -> None:
        asked = {f"tls.milvus.io/{key.replace('_', '-')}": value for key, value in values.items()}
        self._api.merge(self._path("apis/milvus.io/v1beta1", "milvuses", name), {"metadata": {"annotations": asked}})

    def _is_ready(self, name: str) -> bool:
        return condition(self._tls(name), "Ready").get("status") == "True"

    def _is_in_use(self, name: str) -> bool:
        if self._has_pods:
            return self._is_ready(name) and condition(self._tls(name), "Verified").get("status") == "True"
        self._say_rolled_out(name)
        return self._is_ready(name)

    def _say_rolled_out(self, name: str) -> None:
        """As milvus-operator does, which is not there."""
        path = self._path("apis/milvus.io/v1beta1", "milvuses", name)
        status = {"status": "Healthy", "observedGeneration": self._api.get(path)["metadata"]["generation"]}
        self._api.merge(f"{path}/status", {"status": status})

    def _rotation(self, name: str) -> str:
        return self._tls(name).get("status", {}).get("certificate", {}).get("rotation", "")

    def _mode(self, name: str) -> str:
        return self._tls(name).get("status", {}).get("external", "")

    def _has_authority(self, name: str, rotation: str) -> bool:
        tls = self._tls(name)
        is_over = condition(tls, "AuthorityRotating").get("reason") == "Completed"
        return is_over and tls["status"]["authority"].get("rotation") == rotation

    @contextmanager
    def _written_all_the_time(self, name: str) -> Iterator[None]:
        """By somebody who changes an annotation of the Milvus as fast as the server takes it."""
        end, path = threading.Event(), self._path("apis/milvus.io/v1beta1", "milvuses", name)

        def write() -> None:
            api = KubernetesAPI(self._kubeconfig)
            for number in itertools.count():
                if end.is_set():
                    return
                api.merge(path, {"metadata": {"annotations": {"example.com/number": str(number)}}})

        thread = threading.Thread(target=write)
        thread.start()
        try:
            yield
        finally:
            end.set()
            thread.join()

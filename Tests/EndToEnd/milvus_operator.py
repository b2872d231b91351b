"""A small stand-in for milvus-operator: keeps the objects and the status of every Milvus as the real one does (milvus_objects.py).

usage: milvus_operator.py --kubeconfig FILE --milvus-configuration FILE
  --milvus-configuration   the milvus.yaml of the images, which spec.config is merged over
"""

import argparse
import datetime
import queue
import threading
from pathlib import Path

import yaml
from requests import RequestException

import milvus_objects
from kubernetes_api import Gone, KubernetesAPI, Object

MILVUSES = "/apis/milvus.io/v1beta1/milvuses"
DEPLOYMENTS = "/apis/apps/v1/deployments"
OURS = "app.kubernetes.io/managed-by=milvus-operator"
FINALIZER = "milvus.milvus.io/finalizer"

Key = tuple[str, str]  # namespace and name of a Milvus


class MilvusOperator:
    def __init__(self, kubeconfig: Path, defaults: Object) -> None:
        self._kubeconfig = kubeconfig
        self._api = KubernetesAPI(kubeconfig)
        self._defaults = defaults
        self._due: queue.SimpleQueue[Key] = queue.SimpleQueue()
        self._applied: dict[str, Object] = {}  # by path: what was applied last, so that nothing is written twice

    def run(self) -> None:
        """One thread a watch, and this one for the work."""
        for path, selector in ((MILVUSES, ""), (DEPLOYMENTS, OURS)):
            threading.Thread(target=self._watch, args=(path, selector), daemon=True).start()
        while True:
            namespace, name = self._due.get()
            try:
                self._reconcile(namespace, name)
            except RequestException as error:
                print(f"{namespace}/{name}: {error}", flush=True)
                threading.Timer(1, self._due.put, [(namespace, name)]).start()

    def _watch(self, path: str, selector: str) -> None:
        api = KubernetesAPI(self._kubeconfig)
        while True:
            try:
                listed = api.list(path, selector)
                for item in listed["items"]:
                    self._due.put(self._key(item))
                version = listed["metadata"]["resourceVersion"]
                for _, item in api.watch(path, version, selector):
                    self._due.put(self._key(item))
            except (Gone, RequestException) as error:
                print(f"watch of {path} starts again: {error!r}", flush=True)
                threading.Event().wait(0.5)

    @staticmethod
    def _key(item: Object) -> Key:
        labels = item["metadata"].get("labels", {})
        name = item["metadata"]["name"] if item["kind"] == "Milvus" else labels["app.kubernetes.io/instance"]
        return item["metadata"]["namespace"], name

    def _reconcile(self, namespace: str, name: str) -> None:
        path = f"/apis/milvus.io/v1beta1/namespaces/{namespace}/milvuses/{name}"
        milvus = self._api.get(path)
        if milvus is None:
            return
        finalizers = milvus["metadata"].get("finalizers", [])
        if milvus["metadata"].get("deletionTimestamp"):
            if FINALIZER in finalizers:
                self._set_finalizers(path, milvus, [other for other in finalizers if other != FINALIZER])
            return
        if FINALIZER not in finalizers:
            milvus = self._set_finalizers(path, milvus, [*finalizers, FINALIZER])
        self._apply(f"/api/v1/namespaces/{namespace}/configmaps", milvus_objects.config_map(milvus, self._defaults))
        self._apply(f"/api/v1/namespaces/{namespace}/services", milvus_objects.service(milvus))
        deployments = [self._apply_deployment(milvus, component) for component in milvus_objects.components(milvus)]
        self._write_status(path, milvus, deployments)

    def _set_finalizers(self, path: str, milvus: Object, finalizers: list[str]) -> Object:
        metadata = {"finalizers": finalizers, "resourceVersion": milvus["metadata"]["resourceVersion"]}
        return self._api.merge(path, {"metadata": metadata})

    def _apply_deployment(self, milvus: Object, component: str) -> Object:
        collection = f"/apis/apps/v1/namespaces/{milvus['metadata']['namespace']}/deployments"
        running = self._api.get(f"{collection}/{milvus['metadata']['name']}-milvus-{component.lower()}")
        return self._apply(collection, milvus_objects.deployment(milvus, component, running)) or running

    def _apply(self, collection: str, wanted: Object) -> Object | None:
        """The object as the server stored it, None where nothing was to be written."""
        path = f"{collection}/{wanted['metadata']['name']}"
        if self._applied.get(path) == wanted:
            return None
        stored = self._api.apply(path, wanted)
        self._applied[path] = wanted
        print(f"applied {wanted['kind']} {wanted['metadata']['namespace']}/{wanted['metadata']['name']}", flush=True)
        return stored

    def _write_status(self, path: str, milvus: Object, deployments: list[Object]) -> None:
        ready = all(deployment.get("status", {}).get("availableReplicas", 0) >= 1 for deployment in deployments)
        updated = all(is_rolled_out(deployment) for deployment in deployments)
        old = milvus.get("status", {})
        status = {
            "status": "Healthy" if ready else "Pending" if old.get("status", "Pending") == "Pending" else "Unhealthy",
            "observedGeneration": milvus["metadata"]["generation"],
            "endpoint": f"{milvus['metadata']['name']}-milvus.{milvus['metadata']['namespace']}:{milvus_objects.GRPC_PORT}",
            "conditions": [condition(old, "MilvusReady", ready, "ReasonMilvusHealthy"), condition(old, "MilvusUpdated", updated, "MilvusUpdated")],
        }
        if any(old.get(key) != value for key, value in status.items()):
            self._api.merge(f"{path}/status", {"status": status})


def is_rolled_out(deployment: Object) -> bool:
    """Every pod is of the newest template and available, and none of an older one is left."""
    status, wanted = deployment.get("status", {}), deployment["spec"]["replicas"]
    counts = (status.get("updatedReplicas", 0), status.get("availableReplicas", 0), status.get("replicas", 0))
    return status.get("observedGeneration", 0) >= deployment["metadata"]["generation"] and counts == (wanted, wanted, wanted)


def condition(old: Object, kind: str, holds: bool, reason: str) -> Object:
    """A condition whose time changes only with its status."""
    status = "True" if holds else "False"
    for former in old.get("conditions", []):
        if former["type"] == kind and former["status"] == status:
            return former
    now = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    # Not empty: an API server of 1.20 built with a recent Go takes "" for null, which the published definition refuses.
    return {"type": kind, "status": status, "reason": reason, "message": reason, "lastTransitionTime": now}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kubeconfig", type=Path, required=True)
    parser.add_argument("--milvus-configuration", type=Path, required=True)
    arguments = parser.parse_args()
    defaults = yaml.safe_load(arguments.milvus_configuration.read_text(encoding="utf-8"))
    MilvusOperator(arguments.kubeconfig, defaults).run()


if __name__ == "__main__":
    main()

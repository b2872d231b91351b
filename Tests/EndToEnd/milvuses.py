"""Milvus resources as users write them, and the wait until their pods are as they say."""

from typing import Any

from kubectl import Kubectl, Object, condition


def milvus(name: str, namespace: str, image: str, annotations: dict[str, str] | None = None, **spec: Any) -> Object:
    """A standalone Milvus with REST in its Service; `spec` adds to or replaces its fields."""
    specification = {"mode": "standalone", "components": {"image": image, "standalone": {"serviceRestfulPort": 8080}}}
    return {
        "apiVersion": "milvus.io/v1beta1",
        "kind": "Milvus",
        "metadata": {"name": name, "namespace": namespace, "annotations": annotations or {}},
        "spec": specification | spec,
    }


def cluster(name: str, namespace: str, image: str, annotations: dict[str, str]) -> Object:
    """A Milvus of five Deployments."""
    parts: Object = {"image": image, "proxy": {"serviceRestfulPort": 8080}, "mixCoord": {}, "queryNode": {}, "dataNode": {}, "indexNode": {}}
    return milvus(name, namespace, image, annotations, mode="cluster", components=parts)


def annotations(external: str = "", internal: str = "") -> dict[str, str]:
    """The annotations that ask for TLS."""
    asked = {"tls.milvus.io/external": external, "tls.milvus.io/internal": internal}
    return {name: value for name, value in asked.items() if value}


def wait_for_rollout(kubectl: Kubectl, name: str, namespace: str) -> Object:
    """The Milvus once milvus-operator has rolled out its newest generation."""
    return kubectl.wait_for("milvus", name, namespace, is_rolled_out, "the rollout")


def is_rolled_out(item: Object) -> bool:
    seen = item.get("status", {}).get("observedGeneration", 0)
    return seen >= item["metadata"]["generation"] and condition(item, "MilvusUpdated").get("status") == "True"


def wait_for_condition(kubectl: Kubectl, name: str, namespace: str, kind: str, status: str) -> Object:
    """The MilvusTLS of a Milvus once a condition has a status."""
    return kubectl.wait_for("milvustls", name, namespace, lambda item: condition(item, kind).get("status") == status, f"{kind}={status}")


def pods_of(kubectl: Kubectl, name: str, namespace: str) -> list[Object]:
    """The pods of a Milvus that are not on their way out."""
    pods = kubectl.list("pods", f"--namespace={namespace}", f"--selector=app.kubernetes.io/instance={name}")
    return [pod for pod in pods if not pod["metadata"].get("deletionTimestamp")]

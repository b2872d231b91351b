"""What was made for a Milvus goes with it, and nothing of it comes back."""

import images
from conftest import Operator
from kubectl import Kubectl
from milvuses import annotations, milvus, wait_for_condition

NAMESPACE = "deletion"


def test_a_deleted_milvus_takes_its_secrets_and_its_milvustls_along(kubectl: Kubectl, operator: Operator) -> None:
    kubectl.create_namespace(NAMESPACE)
    kubectl.apply(milvus("my-release", NAMESPACE, images.MILVUS_2_5, annotations(internal="true")))
    wait_for_condition(kubectl, "my-release", NAMESPACE, "Ready", "True")
    made = [("secret", "certs"), ("secret", "certs-ca"), ("secret", "certs-client"), ("milvustls", "my-release")]
    assert all(kubectl.get(kind, name, NAMESPACE) for kind, name in made)
    kubectl.run("delete", "milvus", "my-release", f"--namespace={NAMESPACE}")
    for kind, name in made:
        kubectl.wait_until_gone(kind, name, NAMESPACE)

    # The next of that name is another Milvus: it gets an authority of its own.
    kubectl.apply(milvus("my-release", NAMESPACE, images.MILVUS_2_5, annotations(internal="true")))
    again = wait_for_condition(kubectl, "my-release", NAMESPACE, "Ready", "True")
    owners = kubectl.secret("certs-ca", NAMESPACE)["metadata"]["ownerReferences"]
    assert [owner["uid"] for owner in owners] == [owner["uid"] for owner in again["metadata"]["ownerReferences"]]

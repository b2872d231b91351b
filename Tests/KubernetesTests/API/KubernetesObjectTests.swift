import Foundation
import JSON
import Testing

@testable import Kubernetes

struct KubernetesObjectTests {
  @Test("No description shows the data of a Secret")
  func description() {
    var object = KubernetesObject(.secrets, namespace: "n", name: "certs")
    object.json["data"] = ["server.key": "c2VjcmV0"]
    #expect("\(object)" == "Secret n/certs")
    var dumped = ""
    dump(object, to: &dumped)
    #expect(!String(reflecting: object).contains("c2VjcmV0") && !dumped.contains("c2VjcmV0"))
  }

  @Test("Metadata is read and written in place")
  func metadata() {
    var object = KubernetesObject(.secrets, namespace: "n", name: "certs")
    object.labels = ["a": "b"]
    object.annotations["x"] = "y"
    object.ownerReferences = [OwnerReference(apiVersion: "v1", kind: "Pod", name: "p", uid: "u", isController: true)]
    object.resourceVersion = "4"
    let owner: JSONValue = [
      "apiVersion": "v1", "kind": "Pod", "name": "p", "uid": "u", "controller": true, "blockOwnerDeletion": false,
    ]
    let expected: JSONValue = [
      "apiVersion": "v1", "kind": "Secret",
      "metadata": [
        "namespace": "n", "name": "certs", "labels": ["a": "b"], "annotations": ["x": "y"], "resourceVersion": "4",
        "ownerReferences": [owner],
      ],
    ]
    #expect(object.json == expected)
    #expect(object.ownerReferences.first?.isController == true)
    object.labels = [:]
    object.annotations = [:]
    object.ownerReferences = []
    object.resourceVersion = ""
    #expect(object == KubernetesObject(.secrets, namespace: "n", name: "certs"))
  }

  @Test("Missing metadata reads as empty, and times as dates")
  func missing() {
    let empty = KubernetesObject([:])
    #expect(empty.name.isEmpty && empty.namespace == nil && empty.uid.isEmpty && empty.generation == 0)
    #expect(empty.labels.isEmpty && empty.ownerReferences.isEmpty && empty.deletionTimestamp == nil)
    let deleted = KubernetesObject(["metadata": ["deletionTimestamp": "2024-02-03T04:05:06Z"]])
    #expect(deleted.deletionTimestamp == Date(timeIntervalSince1970: 1_706_933_106))
  }

  @Test(
    "Paths name group, version, namespace and subresource, and no name leaves its segment",
    arguments: [
      (Resource.pods.path(namespace: nil), "/api/v1/pods"),
      (Resource.pods.path(namespace: "n", name: "p", subresource: "log"), "/api/v1/namespaces/n/pods/p/log"),
      (Resource.namespaces.path(namespace: "n", name: "x"), "/api/v1/namespaces/x"),
      (
        Resource.pods.path(namespace: "..", name: "a/../b?c#d é"),
        "/api/v1/namespaces/%2E%2E/pods/a%2F..%2Fb%3Fc%23d%20%C3%A9"
      ),
      (
        Resource(group: "apps", version: "v1", plural: "deployments", kind: "Deployment").path(
          namespace: "n",
          name: "d"
        ),
        "/apis/apps/v1/namespaces/n/deployments/d"
      ),
    ]
  )
  func paths(path: String, expected: String) {
    #expect(path == expected)
  }
}

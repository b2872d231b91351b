import Foundation
import JSON
import Testing

@testable import Kubernetes

struct RealServerWriteTests {
  @Test("An object is created, read, patched, updated and deleted")
  func lifecycle() async throws {
    let server = try RealServer()
    let client = try server.client
    let namespace = try await server.namespace()
    var object = KubernetesObject(.configMaps, namespace: namespace, name: "c")
    object.json["data"] = ["a": "1", "b": "é\n"]
    let created = try await client.create(object, as: .configMaps, namespace: namespace)
    #expect(created.json["data"] == ["a": "1", "b": "é\n"])
    #expect(!created.uid.isEmpty && !created.resourceVersion.isEmpty && created.creationTimestamp != nil)
    #expect(created.json[path: "metadata", "managedFields"]?[0]?["manager"] == "milvus-tls-operator")

    let merged = try await client.mergePatch(
      .configMaps,
      namespace: namespace,
      name: "c",
      patch: ["data": ["a": .null, "c": "3"]]
    )
    #expect(merged.json["data"] == ["b": "é\n", "c": "3"])
    let patched = try await client.jsonPatch(
      .configMaps,
      namespace: namespace,
      name: "c",
      operations: [
        ["op": "test", "path": "/data/c", "value": "3"], ["op": "replace", "path": "/data/c", "value": "4"],
      ]
    )
    #expect(patched.json["data"] == ["b": "é\n", "c": "4"])
    var changed = patched
    changed.json["data"] = ["d": "5"]
    let updated = try await client.update(changed, as: .configMaps, namespace: namespace)
    #expect(updated.json["data"] == ["d": "5"])
    #expect(try await client.get(.configMaps, namespace: namespace, name: "c") == updated)

    try await client.delete(.configMaps, namespace: namespace, name: "c", uid: updated.uid)
    let gone = await apiStatus { _ = try await client.get(.configMaps, namespace: namespace, name: "c") }
    #expect(gone?.isNotFound == true && gone?.reason == "NotFound")
  }

  @Test("What is in the way has its name: AlreadyExists, Conflict, NotFound, Invalid with its fields")
  func refusals() async throws {
    let server = try RealServer()
    let client = try server.client
    let namespace = try await server.namespace()
    let object = KubernetesObject(.configMaps, namespace: namespace, name: "c")
    let created = try await client.create(object, as: .configMaps, namespace: namespace)
    let exists = await apiStatus { _ = try await client.create(object, as: .configMaps, namespace: namespace) }
    #expect(exists?.isAlreadyExists == true && exists?.isConflict == false)

    _ = try await client.mergePatch(.configMaps, namespace: namespace, name: "c", patch: ["data": ["a": "1"]])
    let stale = await apiStatus { _ = try await client.update(created, as: .configMaps, namespace: namespace) }
    #expect(stale?.isConflict == true)
    let guarded = await apiStatus {
      let patch: JSONValue = ["metadata": ["resourceVersion": .string(created.resourceVersion)], "data": ["a": "2"]]
      _ = try await client.mergePatch(.configMaps, namespace: namespace, name: "c", patch: patch)
    }
    #expect(guarded?.isConflict == true)
    let other = await apiStatus {
      try await client.delete(.configMaps, namespace: namespace, name: "c", uid: "another")
    }
    #expect(other?.isConflict == true)
    let version = await apiStatus {
      try await client.delete(.configMaps, namespace: namespace, name: "c", resourceVersion: created.resourceVersion)
    }
    #expect(version?.isConflict == true)

    let invalid = await apiStatus {
      _ = try await client.create(
        KubernetesObject(.configMaps, namespace: namespace, name: "Not_A_Name"),
        as: .configMaps,
        namespace: namespace
      )
    }
    #expect(invalid?.code == 422 && invalid?.reason == "Invalid")
    #expect(invalid?.causes.map(\.field) == ["metadata.name"])
    #expect(invalid?.causes.first?.reason == "FieldValueInvalid")
  }

  @Test("Apply creates, takes over, and conflicts over another manager's field unless it is forced")
  func apply() async throws {
    let server = try RealServer()
    let client = try server.client
    let namespace = try await server.namespace()
    func object(_ value: String) -> JSONValue {
      ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "c"], "data": ["a": .string(value)]]
    }
    let first = try await client.apply(.configMaps, namespace: namespace, name: "c", object: object("1"))
    #expect(first.json["data"] == ["a": "1"])
    let conflict = await apiStatus {
      _ = try await client.apply(
        .configMaps,
        namespace: namespace,
        name: "c",
        object: object("2"),
        fieldManager: "other"
      )
    }
    #expect(conflict?.isConflict == true)
    #expect(conflict?.causes.map(\.field) == [".data.a"])
    let forced = try await client.apply(
      .configMaps,
      namespace: namespace,
      name: "c",
      object: object("2"),
      fieldManager: "other",
      force: true
    )
    #expect(forced.json["data"] == ["a": "2"])
  }

  @Test("A status is written through its subresource, which leaves the rest alone")
  func status() async throws {
    let server = try RealServer()
    let client = try server.client
    let namespace = try await server.namespace()
    var pod = KubernetesObject(.pods, namespace: namespace, name: "p")
    pod.json["spec"] = ["containers": [["name": "c", "image": "i"]]]
    let created = try await client.create(pod, as: .pods, namespace: namespace)
    let patched = try await client.mergePatch(
      .pods,
      namespace: namespace,
      name: "p",
      patch: ["metadata": ["labels": ["x": "y"]], "status": ["phase": "Running", "message": "one"]],
      subresource: "status"
    )
    #expect(patched.json[path: "status", "phase"] == "Running")
    var changed = patched
    changed.json["status"]?["message"] = "two"
    let updated = try await client.update(changed, as: .pods, namespace: namespace, subresource: "status")
    #expect(updated.json[path: "status", "message"] == "two")
    #expect(updated.json["spec"] == created.json["spec"])
    let logs = await apiStatus {
      _ = try await client.logs(namespace: namespace, pod: "p", container: "other", follow: false)
    }
    #expect(logs?.reason == "BadRequest")
  }
}

import Foundation
import JSON
import YAML

/// What milvus-operator derives from one Milvus resource by its merge rules: components and their pod templates.
struct MilvusRelease: Sendable {
  /// One Deployment of a release.
  struct Component: Sendable, Equatable {
    /// Label, container name and argument: `querynode`.
    let name: String
    /// Section under `spec.components`: `queryNode`.
    let section: String
  }

  /// Kubernetes rejects the template.
  struct RejectedTemplate: Error {
    let message: String
  }

  private let milvus: JSONValue
  private let spec: JSONValue

  init(_ milvus: JSONValue) {
    self.milvus = milvus
    spec = milvus["spec"] ?? [:]
  }

  private var settings: JSONValue { spec["components"] ?? [:] }

  /// Whether `paused` or `enableManualMode` prevent rollouts.
  var isHeldBack: Bool { settings["paused"]?.bool == true || settings["enableManualMode"]?.bool == true }

  /// The configuration that is merged over milvus.yaml.
  var configuration: JSONValue { spec["config"] ?? [:] }

  /// The Milvus image. milvus-operator writes it into the spec if neither image nor version is set.
  var image: String {
    if let image = settings["image"]?.string { return image }
    return "milvusdb/milvus:v" + (settings["version"]?.string ?? "2.5.4")
  }

  var namesImage: Bool { settings["image"] != nil || settings["version"] != nil }

  /// The components, in rollout order.
  var components: [Component] {
    guard spec["mode"]?.string == "cluster" else { return [Component(name: "standalone", section: "standalone")] }
    let streams = settings["streamingNode"] != nil || MilvusVersion(image: image).isAtLeast(2, 6)
    return [
      Component(name: "mixcoord", section: "mixCoord"),
      Component(name: "datanode", section: "dataNode"),
      Component(name: "querynode", section: "queryNode"),
      streams
        ? Component(name: "streamingnode", section: "streamingNode")
        : Component(name: "indexnode", section: "indexNode"),
      Component(name: "proxy", section: "proxy"),
    ]
  }

  func replicas(of component: Component) -> Int {
    settings[component.section]?["replicas"]?.integer ?? 1
  }

  func deploymentName(of component: Component) -> String { "\(milvus.name)-milvus-\(component.name)" }

  func labels(of component: Component) -> [String: JSONValue] {
    [
      "app.kubernetes.io/name": "milvus", "app.kubernetes.io/instance": .string(milvus.name),
      "app.kubernetes.io/component": .string(component.name), "app.kubernetes.io/managed-by": "milvus-operator",
    ]
  }

  /// The owner reference of everything created for the Milvus.
  static func owner(_ object: JSONValue) -> JSONValue {
    [
      "apiVersion": .string(object.apiVersion), "kind": .string(object.kind), "name": .string(object.name),
      "uid": .string(object.uid), "controller": true, "blockOwnerDeletion": true,
    ]
  }

  var configMap: JSONValue {
    [
      "apiVersion": "v1", "kind": "ConfigMap",
      "metadata": [
        "name": .string(milvus.name), "namespace": .string(milvus.namespace), "ownerReferences": [Self.owner(milvus)],
      ],
      "data": ["user.yaml": .string((try? YAML.serialize(configuration)) ?? "{}\n")],
    ]
  }

  var service: JSONValue {
    let section = spec["mode"]?.string == "cluster" ? "proxy" : "standalone"
    var ports: [JSONValue] = [
      ["name": "milvus", "port": settings[section]?["port"] ?? 19530, "targetPort": "milvus"],
      ["name": "metrics", "port": 9091, "targetPort": "metrics"],
    ]
    if let port = settings[section]?["serviceRestfulPort"] {
      ports.append(["name": "restful", "port": port, "targetPort": port])
    }
    return [
      "apiVersion": "v1", "kind": "Service",
      "metadata": [
        "name": .string(milvus.name + "-milvus"), "namespace": .string(milvus.namespace),
        "ownerReferences": [Self.owner(milvus)],
      ],
      "spec": [
        "type": "ClusterIP", "ports": .array(ports),
        "selector": [
          "app.kubernetes.io/instance": .string(milvus.name), "app.kubernetes.io/component": .string(section),
        ],
      ],
    ]
  }

  /// The pod template of a component.
  /// - Parameter running: the current template of its Deployment. Volumes and mounts are only added to it, never
  ///   removed.
  /// - Throws: `RejectedTemplate` for a mount without its volume.
  func template(of component: Component, over running: JSONValue?) throws -> JSONValue {
    let section = settings[component.section] ?? [:]
    let wantedVolumes = section["volumes"]?.array ?? settings["volumes"]?.array ?? []
    let wantedMounts = (settings["volumeMounts"]?.array ?? []) + (section["volumeMounts"]?.array ?? [])
    let volumes = Self.added(wantedVolumes + [configVolume], to: running?[path: "spec", "volumes"], by: "name")
    let container = running?[path: "spec", "containers"]?[0]
    let mounts = Self.added(wantedMounts + [configMount], to: container?["volumeMounts"], by: "mountPath")
      .filter { $0["name"] != "_remove" }
    if let orphan = mounts.firstIndex(where: { mount in !volumes.contains { $0["name"] == mount["name"] } }) {
      let field = "spec.template.spec.containers[0].volumeMounts[\(orphan)].name"
      throw RejectedTemplate(
        message: "Deployment.apps \"\(deploymentName(of: component))\" is invalid: \(field): Not found: "
          + (mounts[orphan]["name"] ?? "").description
      )
    }
    return [
      "metadata": [
        "labels": .object(merged("podLabels", section).merging(labels(of: component)) { $1 }),
        "annotations": .object(merged("podAnnotations", section).merging(checksum(over: running)) { $1 }),
      ],
      "spec": [
        "containers": [
          [
            "name": .string(component.name), "image": section["image"] ?? .string(image),
            "args": ["/milvus/tools/run.sh", "milvus", "run", .string(component.name)],
            "volumeMounts": .array(mounts),
          ]
        ],
        "volumes": .array(volumes),
      ],
    ]
  }

  private var configVolume: JSONValue { ["name": "milvus-config", "configMap": ["name": .string(milvus.name)]] }

  private var configMount: JSONValue {
    [
      "name": "milvus-config", "mountPath": "/milvus/configs/operator/user.yaml", "subPath": "user.yaml",
      "readOnly": true,
    ]
  }

  private func merged(_ field: String, _ section: JSONValue) -> [String: JSONValue] {
    (settings[field]?.object ?? [:]).merging(section[field]?.object ?? [:]) { $1 }
  }

  /// A new checksum rolls the pods when the configuration changes, unless `updateConfigMapOnly` keeps the old one.
  private func checksum(over running: JSONValue?) -> [String: JSONValue] {
    let old = running?[path: "metadata", "annotations", "checksum/config"]
    let isFrozen = settings["updateConfigMapOnly"]?.bool == true
    return ["checksum/config": (isFrozen ? old : nil) ?? .string(configuration.digest)]
  }

  private static func added(_ wanted: [JSONValue], to running: JSONValue?, by key: String) -> [JSONValue] {
    var result = running?.array ?? []
    for item in wanted {
      if let index = result.firstIndex(where: { $0[key] == item[key] }) {
        result[index] = item
      } else {
        result.append(item)
      }
    }
    return result
  }
}

/// The version in an image's tag.
struct MilvusVersion: Sendable {
  private let parts: [Int]?

  init(image: String) {
    let tag = image.split(separator: ":").last.map(String.init) ?? ""
    let numbers = tag.drop { $0 == "v" }.prefix { $0.isNumber || $0 == "." }.split(separator: ".").compactMap {
      Int($0)
    }
    parts = numbers.count >= 2 ? numbers : nil
  }

  /// A tag that is not a version counts as 2.5.
  func isAtLeast(_ major: Int, _ minor: Int, _ patch: Int = 0) -> Bool {
    let version = (parts ?? [2, 5]) + [0]
    return (version[0], version[1], version[2]) >= (major, minor, patch)
  }
}

extension JSONValue {
  /// A short hash (FNV-1a) to compare templates.
  var digest: String {
    let hash = serialized().reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    return String(hash, radix: 16)
  }
}

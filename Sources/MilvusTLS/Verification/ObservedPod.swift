import Foundation
import JSON

/// What the operator keeps of a Milvus pod.
public struct ObservedPod: Sendable, Equatable {
  public let namespace: String
  public let name: String
  public let uid: String
  /// The Milvus it belongs to (`app.kubernetes.io/instance`).
  public let milvus: String
  /// What it runs; nil for a component that this operator does not know.
  let component: Component?
  /// Its IP address; nil before it has one.
  public let address: String?
  /// The container that runs Milvus: named after the component, or the only one.
  public let container: String
  public let restartCount: Int
  /// Whether that container runs.
  public let isRunning: Bool
  /// When its present run began; nil where it does not run.
  public let startedAt: Date?
  /// How its last run ended, where it failed and has not been started again.
  public let crash: ContainerCrash?
  public let isReady: Bool
  public let isDeleting: Bool
  /// Digest of the certificates it was started with.
  public let digest: String?
  /// TCP ports that its containers declare.
  let declaredPorts: [UInt16]
  /// The release of Milvus in the tag of its image; nil where the tag is none.
  let release: MilvusRelease?

  /// Takes what is needed from a Pod; nil where it has no containers, is none of a Milvus, or has ended for good:
  /// evicted pods stay listed for long.
  public init?(_ object: JSONValue) {
    guard let metadata = object["metadata"], let namespace = metadata["namespace"]?.string,
      let name = metadata["name"]?.string, let uid = metadata["uid"]?.string,
      let milvus = metadata["labels"]?["app.kubernetes.io/instance"]?.string
    else { return nil }
    let phase = object[path: "status", "phase"]?.string
    guard phase != "Failed", phase != "Succeeded" else { return nil }
    let containers = object[path: "spec", "containers"]?.array ?? []
    let names = containers.compactMap { $0["name"]?.string }
    let component = metadata["labels"]?["app.kubernetes.io/component"]?.string
    guard let container = names.first(where: { $0 == component }) ?? names.first else { return nil }
    let status = object[path: "status", "containerStatuses"]?.array?.first { $0["name"]?.string == container }
    self.namespace = namespace
    self.name = name
    self.uid = uid
    self.milvus = milvus
    self.component = Component(label: component ?? container)
    address = object[path: "status", "podIP"]?.string.flatMap { $0.isEmpty ? nil : $0 }
    self.container = container
    restartCount = status?["restartCount"]?.integer ?? 0
    let running = status?[path: "state", "running"]
    isRunning = running != nil
    startedAt = running?["startedAt"]?.string.flatMap(LogTime.parse)
    crash = status.flatMap(ContainerCrash.init)
    isReady =
      object[path: "status", "conditions"]?.array?
      .contains { $0["type"]?.string == "Ready" && $0["status"]?.string == "True" } ?? false
    isDeleting = metadata["deletionTimestamp"] != nil
    digest = metadata["annotations"]?[Annotations.certificate]?.string
    declaredPorts = containers.flatMap { $0["ports"]?.array ?? [] }
      .filter { ($0["protocol"]?.string ?? "TCP") == "TCP" }
      .compactMap { $0["containerPort"]?.integer.flatMap(UInt16.init(exactly:)) }
    let image = containers.first { $0["name"]?.string == container }?["image"]?.string
    release = image.flatMap(MilvusVersion.release(ofImage:))
  }

  /// One run of the pod's container: what a log verdict holds for.
  public var run: ContainerRun { ContainerRun(podUID: uid, container: container, restartCount: restartCount) }

  /// Whether clients connect to it.
  var servesClients: Bool { component?.servesClients ?? false }

  /// Whether there is a log of this run to read.
  public var hasLog: Bool { isRunning || crash != nil }
}

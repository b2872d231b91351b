import ArgumentParser
import ClusterSimulator
import Foundation
import JSON
import Kubernetes
import Logging
import MilvusTLS
import Operator

/// `milvus-tls demo`: runs the real operator against a simulated cluster, from annotation to verification.
struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Run the operator against a simulated cluster; takes seconds and needs no cluster."
  )

  /// The first chapters, one Milvus each. A chapter ends with the event of its verification.
  private static let chapters = [
    (name: "one-way", annotations: ["tls.milvus.io/external": "OneWay"]),
    (name: "two-way", annotations: ["tls.milvus.io/external": "TwoWay"]),
    (name: "internal", annotations: ["tls.milvus.io/internal": "true"]),
  ]

  func run() async throws {
    print("Starting a simulated cluster with a stand-in for milvus-operator, and the operator.")
    let simulator = try await ClusterSimulator.start(.init(milvusStartDelay: .seconds(1), podsListen: true))
    let client = KubernetesClient(configuration: try .plain(server: simulator.url))
    let result: Result<Void, any Error>
    do {
      result = .success(try await tellStory(simulator, client))
    } catch {
      result = .failure(error)
    }
    await simulator.stop()
    try result.get()
  }

  private func tellStory(_ simulator: ClusterSimulator, _ client: KubernetesClient) async throws {
    let quiet = Logger(label: "demo") { _ in SwiftLogNoOpLogHandler() }
    let running = Task { try await TLSOperator(client: client, logger: quiet).run() }
    defer { running.cancel() }
    // The events are what `kubectl get events -w` would show.
    let watch = try await client.watch(.events, namespace: "default", resourceVersion: "0", timeout: .seconds(50))
    var events = watch.makeAsyncIterator()
    for chapter in Self.chapters {
      let milvus = Self.milvus(chapter.name, annotations: chapter.annotations)
      print("\n$ kubectl apply -f \(chapter.name).yaml\n\(milvus)\n")
      try await simulator.apply(yaml: milvus)
      try await printUntilVerified(&events, chapter.name, client)
    }
    print("\n$ kubectl apply -f replaced.yaml\n\(Self.replaced)\n")
    try await simulator.apply(yaml: Self.replaced)
    try await printUntilVerified(&events, "replaced", client)
    print("\n$ kubectl annotate milvus replaced tls.milvus.io/rotate-authority=1")
    let patch: JSONValue = ["metadata": ["annotations": ["tls.milvus.io/rotate-authority": "1"]]]
    _ = try await client.mergePatch(.milvuses, namespace: "default", name: "replaced", patch: patch)
    while try await printNext(&events, of: "replaced") != "Completed" {}
    try await printTables(client)
    try await describe("replaced", client)
  }

  /// Prints the events of a MilvusTLS up to the one of its verification.
  private func printUntilVerified(
    _ events: inout WatchStream.AsyncIterator,
    _ name: String,
    _ client: KubernetesClient
  ) async throws {
    var (reason, verified): (String, Condition?)
    repeat {
      reason = try await printNext(&events, of: name)
      verified = try await milvusTLS(name, client)?.status.condition(.verified)
    } while verified?.status != .true || verified?.reason != reason
  }

  /// Prints the next event of a MilvusTLS; its Milvus has the same ones.
  /// - Returns: the reason of the event.
  private func printNext(_ events: inout WatchStream.AsyncIterator, of name: String) async throws -> String {
    while let event = try await events.next() {
      guard let object = event.changed, object.isEvent(of: name) else { continue }
      let reason = object.json["reason"]?.string ?? ""
      // The steps that one event tells of stand below each other.
      let message = object.json["message"]?.string ?? ""
      let steps = message.replacing(". ", with: ".\n" + String(repeating: " ", count: 28))
      print("  \(reason.padded(24))  \(steps)")
      return reason
    }
    throw UnfinishedStory(name: name)
  }

  private func milvusTLS(_ name: String, _ client: KubernetesClient) async throws -> ObservedMilvusTLS? {
    ObservedMilvusTLS(try await client.get(.milvusTLS, namespace: "default", name: name).json)
  }

  private struct UnfinishedStory: Error, CustomStringConvertible {
    let name: String
    var description: String { "Milvus \(name) was not verified in time" }
  }

  private static func milvus(_ name: String, annotations: [String: String]) -> String {
    let lines = annotations.sorted { $0.key < $1.key }.map { "    \($0.key): \"\($0.value)\"" }
    return """
      apiVersion: milvus.io/v1beta1
      kind: Milvus
      metadata:
        name: \(name)
        namespace: default
        annotations:
      \(lines.joined(separator: "\n"))
      spec: {}
      """
  }

  private static let replaced = """
    apiVersion: milvus.io/v1beta1
    kind: Milvus
    metadata: {name: replaced, namespace: default}
    spec: {}
    ---
    apiVersion: tls.milvus.io/v1alpha1
    kind: MilvusTLS
    metadata: {name: replaced, namespace: default}
    spec:
      external: {mode: TwoWay}
      authority: {overlap: 0s}   # default: 24h, time for clients to reload their Secrets
    """

  private func printTables(_ client: KubernetesClient) async throws {
    print("\n$ kubectl get milvustls")
    let all = try await client.list(.milvusTLS, namespace: "default").items.compactMap { ObservedMilvusTLS($0.json) }
      .sorted { $0.name < $1.name }
    printTable(
      [["NAME", "EXTERNAL", "INTERNAL", "READY", "VERIFIED", "EXPIRES"]]
        + all.map { milvusTLS in
          let status = milvusTLS.status
          return [
            milvusTLS.name, status.external?.rawValue ?? "", String(status.internal ?? false),
            status.condition(.ready)?.status.rawValue ?? "", status.condition(.verified)?.status.rawValue ?? "",
            status.certificate?.notAfter ?? "",
          ]
        }
    )
    print("\n$ kubectl get secrets")
    let secrets = try await client.list(.secrets, namespace: "default").items.sorted { $0.name < $1.name }
    printTable(
      [["NAME", "KEYS"]]
        + secrets.map { [$0.name, ($0.json["data"]?.object ?? [:]).keys.sorted().joined(separator: ", ")] }
    )
  }

  private func describe(_ name: String, _ client: KubernetesClient) async throws {
    print("\n$ kubectl describe milvustls \(name)")
    let object = try await client.get(.milvusTLS, namespace: "default", name: name)
    let events = try await client.list(.events, namespace: "default").items.filter { $0.isEvent(of: name) }
    let sorted = events.map(\.json).sorted {
      ($0["lastTimestamp"]?.string ?? "", Int($0.resourceVersion) ?? 0)
        < ($1["lastTimestamp"]?.string ?? "", Int($1.resourceVersion) ?? 0)
    }
    print(ResourceDescription(object: object.json, events: sorted, now: Date()), terminator: "")
  }

  private func printTable(_ rows: [[String]]) {
    print(TextTable(rows: rows), terminator: "")
  }
}

extension String {
  fileprivate func padded(_ width: Int) -> String { padding(toLength: max(width, count), withPad: " ", startingAt: 0) }
}

extension WatchEvent {
  /// The object that was added or changed.
  fileprivate var changed: KubernetesObject? {
    switch self {
    case .added(let object), .modified(let object): object
    default: nil
    }
  }
}

extension KubernetesObject {
  /// Whether it is an event of a MilvusTLS.
  fileprivate func isEvent(of name: String) -> Bool {
    let subject = json["involvedObject"]
    return subject?["kind"] == "MilvusTLS" && subject?["name"]?.string == name
  }
}

extension JSONValue {
  /// Of an object as the API server stores it.
  fileprivate var resourceVersion: String { self[path: "metadata", "resourceVersion"]?.string ?? "" }
}

import ArgumentParser
import ClusterSimulator
import Foundation
import JSON
import Kubernetes
import Logging
import Operator

/// `milvus-tls demo`: the real operator against a simulated cluster, from annotation to the proof.
struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Show the whole story against a simulated cluster; takes seconds and needs nothing."
  )

  /// The reasons of the condition `Verified` when it is True, and so of its event.
  private static let proofs: Set = ["HandshakesConfirm", "LogsConfirm", "LogsAndHandshakesConfirm"]

  /// The first chapters of the story, each of a Milvus; they end with the event of the proof.
  private static let chapters = [
    (name: "one-way", annotations: ["tls.milvus.io/external": "OneWay"]),
    (name: "two-way", annotations: ["tls.milvus.io/external": "TwoWay"]),
    (name: "internal", annotations: ["tls.milvus.io/internal": "true"]),
  ]

  func run() async throws {
    print("A simulated cluster with a stand-in for milvus-operator starts, and the operator beside it.")
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
      while try await !Self.proofs.contains(printNext(&events, of: chapter.name)) {}
    }
    print("\n$ kubectl apply -f replaced.yaml\n\(Self.replaced)\n")
    try await simulator.apply(yaml: Self.replaced)
    while try await !Self.proofs.contains(printNext(&events, of: "replaced")) {}
    print("\n$ kubectl annotate milvus replaced tls.milvus.io/rotate-authority=1")
    let patch: JSONValue = ["metadata": ["annotations": ["tls.milvus.io/rotate-authority": "1"]]]
    _ = try await client.mergePatch(.milvuses, namespace: "default", name: "replaced", patch: patch)
    while try await !isReplaced(client) { _ = try await printNext(&events, of: "replaced") }
    try await printTables(client)
  }

  /// Prints the next event of a MilvusTLS; its Milvus has the same ones.
  /// - Returns: the reason of the event.
  private func printNext(_ events: inout WatchStream.AsyncIterator, of name: String) async throws -> String {
    while let event = try await events.next() {
      guard let object = event.changed, let subject = object.json["involvedObject"], subject["kind"] == "MilvusTLS",
        subject["name"]?.string == name
      else { continue }
      let reason = object.json["reason"]?.string ?? ""
      print("  \(reason.padded(19))  \(object.json["message"]?.string ?? "")")
      return reason
    }
    throw UnfinishedStory(name: name)
  }

  private func isReplaced(_ client: KubernetesClient) async throws -> Bool {
    let milvusTLS = try await client.get(.milvusTLS, namespace: "default", name: "replaced").json
    let authority = milvusTLS[path: "status", "authority"]
    return authority?["rotation"] == "1" && authority?["step"] == nil && milvusTLS.conditionStatus("Verified") == "True"
  }

  private struct UnfinishedStory: Error, CustomStringConvertible {
    let name: String
    var description: String { "Milvus \(name) was not through in time" }
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
    apiVersion: tls.milvus.io/v1alpha1
    kind: MilvusTLS
    metadata: {name: replaced, namespace: default}
    spec:
      external: {mode: TwoWay}
      authority: {overlap: 0s}   # 24h where it is left out, for clients to read their Secrets again
    ---
    apiVersion: milvus.io/v1beta1
    kind: Milvus
    metadata: {name: replaced, namespace: default}
    spec: {}
    """

  private func printTables(_ client: KubernetesClient) async throws {
    print("\n$ kubectl get milvustls")
    let milvusTLS = try await client.list(.milvusTLS, namespace: "default").items.sorted { $0.name < $1.name }
    printTable(
      [["NAME", "EXTERNAL", "INTERNAL", "READY", "VERIFIED", "EXPIRES"]]
        + milvusTLS.map { object in
          [
            object.name, object.json[path: "status", "external"]?.string ?? "",
            String(object.json[path: "status", "internal"]?.bool ?? false),
            object.json.conditionStatus("Ready"), object.json.conditionStatus("Verified"),
            object.json[path: "status", "certificate", "notAfter"]?.string ?? "",
          ]
        }
    )
    print("\n$ kubectl get secrets")
    let secrets = try await client.list(.secrets, namespace: "default").items.sorted { $0.name < $1.name }
    printTable(
      [["NAME", "KEYS"]]
        + secrets.map { [$0.name, ($0.json["data"]?.object ?? [:]).keys.sorted().joined(separator: ", ")] }
    )
    for (name, section) in [("internal", "pods"), ("two-way", "endpoints")] {
      print("\n$ kubectl get milvustls \(name) -o jsonpath='{.status.\(section)}'")
      for item in milvusTLS.first(where: { $0.name == name })?.json[path: "status", section]?.array ?? [] {
        print("\(item["name"]?.string ?? ""): \(item["evidence"]?.string ?? "")")
      }
    }
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

extension JSONValue {
  fileprivate func conditionStatus(_ type: String) -> String {
    self[path: "status", "conditions"]?.array?.first { $0["type"]?.string == type }?["status"]?.string ?? ""
  }
}

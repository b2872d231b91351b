import ArgumentParser
import ClusterSimulator
import Foundation
import JSON
import Kubernetes
import Logging
import Operator

/// `milvus-tls demo`: the real operator against a simulated cluster, from annotation to verified log line.
struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Show the whole story against a simulated cluster; takes seconds and needs nothing."
  )

  /// The chapters of the story: a Milvus, and the event that ends its chapter.
  private static let chapters = [
    (name: "one-way", annotations: ["tls.milvus.io/external": "OneWay"], end: "Ready"),
    (name: "two-way", annotations: ["tls.milvus.io/external": "TwoWay"], end: "Ready"),
    (name: "internal", annotations: ["tls.milvus.io/internal": "true"], end: "Verified"),
  ]

  func run() async throws {
    print("A simulated cluster with a stand-in for milvus-operator starts, and the operator beside it.")
    let simulator = try await ClusterSimulator.start(.init(milvusStartDelay: .seconds(1)))
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
      while true {
        guard let event = try await events.next() else { throw UnfinishedStory(name: chapter.name) }
        guard case .added(let object) = event else { continue }
        let reason = object.json["reason"]?.string ?? ""
        print("  \(reason.padded(10))  \(object.json["message"]?.string ?? "")")
        if reason == chapter.end { break }
      }
    }
    try await printTables(client)
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

  private func printTables(_ client: KubernetesClient) async throws {
    print("\n$ kubectl get milvustls")
    let milvusTLS = try await client.list(.milvusTLS, namespace: "default").items.sorted { $0.name < $1.name }
    printTable(
      [["NAME", "EXTERNAL", "INTERNAL", "READY", "VERIFIED", "EXPIRES"]]
        + milvusTLS.map { object in
          [
            object.name, object.json[path: "spec", "external", "mode"]?.string ?? "",
            String(object.json[path: "spec", "internal", "enabled"]?.bool ?? false),
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
    print("\n$ kubectl get milvustls internal -o jsonpath='{.status.pods}'")
    for pod in milvusTLS.first(where: { $0.name == "internal" })?.json[path: "status", "pods"]?.array ?? [] {
      print("\(pod["name"]?.string ?? ""): \(pod["evidence"]?.string ?? "")")
    }
  }

  private func printTable(_ rows: [[String]]) {
    print(TextTable(rows: rows), terminator: "")
  }
}

extension String {
  fileprivate func padded(_ width: Int) -> String { padding(toLength: max(width, count), withPad: " ", startingAt: 0) }
}

extension JSONValue {
  fileprivate func conditionStatus(_ type: String) -> String {
    self[path: "status", "conditions"]?.array?.first { $0["type"]?.string == type }?["status"]?.string ?? ""
  }
}

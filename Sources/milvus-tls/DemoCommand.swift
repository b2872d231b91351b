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

  private static let milvuses = [
    "one-way": ["tls.milvus.io/external": "OneWay"],
    "two-way": ["tls.milvus.io/external": "TwoWay"],
    "internal": ["tls.milvus.io/external": "TwoWay", "tls.milvus.io/internal": "true"],
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
    try await withThrowingTaskGroup { group in
      let quiet = Logger(label: "demo") { _ in SwiftLogNoOpLogHandler() }
      group.addTask { try await TLSOperator(client: client, logger: quiet).run() }
      group.addTask { try await Self.printEvents(of: client) }
      for (name, annotations) in Self.milvuses.sorted(by: { $0.key > $1.key }) {
        let milvus = Self.milvus(name, annotations: annotations)
        print("\n$ kubectl apply -f \(name).yaml\n\(milvus)")
        try await simulator.apply(yaml: milvus)
        try await Self.waitUntilSettled(name, client)
      }
      group.cancelAll()
      while let result = await group.nextResult() {
        if case .failure(let error) = result, !(error is CancellationError) { throw error }
      }
    }
    try await printTables(client)
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

  /// Waits, by a watch, until a MilvusTLS is ready and its pods are through.
  private static func waitUntilSettled(_ name: String, _ client: KubernetesClient) async throws {
    let watch = try await client.watch(
      .milvusTLS,
      namespace: "default",
      resourceVersion: "0",
      timeout: .seconds(30)
    )
    for try await event in watch {
      guard case .added(let object) = event.asAdded, object.name == name else { continue }
      let status = { (type: String) in object.json.conditionStatus(type) }
      let isInternal = object.json[path: "spec", "internal", "enabled"]?.bool ?? false
      if status("Ready") == "True", !isInternal || status("Verified") == "True" { return }
    }
    throw ValidationError("\(name) was not ready within 30 s")
  }

  /// Prints what happens, as `kubectl get events -w` would.
  private static func printEvents(of client: KubernetesClient) async throws {
    let watch = try await client.watch(.events, namespace: "default", resourceVersion: "0", timeout: .seconds(300))
    for try await event in watch {
      guard case .added(let object) = event else { continue }
      let json = object.json
      let milvus = json[path: "involvedObject", "name"]?.string ?? ""
      let reason = json["reason"]?.string ?? ""
      print("  \(milvus.padded(10)) \(reason.padded(12)) \(json["message"]?.string ?? "")")
    }
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
    for row in rows {
      let widths = row.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
      let cells = zip(row, widths).map { $0.padded($1) }
      print(cells.joined(separator: "   ").trimmingCharacters(in: .whitespaces))
    }
  }
}

extension WatchEvent {
  /// An added or changed object, alike.
  fileprivate var asAdded: WatchEvent {
    if case .modified(let object) = self { .added(object) } else { self }
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

import FlyingFox
import FlyingSocks
import Foundation
import JSON
import Kubernetes
import Subprocess

/// Measures the peak memory of a client that reads a list of 10,000 pods of 4 kB and keeps none of them: parsed as a
/// whole, and object by object.
///
/// `swift run -c release list-memory` serves the list and measures each way in a process of its own.
@main
enum ListMemory {
  enum Way: String, CaseIterable {
    case whole, objects
  }

  private static let podCount = 10_000

  static func main() async throws {
    let arguments = CommandLine.arguments.dropFirst()
    if let name = arguments.first, let way = Way(rawValue: name), let server = arguments.dropFirst().first {
      return try await measure(way, server: server)
    }
    let body = pods()
    print("\(podCount) pods, \(body.count >> 20) MiB in one response")
    let server = HTTPServer(address: try .inet(ip4: "127.0.0.1", port: 0), logger: .disabled)
    await server.appendRoute("*") { _ in HTTPResponse(statusCode: .ok, body: body) }
    let running = Task { try await server.run() }
    defer { running.cancel() }
    try await server.waitUntilListening()
    guard case .ip4(_, let port) = await server.listeningAddress else { return }
    for way in Way.allCases {
      let result = try await Subprocess.run(
        .path("/proc/self/exe"),
        arguments: [way.rawValue, "http://127.0.0.1:\(port)"],
        output: .string(limit: 4096)
      )
      print(result.standardOutput, terminator: "")
    }
  }

  private static func measure(_ way: Way, server: String) async throws {
    let client = KubernetesClient(configuration: try .plain(server: server), requestTimeout: .seconds(120))
    // Excludes the memory that libcurl and Foundation need before anything is read.
    _ = try JSONValue(parsing: "{}")
    let before = peak()
    let start = ContinuousClock.now
    let count = try await way == .whole ? countWhole(client) : countObjects(client)
    let seconds = (ContinuousClock.now - start).formatted(.units(allowed: [.seconds], fractionalPart: .show(length: 2)))
    print("\(way.rawValue): \(count) pods, peak \(peak() >> 10) MiB (\(before >> 10) before), \(seconds)")
  }

  /// Parses the response as one document, as most clients do. The client has no such method for lists, so it is read as
  /// a log, whose bytes are not parsed.
  private static func countWhole(_ client: KubernetesClient) async throws -> Int {
    var text: [UInt8] = []
    let bytes = try await client.logs(namespace: "milvus", pod: "pod", container: "milvus", follow: false)
    for try await chunk in bytes { text += chunk }
    let items = (try JSONValue(parsing: text)["items"]?.array ?? []).map(KubernetesObject.init)
    return items.count { !$0.name.isEmpty }
  }

  private static func countObjects(_ client: KubernetesClient) async throws -> Int {
    var count = 0
    for try await event in client.objects(.pods, namespace: nil, limit: podCount) {
      if case .object(let pod) = event, !pod.name.isEmpty { count += 1 }
    }
    return count
  }

  /// Peak resident memory of this process, in KiB.
  private static func peak() -> Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
    return line.split(separator: " ").compactMap { Int($0) }.first ?? 0
  }

  private static func pods() -> Data {
    let container =
      #"{"name": "milvus", "image": "milvusdb/milvus:v2.5.4", "env": [{"name": "CACHE_SIZE", "value": "4"}]}"#
    let containers = Array(repeating: container, count: 35).joined(separator: ", ")
    let pods = (0..<podCount).map { index in
      #"{"metadata": {"name": "pod-\#(index)", "namespace": "milvus", "uid": "\#(UUID())"}, "spec": {"containers": [\#(containers)]}}"#
    }
    return Data(
      #"{"kind": "PodList", "metadata": {"resourceVersion": "1"}, "items": [\#(pods.joined(separator: ","))]}"#.utf8
    )
  }
}

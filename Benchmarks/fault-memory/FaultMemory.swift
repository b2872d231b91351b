import ClusterSimulator
import Foundation
import JSON
import Kubernetes
import Logging
import Operator
import Subprocess

/// Measures the operator's peak memory in a small cluster: without faults, and with each kind of server and network
/// fault.
///
/// `swift run -c release fault-memory` runs one operator process per kind. A row is printed only after every fault was
/// met and every Milvus is verified, including one created after the last fault. Fails if a peak exceeds the one
/// without faults by more than `bound`.
@main
enum FaultMemory {
  private static let milvusCount = 20
  /// In MiB: four watches with an event of 16 MiB each, copied up to three times while the buffer grows.
  private static let bound = 192
  private static let patience = Duration.seconds(300)

  static func main() async throws {
    let arguments = CommandLine.arguments.dropFirst()
    if arguments.first == "operator", let server = arguments.dropFirst().first { return try await operate(server) }
    var undisturbed: Int?
    var isBounded = true
    for trouble in Trouble.all where arguments.isEmpty || arguments.contains(trouble.name) {
      let (peak, met) = try await measure(trouble)
      let base = undisturbed ?? peak
      undisturbed = base
      if peak - base > bound { isBounded = false }
      say("\(trouble.name): \(peak) MiB (\(peak - base) MiB more than without faults), \(met) faults met")
    }
    guard isBounded else {
      say("error: a peak exceeds the one without faults by more than \(bound) MiB")
      exit(EXIT_FAILURE)
    }
  }

  /// Writes without buffering, because a row may take a minute.
  private static func say(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
  }

  private struct NoEnd: Error {}

  private static func operate(_ server: String) async throws {
    let silent = Logger(label: "fault-memory") { _ in SwiftLogNoOpLogHandler() }
    let client = KubernetesClient(configuration: try .plain(server: server), logger: silent)
    try await TLSOperator(client: client, logger: silent).run()
  }

  /// - Returns: the operator's peak memory in MiB, and the number of faults met.
  private static func measure(_ trouble: Trouble) async throws -> (peak: Int, met: Int) {
    let simulator = try await ClusterSimulator.start()
    try await trouble.prepare(simulator)
    for number in 1...milvusCount { try await add("m\(number)", to: simulator) }
    let run = try await Subprocess.run(
      .path("/proc/self/exe"),
      arguments: ["operator", simulator.url],
      input: .none,
      output: .discarded,
      error: .discarded
    ) { execution in
      try await wait { simulator.requests.count(.watch) >= 4 }
      try await trouble.during(simulator)
      try await wait {
        // Creates lines for the watches' faults, and for the list that may follow a broken watch.
        await touch(simulator)
        return simulator.faults.remaining == 0
      }
      try await add("last", to: simulator)
      try await wait { await areAllVerified(simulator) }
      let peak = peak(of: execution.processIdentifier.value)
      try execution.send(signal: .kill)
      return peak
    }
    await simulator.stop()
    return (run.closureResult, simulator.faults.metCount)
  }

  private static func add(_ name: String, to simulator: ClusterSimulator) async throws {
    try await simulator.store.create([
      "apiVersion": "milvus.io/v1beta1", "kind": "Milvus",
      "metadata": [
        "name": .string(name), "namespace": "default", "annotations": ["tls.milvus.io/internal": "true"],
      ],
      "spec": [:],
    ])
  }

  private static func touch(_ simulator: ClusterSimulator) async {
    for resource in [ResourceIdentifier.milvuses, .milvusTLS, .secrets, .pods] {
      guard let object = await simulator.store.list(resource, namespace: "default").first,
        let name = object[path: "metadata", "name"]?.string
      else { continue }
      // The operator may be writing or deleting the object at the same time.
      _ = try? await simulator.store.update(ObjectAddress(resource, namespace: "default", name: name)) {
        var annotations = $0[path: "metadata", "annotations"] ?? [:]
        annotations["touched"] = .string(UUID().uuidString)
        $0["metadata"]?["annotations"] = annotations
      }
    }
  }

  private static func areAllVerified(_ simulator: ClusterSimulator) async -> Bool {
    let verified = await simulator.store.list(.milvusTLS).count { object in
      object[path: "status", "conditions"]?.array?
        .contains { $0["type"]?.string == "Verified" && $0["status"]?.string == "True" } ?? false
    }
    return verified == milvusCount + 1
  }

  private static func wait(until holds: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + patience
    while try await !holds() {
      guard ContinuousClock.now < deadline else { throw NoEnd() }
      try await Task.sleep(for: .milliseconds(100))
    }
  }

  /// Peak resident memory of a process, in MiB.
  private static func peak(of process: Int32) -> Int {
    let status = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
    return (line.split(separator: " ").compactMap { Int($0) }.first ?? 0) >> 10
  }
}

import ClusterSimulator
import Foundation
import JSON
import Testing

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

@Suite(.timeLimit(.minutes(5))) struct OperatorProcessTests {
  @Test func itAnswersItsEndpointsLogsJSONAndEndsOnSIGTERMWithStatus0() async throws {
    try await Cluster.run { cluster in
      let process = Process(milvusTLS: [
        "operator", "--kubeconfig", cluster.kubeconfig, "--metrics-bind-address", "127.0.0.1:0",
        "--health-probe-bind-address", "127.0.0.1:0", "--log-format", "json",
      ])
      let pipe = Pipe()
      process.standardError = pipe
      let (ends, continuation) = AsyncStream.makeStream(of: Int32.self)
      process.terminationHandler = { continuation.yield($0.terminationStatus) }
      try process.run()
      defer { if process.isRunning { process.terminate() } }
      var lines = Lines(pipe.fileHandleForReading).makeAsyncIterator()
      var ports: [String: String] = [:]
      var isSynced = false
      while ports.count < 2 || !isSynced {
        let line = try #require(await lines.next())
        let object = try JSONValue(parsing: line)
        let message = try #require(object["msg"]?.string)
        #expect(object["level"] == "info")
        isSynced = isSynced || message.hasPrefix("synced")
        guard let port = message.firstMatch(of: /^(\w+) .*listening on 127\.0\.0\.1:(\d+)$/) else { continue }
        ports[String(port.1)] = String(port.2)
      }
      let metrics = try await get("http://127.0.0.1:\(try #require(ports["metrics"]))/metrics")
      #expect(metrics.contains("\nmilvus_tls_build_info{version="))
      let ready = try await get("http://127.0.0.1:\(try #require(ports["probes"]))/readyz")
      #expect(ready == "ok\n")
      let start = ContinuousClock.now
      process.terminate()
      var iterator = ends.makeAsyncIterator()
      #expect(await iterator.next() == 0)
      #expect(ContinuousClock.now - start < .seconds(20))
    }
  }

  @Test func aPortInUseEndsItWithStatus1AndSaysSo() async throws {
    try await Cluster.run { cluster in
      let address = "127.0.0.1:\(cluster.port)"
      let arguments = ["operator", "--kubeconfig", cluster.kubeconfig, "--metrics-bind-address", address]
      let run = try await ProgramRun.run(arguments)
      #expect(run.status == 1)
      let error = "Error: metrics (--metrics-bind-address): cannot listen on \(address): Address already in use"
      #expect(run.errors.split(separator: "\n").last.map(String.init) == error, "\(run.errors)")
    }
  }

  private func get(_ url: String) async throws -> String {
    let (data, response) = try await URLSession.shared.data(from: try #require(URL(string: url)))
    #expect((response as? HTTPURLResponse)?.statusCode == 200)
    return String(decoding: data, as: UTF8.self)
  }
}

import MilvusTLS
import PKI

extension PlaintextProbe {
  /// Asks a pod's port, and a metrics port also for its APIs.
  /// - Throws: `CancellationError`.
  public func answer(of port: ListeningPort) async throws -> PlaintextAnswer {
    let answer = try await answer(host: port.host, port: port.port)
    guard port.purpose == .metrics, answer == .http else { return PlaintextAnswer(answer) }
    var statuses: [MetricsPortAPI: Int] = [:]
    for api in MetricsPortAPI.allCases {
      statuses[api] = try await status(of: api.path, host: port.host, port: port.port)
    }
    return PlaintextAnswer(answer, statuses: statuses)
  }
}

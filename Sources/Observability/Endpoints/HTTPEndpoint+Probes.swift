import Logging

extension HTTPEndpoint {
  /// The `/healthz` and `/readyz` endpoints for a pod's probes: 200, or 503 with the reason.
  public static func probes(_ health: OperatorHealth, on address: ListenAddress, logger: Logger) -> HTTPEndpoint {
    HTTPEndpoint(
      name: "probes (--health-probe-bind-address)",
      address: address,
      logger: logger,
      answers: [
        "/healthz": { Answer(problem: health.livenessProblem) },
        "/readyz": { Answer(problem: health.readinessProblem) },
      ]
    )
  }
}

extension HTTPEndpoint.Answer {
  fileprivate init(problem: OperatorHealth.Problem?) {
    self.init(status: problem == nil ? .ok : .serviceUnavailable, text: (problem ?? "ok") + "\n")
  }
}

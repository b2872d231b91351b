import Logging

extension HTTPEndpoint {
  /// `/metrics` in Prometheus' text format: what was measured, and the process.
  public static func metrics(_ metrics: PrometheusMetrics, on address: ListenAddress, logger: Logger) -> HTTPEndpoint {
    metrics.collect("process", ProcessMetrics.families)
    return HTTPEndpoint(
      name: "metrics (--metrics-bind-address)",
      address: address,
      logger: logger,
      answers: [
        "/metrics": {
          Answer(status: .ok, contentType: PrometheusText.contentType, text: metrics.exposition())
        }
      ]
    )
  }

  /// `/healthz` and `/readyz`, for the probes of a pod: 200, or 503 with the reason.
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

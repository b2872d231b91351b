import Logging

extension HTTPEndpoint {
  /// The `/metrics` endpoint in Prometheus' text format, including process metrics.
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
}

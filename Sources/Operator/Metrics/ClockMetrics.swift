import Foundation
import Kubernetes
import Observability

/// How far this machine's clock is from the API server's: certificates are dated by it.
struct ClockMetrics: Sendable {
  let client: KubernetesClient

  /// The family; without a sample before the first answer.
  func families() -> [MetricFamily] {
    let difference = client.serverTime.map { Date.now.timeIntervalSince($0) }
    return [
      MetricFamily(
        "milvus_tls_clock_difference_seconds",
        .gauge,
        help: "How far the operator's clock is ahead of the API server's, to a second or two.",
        samples: difference.map { [MetricFamily.Sample($0)] } ?? []
      )
    ]
  }
}

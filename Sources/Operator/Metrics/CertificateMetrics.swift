import Foundation
import KubernetesRuntime
import MilvusTLS
import Observability

/// What the stores say of every Milvus, read when Prometheus asks: a Milvus that is gone leaves no series behind.
struct CertificateMetrics: Sendable {
  let milvuses: ObjectStore<ObservedMilvus>
  let milvusTLS: ObjectStore<ObservedMilvusTLS>

  /// The families, labelled with the namespace and the name of the Milvus.
  func families() -> [MetricFamily] {
    let subjects = subjects
    return [
      MetricFamily(
        "milvus_tls_certificate_expiration_timestamp_seconds",
        .gauge,
        help: "When the certificate ends, in Unix time, by role (authority, server, client: the first to end).",
        samples: subjects.flatMap { $0.expirations }
      ),
      MetricFamily(
        "milvus_tls_certificate_renewal_timestamp_seconds",
        .gauge,
        help: "When the certificate is to be renewed, in Unix time, by role.",
        samples: subjects.compactMap(\.renewal)
      ),
      MetricFamily(
        "milvus_tls_ready",
        .gauge,
        help: "Whether certificates and configuration are in place (1) or not (0).",
        samples: subjects.compactMap { $0.state(of: .ready) }
      ),
      MetricFamily(
        "milvus_tls_verified",
        .gauge,
        help: "Whether the pods are seen to use the certificate (1) or not to (0); no series while neither is known.",
        samples: subjects.compactMap { $0.state(of: .verified) }
      ),
      MetricFamily(
        "milvus_tls_plaintext_ports",
        .gauge,
        help: "How many ports of the pods answer without TLS; no series while that is not known.",
        samples: subjects.compactMap(\.plaintext)
      ),
      MetricFamily(
        "milvus_tls_rollout_unfinished",
        .gauge,
        help: "Whether a rollout of the pods has not finished in half an hour (1) or none is in trouble (0).",
        samples: subjects.map(\.rollout)
      ),
    ]
  }

  /// Each Milvus with the status of the MilvusTLS that decides for it.
  private var subjects: [Subject] {
    Dictionary(grouping: milvusTLS.keys.compactMap { milvusTLS[$0] }) {
      ObjectKey(namespace: $0.namespace, name: $0.milvusName)
    }
    .sorted { ($0.key.namespace, $0.key.name) < ($1.key.namespace, $1.key.name) }
    .compactMap { key, candidates in
      guard milvuses[key] != nil, let deciding = candidates.deciding else { return nil }
      return Subject(key: key, status: deciding.status)
    }
  }
}

/// A Milvus and the status of its TLS.
private struct Subject {
  let key: ObjectKey
  let status: MilvusTLSStatus

  /// Certificates that nothing uses any more may expire unnoticed.
  private var isDisabled: Bool { status.readyReason == .disabled }

  var expirations: [MetricFamily.Sample] {
    guard !isDisabled else { return [] }
    let times = [
      ("authority", Self.time(status.authority?.notAfter)),
      ("client", status.listedClients.compactMap { Self.time($0.notAfter) }.min()),
      ("server", Self.time(status.certificate?.notAfter)),
    ]
    return times.compactMap { role, time in time.map { sample($0, role: role) } }
  }

  var renewal: MetricFamily.Sample? {
    guard !isDisabled else { return nil }
    return Self.time(status.certificate?.renewalTime).map { sample($0, role: "server") }
  }

  /// 1 for True, 0 for False.
  func state(of type: ConditionType) -> MetricFamily.Sample? {
    switch status.condition(type)?.status {
    case .true: sample(1)
    case .false: sample(0)
    case .unknown, nil: nil
    }
  }

  var plaintext: MetricFamily.Sample? {
    guard let condition = status.condition(.plaintextExposed), condition.status != .unknown else { return nil }
    return sample(Double(status.plaintext.reduce(0) { $0 + $1.pods }))
  }

  var rollout: MetricFamily.Sample { sample(status.verifiedReason == .rolloutUnfinished ? 1 : 0) }

  private func sample(_ value: Double, role: String? = nil) -> MetricFamily.Sample {
    let labels = [("namespace", key.namespace), ("name", key.name)] + (role.map { [("role", $0)] } ?? [])
    return MetricFamily.Sample(value, labels: MetricLabels(labels))
  }

  /// A time as Kubernetes writes it, in seconds since 1970.
  private static func time(_ text: String?) -> Double? {
    text.flatMap(Date.init(kubernetesTime:))?.timeIntervalSince1970
  }
}

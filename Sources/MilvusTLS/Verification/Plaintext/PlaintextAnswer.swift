import PKI

/// What a port answered to a client without TLS and without credentials.
public struct PlaintextAnswer: Sendable, Equatable {
  public let answer: PlaintextProbe.Answer
  /// HTTP status codes of the APIs of a metrics port.
  public let statuses: [MetricsPortAPI: Int]

  public init(_ answer: PlaintextProbe.Answer, statuses: [MetricsPortAPI: Int] = [:]) {
    (self.answer, self.statuses) = (answer, statuses)
  }

  /// The protocol that the port speaks without TLS; nil where it does not.
  var exposed: String? {
    switch answer {
    case .http2: "gRPC"
    case .http: "HTTP"
    case .other: "another protocol"
    case .unreachable, .silent, .tls: nil
    }
  }

  /// Whether a connection was established.
  var isReached: Bool { if case .unreachable = answer { false } else { true } }

  /// What the APIs of a metrics port serve to whom, with the faults of the release that are the reason.
  /// - Parameter release: nil where it is not known.
  func apis(in release: MilvusRelease?) -> [String] {
    let open = MetricsPortAPI.allCases.filter { statuses[$0].map(MetricsPortAPI.isOpen) ?? false }
    var texts: [String] = []
    if !open.isEmpty {
      let faulty = open.map { api in
        let faults = release.map { MilvusVersionTable.MetricsPortFault.all(of: api, in: $0).map(\.title) } ?? []
        return api.rawValue + (faults.isEmpty ? "" : " (\(faults.joined(separator: ", ")))")
      }
      texts.append("without a password it serves \(faulty.joined(separator: ", "))")
    }
    let isGuarded = statuses[.data].map(MetricsPortAPI.isGuarded) ?? false
    if isGuarded, let release, MilvusVersionTable.MetricsPortFault.withoutPrivileges.affects(release) {
      texts.append(MilvusVersionTable.MetricsPortFault.withoutPrivileges.title)
    }
    return texts
  }
}

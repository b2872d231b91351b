import Foundation
import PKI

/// What an endpoint answered to different clients.
public struct HandshakeAnswers: Sendable, Equatable {
  /// To a client without a certificate.
  public var withoutCertificate: TLSProbe.Report
  /// To the client whose certificate the operator issued; nil where it was not tried.
  public var withOwnClient: TLSProbe.Report?
  /// To a client of an untrusted CA; nil where it was not tried.
  public var withUntrustedClient: TLSProbe.Report?
  /// To an HTTP request of the own client, where the port is for REST: a status code, or why there was none.
  public var http: HTTPAnswer?
  /// Where the handshakes were made, for messages.
  public var place = "the operator"

  /// The end of the evidence that a port serves no TLS.
  static let plaintext = "answers in plaintext"

  public enum HTTPAnswer: Sendable, Equatable {
    case status(Int)
    case failure(String)
  }

  public init(
    withoutCertificate: TLSProbe.Report,
    withOwnClient: TLSProbe.Report? = nil,
    withUntrustedClient: TLSProbe.Report? = nil
  ) {
    self.withoutCertificate = withoutCertificate
    self.withOwnClient = withOwnClient
    self.withUntrustedClient = withUntrustedClient
  }
}

extension Endpoint {
  /// What the answers prove.
  public func verdict(on answers: HandshakeAnswers) -> Verdict {
    if let problem = answers.withoutCertificate.outcome.problem(from: answers.place) {
      return .unknown(reason: "\(address): \(problem)")
    }
    if answers.withoutCertificate.outcome == .notTLS {
      return .refuted(evidence: "\(address) \(HandshakeAnswers.plaintext)")
    }
    guard let served = answers.withoutCertificate.server?.chain.first else {
      return .unknown(reason: "\(address): \(answers.withoutCertificate.outcome.text(from: answers.place))")
    }
    guard certificate == nil || served.sha256Fingerprint == certificate else {
      let evidence = "\(address) serves \(served.brief), not the certificate in the Secret"
      // A certificate that verifies is one of the release's own, which the pod loaded before it was replaced.
      return answers.withoutCertificate.server?.fault == nil
        ? .outdated(evidence: evidence) : .refuted(evidence: evidence)
    }
    if let fault = answers.withoutCertificate.server?.fault { return .refuted(evidence: "\(address): \(fault)") }
    let verdict = requiresClientCertificate ? twoWayVerdict(on: answers, served) : oneWayVerdict(on: answers, served)
    guard case .confirmed(let evidence) = verdict else { return verdict }
    switch answers.http {
    case nil: return verdict
    case .status(let code): return .confirmed(evidence: "\(evidence); answers HTTP \(code)")
    case .failure(let reason): return .unknown(reason: reason)
    }
  }

  private func oneWayVerdict(on answers: HandshakeAnswers, _ served: Certificate) -> Verdict {
    switch answers.withoutCertificate.outcome {
    case .accepted, .noAnswer: .confirmed(evidence: "\(address) serves \(served.brief)")
    case .refused(let alert): .refuted(evidence: "\(address) refuses clients without a certificate: \(alert)")
    case let other: .unknown(reason: "\(address): \(other.text(from: answers.place))")
    }
  }

  private func twoWayVerdict(on answers: HandshakeAnswers, _ served: Certificate) -> Verdict {
    var tried: [String] = []
    let reports = [
      ("a client without a certificate", answers.withoutCertificate),
      ("a client certificate from an untrusted CA", answers.withUntrustedClient),
    ]
    for (who, report) in reports {
      switch report?.outcome {
      case .refused: tried.append("refuses \(who)")
      case .accepted: return .refuted(evidence: "\(address) accepts \(who)")
      case .noAnswer: return .unknown(reason: "\(address) did not refuse \(who) in time")
      case nil: break
      case let other?: return .unknown(reason: "\(address), with \(who): \(other.text(from: answers.place))")
      }
    }
    switch answers.withOwnClient?.outcome {
    case .accepted, .noAnswer: tried.append("accepts the client certificate of the operator")
    case .refused(let alert):
      return .refuted(evidence: "\(address) refuses the client certificate of the operator: \(alert)")
    case nil: break
    case let other?:
      return .unknown(
        reason: "\(address), with the client certificate of the operator: \(other.text(from: answers.place))"
      )
    }
    return .confirmed(evidence: "\(address) serves \(served.brief); \(tried.joined(separator: ", "))")
  }
}

extension Certificate {
  /// Enough to distinguish two certificates.
  fileprivate var brief: String { "certificate \(serialNumber), valid until \(notAfter.kubernetesTime)" }
}

extension TLSProbe.Outcome {
  /// Why nothing was learned, as outside the cluster's network; nil where something answered.
  fileprivate func problem(from place: String) -> String? {
    switch self {
    case .unresolved(let reason), .unreachable(let reason): "not reachable from \(place): \(reason)"
    case .timedOut(.resolution), .timedOut(.connection): "connection timed out from \(place)"
    case .connectionRefused: "connection refused: nothing listens on the port"
    default: nil
    }
  }

  fileprivate func text(from place: String) -> String {
    switch self {
    case .timedOut(let step): "\(step.rawValue) timed out"
    case .closed(let step): "connection closed during the \(step.rawValue)"
    case .failed(let reason): reason
    case .refused(let alert): "refused: \(alert)"
    case .untrusted(let fault): "\(fault)"
    case .accepted, .noAnswer, .notTLS, .unresolved, .unreachable, .connectionRefused:
      problem(from: place) ?? "\(self)"
    }
  }
}

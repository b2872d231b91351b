import Foundation
import PKI

/// What an endpoint answered to those who knocked.
public struct HandshakeAnswers: Sendable, Equatable {
  /// To a client without a certificate.
  public var anyone: TLSProbe.Report
  /// To the operator's own client; nil where it was not tried.
  public var client: TLSProbe.Report?
  /// To a client of a foreign authority; nil where it was not tried.
  public var stranger: TLSProbe.Report?
  /// To an HTTP request of the operator's own client, where the port is for that: a status code, or why there was none.
  public var http: HTTPAnswer?

  public enum HTTPAnswer: Sendable, Equatable {
    case status(Int)
    case failure(String)
  }

  public init(anyone: TLSProbe.Report, client: TLSProbe.Report? = nil, stranger: TLSProbe.Report? = nil) {
    self.anyone = anyone
    self.client = client
    self.stranger = stranger
  }
}

extension Endpoint {
  /// What the answers prove.
  public func verdict(on answers: HandshakeAnswers) -> Verdict {
    if let problem = answers.anyone.outcome.problem { return .unknown(reason: "\(address): \(problem)") }
    if answers.anyone.outcome == .notTLS { return .refuted(evidence: "\(address) answers without TLS") }
    guard let served = answers.anyone.server?.chain.first else {
      return .unknown(reason: "\(address): \(answers.anyone.outcome.text)")
    }
    guard served.sha256Fingerprint == certificate else {
      return .refuted(evidence: "\(address) serves another certificate than the Secret's: \(served.brief)")
    }
    if let fault = answers.anyone.server?.fault { return .refuted(evidence: "\(address): \(fault)") }
    let verdict = requiresClientCertificate ? twoWayVerdict(on: answers, served) : oneWayVerdict(on: answers, served)
    guard case .confirmed(let evidence) = verdict else { return verdict }
    switch answers.http {
    case nil: return verdict
    case .status(let code): return .confirmed(evidence: "\(evidence); answers HTTP \(code)")
    case .failure(let reason): return .unknown(reason: reason)
    }
  }

  private func oneWayVerdict(on answers: HandshakeAnswers, _ served: Certificate) -> Verdict {
    switch answers.anyone.outcome {
    case .accepted, .noAnswer: .confirmed(evidence: "\(address) serves \(served.brief)")
    case .refused(let alert): .refuted(evidence: "\(address) refuses clients without a certificate: \(alert)")
    case let other: .unknown(reason: "\(address): \(other.text)")
    }
  }

  private func twoWayVerdict(on answers: HandshakeAnswers, _ served: Certificate) -> Verdict {
    var tried: [String] = []
    for (who, report) in [("without a certificate", answers.anyone), ("of a foreign authority", answers.stranger)] {
      switch report?.outcome {
      case .refused: tried.append("refuses a client \(who)")
      case .accepted: return .refuted(evidence: "\(address) lets in a client \(who)")
      case .noAnswer: return .unknown(reason: "\(address) did not refuse a client \(who) in time")
      case nil: break
      case let other?: return .unknown(reason: "\(address), for a client \(who): \(other.text)")
      }
    }
    switch answers.client?.outcome {
    case .accepted, .noAnswer: tried.append("lets in ours")
    case .refused(let alert): return .refuted(evidence: "\(address) refuses the client in its Secret: \(alert)")
    case nil: break
    case let other?: return .unknown(reason: "\(address), for the client in its Secret: \(other.text)")
    }
    return .confirmed(evidence: "\(address) serves \(served.brief); \(tried.joined(separator: ", "))")
  }
}

extension Certificate {
  /// Enough to tell one from another.
  fileprivate var brief: String { "certificate \(serialNumber), valid until \(notAfter.kubernetesTime)" }
}

extension TLSProbe.Outcome {
  /// Why nothing was learned, as from outside the cluster's network; nil where something answered.
  fileprivate var problem: String? {
    switch self {
    case .unresolved(let reason), .unreachable(let reason): "not reached from here: \(reason)"
    case .timedOut(.resolution), .timedOut(.connection): "not reached from here in time"
    case .connectionRefused: "nothing listens there"
    default: nil
    }
  }

  fileprivate var text: String {
    switch self {
    case .timedOut(let step): "no end of the \(step.rawValue) in time"
    case .closed(let step): "the connection broke off in the \(step.rawValue)"
    case .failed(let reason): reason
    case .refused(let alert): "refused: \(alert)"
    case .untrusted(let fault): "\(fault)"
    case .accepted, .noAnswer, .notTLS, .unresolved, .unreachable, .connectionRefused: problem ?? "\(self)"
    }
  }
}

import PKI

/// What was observed of the TLS of a release's pods, kind by kind. A further kind of evidence gets a member here and
/// another one in `EvidenceRequest`. `Verification` asks for it and weighs it, and a collector in the operator fills
/// the one from the other.
public struct Evidence: Sendable {
  /// What the pods' logs said.
  public var logs: [ContainerRun: Verdict] = [:]
  /// Why some logs could not be read so far.
  public var logProblems: [ContainerRun: String] = [:]
  /// What handshakes with the pods' ports proved, by `Endpoint.memoryKey`.
  public var handshakes: [String: Verdict] = [:]
  /// The certificates that ports serve of which nobody knows what they have to serve, by `Endpoint.memoryKey`.
  public var served: [String: Certificate] = [:]
  /// What ports answered to a client without TLS.
  public var plaintext: [ListeningPort: PlaintextAnswer] = [:]

  public init() {}

  /// Adds what another memory knows; on the same subject it counts more.
  public mutating func merge(_ newer: Evidence) {
    logs.merge(newer.logs) { $1 }
    logProblems.merge(newer.logProblems) { $1 }
    handshakes.merge(newer.handshakes) { $1 }
    served.merge(newer.served) { $1 }
    plaintext.merge(newer.plaintext) { $1 }
  }
}

/// The evidence that a plan needs.
public struct EvidenceRequest: Sendable, Equatable {
  /// Pods whose logs have to be read.
  public var logs: [ObservedPod] = []
  /// Crashed pods whose logs have to be read for external TLS alone.
  public var crashLogs: [ObservedPod] = []
  /// Ports whose served certificate has to be checked now and then; nil for none.
  public var handshakes: TLSPlan.Handshakes?
  /// Ports that have to be asked now and then what they answer without TLS.
  public var plaintext: [ListeningPort] = []

  public init() {}

  /// Whether some of it has to be collected again and again.
  var isRepeated: Bool { handshakes != nil || !plaintext.isEmpty }
}

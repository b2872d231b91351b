import MilvusTLS

/// Progress of a rotation, judged from successive states of the MilvusTLS.
struct RotationProgress {
  enum State: Equatable {
    /// All pods are verified to use the new certificates.
    case done
    /// What the rotation is waiting for, one line each; never empty.
    case goingOn([String])
    /// Why the rotation cannot finish without help.
    case failed(String)
  }

  private let request: RotationRequest
  /// Digest of the certificates before the rotation.
  private let formerDigest: String?
  /// Reason of a `Verified=False` from before the rotation, which is not a failure of the rotation.
  private var formerRefutation: String?

  /// - Parameter before: the MilvusTLS when the rotation was requested.
  init(_ request: RotationRequest, before: ObservedMilvusTLS) {
    self.request = request
    formerDigest = before.status.certificate?.digest
    formerRefutation = before.refutation?.reason
  }

  mutating func state(of milvusTLS: ObservedMilvusTLS) -> State {
    if milvusTLS.presentCondition(.ready)?.status == .false {
      return .failed(CommandFailure(notReady: milvusTLS).description)
    }
    if let refutation = milvusTLS.refutation {
      let isUnfinished = milvusTLS.status.verifiedReason == .rolloutUnfinished
      if isUnfinished || refutation.reason != formerRefutation { return .failed(refutation.line) }
    } else {
      formerRefutation = nil
    }
    let obstacles = obstacles(milvusTLS)
    return obstacles.isEmpty ? .done : .goingOn(obstacles)
  }

  /// What still has to happen.
  private func obstacles(_ milvusTLS: ObservedMilvusTLS) -> [String] {
    let status = milvusTLS.status
    let notes = [ConditionType.rotationPending, .authorityRotating].compactMap(status.condition)
    var obstacles = notes.filter { $0.status == .true }.map(\.line)
    if status.authority?.phase != nil, status.condition(.authorityRotating)?.status != .true {
      obstacles.append("waiting for the operator to continue the CA rotation")
    }
    // A rotation issues a new certificate and so changes the digest; only then is `Verified` about the new
    // certificates.
    guard request.isRecorded(in: status), let digest = status.certificate?.digest, digest != formerDigest else {
      return obstacles.isEmpty ? ["waiting for the operator to begin"] : obstacles
    }
    guard let verified = milvusTLS.presentCondition(.verified) else {
      return obstacles + ["waiting for the operator to report on the current specification"]
    }
    return verified.status == .true ? obstacles : obstacles + [verified.line]
  }
}

extension ObservedMilvusTLS {
  /// The condition `Verified` where it is False.
  fileprivate var refutation: Condition? { presentCondition(.verified).flatMap { $0.status == .false ? $0 : nil } }
}

extension Condition {
  /// The condition in one line.
  fileprivate var line: String { "\(type.rawValue): \(reason): \(message)".inOneLine }
}

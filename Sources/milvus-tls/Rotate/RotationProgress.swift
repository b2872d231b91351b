import MilvusTLS

/// The progress of a rotation, judged from one state of the MilvusTLS after the other.
struct RotationProgress {
  enum State: Equatable {
    /// All pods are verified to use the new certificates.
    case done
    /// What it waits for, for people; never empty.
    case goingOn([String])
    /// Why it does not end by itself.
    case failed(String)
  }

  private let request: RotationRequest
  /// Digest of the certificates before.
  private let formerDigest: String?
  /// Reason of a `Verified=False` that is older than the rotation: that is not the rotation's failure.
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

  /// What has still to happen.
  private func obstacles(_ milvusTLS: ObservedMilvusTLS) -> [String] {
    let status = milvusTLS.status
    let notes = [ConditionType.rotationPending, .authorityRotating].compactMap(status.condition)
    var obstacles = notes.filter { $0.status == .true }.map(\.line)
    if status.authority?.phase != nil, status.condition(.authorityRotating)?.status != .true {
      obstacles.append("waiting for the operator to continue the CA rotation")
    }
    // A rotation has a new certificate, and so another digest, which `Verified` is then about.
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

  /// A condition, unless it is of a former specification.
  fileprivate func presentCondition(_ type: ConditionType) -> Condition? {
    guard let condition = status.condition(type),
      let observed = condition.observedGeneration ?? status.observedGeneration,
      observed >= generation
    else { return nil }
    return condition
  }
}

extension Condition {
  /// The condition in one line.
  fileprivate var line: String { "\(type.rawValue): \(reason): \(message)".inOneLine }
}

import JSON
import MilvusTLS

/// Where a rotation stands, judged from one state of the MilvusTLS after the other.
struct RotationProgress {
  enum State: Equatable {
    /// The new certificates are proven at work.
    case done
    /// What it waits for, for people; never empty.
    case goingOn([String])
    /// Why it does not come to an end by itself.
    case failed(String)
  }

  private let request: RotationRequest
  /// Digest of the certificates before.
  private let formerDigest: String?
  /// Reason of a `Verified=False` that stands since before the rotation: that is not the rotation's failure.
  private var formerRefutation: String?

  /// - Parameter before: the MilvusTLS when the rotation was asked for.
  init(_ request: RotationRequest, before: ObservedMilvusTLS) {
    self.request = request
    formerDigest = before.digest
    formerRefutation = before.refutation?["reason"]?.string
  }

  mutating func state(of milvusTLS: ObservedMilvusTLS) -> State {
    if milvusTLS.presentCondition("Ready")?["status"] == "False" {
      return .failed(CommandFailure(notReady: milvusTLS).description)
    }
    if let refutation = milvusTLS.refutation {
      let reason = refutation["reason"]?.string
      if reason == "RolloutUnfinished" || reason != formerRefutation { return .failed(refutation.note) }
    } else {
      formerRefutation = nil
    }
    let obstacles = obstacles(milvusTLS)
    return obstacles.isEmpty ? .done : .goingOn(obstacles)
  }

  /// What is still to come.
  private func obstacles(_ milvusTLS: ObservedMilvusTLS) -> [String] {
    let status = milvusTLS.status
    var obstacles: [String] = []
    if let pending = status.condition("RotationPending"), pending["status"] == "True" { obstacles.append(pending.note) }
    if let step = status[path: "authority", "step"]?.string {
      let message = status.condition("AuthorityRotating")?["message"]?.string
      obstacles.append(["AuthorityRotating", step, message].compactMap { $0 }.joined(separator: ": ").inOneLine)
    }
    // A rotation has a new certificate, and so another digest, which `Verified` then speaks of.
    guard request.isRecorded(in: status), let digest = milvusTLS.digest, digest != formerDigest else {
      return obstacles.isEmpty ? ["waiting for the operator to take it up"] : obstacles
    }
    guard let verified = milvusTLS.presentCondition("Verified") else {
      return obstacles + ["waiting for the operator to report on the present specification"]
    }
    return verified["status"] == "True" ? obstacles : obstacles + [verified.note]
  }
}

extension ObservedMilvusTLS {
  fileprivate var digest: String? { status[path: "certificate", "digest"]?.string }

  /// The condition `Verified` where it is False.
  fileprivate var refutation: JSONValue? { presentCondition("Verified").flatMap { $0["status"] == "False" ? $0 : nil } }

  /// A condition, unless it is of a former specification.
  fileprivate func presentCondition(_ type: String) -> JSONValue? {
    guard let condition = status.condition(type),
      let told = condition["observedGeneration"]?.integer ?? status["observedGeneration"]?.integer, told >= generation
    else { return nil }
    return condition
  }
}

extension JSONValue {
  /// A condition in one line.
  fileprivate var note: String {
    [self["type"], self["reason"], self["message"]].compactMap { $0?.string }.joined(separator: ": ").inOneLine
  }
}

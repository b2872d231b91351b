import MilvusTLS

extension CommandFailure {
  /// A MilvusTLS is not ready, for the reason that its status has.
  init(notReady milvusTLS: ObservedMilvusTLS) {
    let ready = milvusTLS.status.condition("Ready")
    let reason = [ready?["reason"]?.string, ready?["message"]?.string].compactMap { $0 }.joined(separator: ": ")
    self.init(
      "MilvusTLS \(milvusTLS.name) is not ready: \(reason.isEmpty ? "the operator has not reported on it yet" : reason)"
    )
  }
}

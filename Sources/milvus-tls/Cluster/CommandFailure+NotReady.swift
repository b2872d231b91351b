import MilvusTLS

extension CommandFailure {
  /// A MilvusTLS is not ready, for the reason that its status has.
  init(notReady milvusTLS: ObservedMilvusTLS) {
    let ready = milvusTLS.status.condition("Ready")
    let parts = [ready?["reason"]?.string, ready?["message"]?.string].compactMap { $0 }
    let reason = parts.isEmpty ? "the operator has not reported on it yet" : parts.joined(separator: ": ").inOneLine
    self.init("MilvusTLS \(milvusTLS.name) is not ready: \(reason)")
  }
}

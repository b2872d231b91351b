import MilvusTLS

extension CommandFailure {
  /// A MilvusTLS is not Ready, for the reason in its status.
  init(notReady milvusTLS: ObservedMilvusTLS) {
    let ready = milvusTLS.status.condition(.ready)
    let reason = ready.map { "\($0.reason): \($0.message)".inOneLine } ?? "the operator has not reported a status yet"
    self.init("MilvusTLS \(milvusTLS.name) is not Ready: \(reason)")
  }
}

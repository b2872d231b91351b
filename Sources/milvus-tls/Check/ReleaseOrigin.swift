/// Where a Milvus that is judged is written, whatever kind of file says it.
struct ReleaseOrigin {
  /// The place of a field of the Milvus resource, `spec.config.tls.caPemPath`.
  let place: (_ field: String) -> FilePlace
  /// The place of a value.
  let placeOfText: (_ text: String) -> FilePlace?
  /// A message about the Milvus resource, in the words of the file.
  var words: (_ message: String) -> String = { $0 }
  /// Whether the operator adds what the TLS needs; otherwise it has to be there.
  var isOperated = false
}

extension ReleaseOrigin {
  /// A Milvus resource.
  init(_ milvus: CheckedObject) {
    place = milvus.place(of:)
    placeOfText = milvus.place(ofText:)
    isOperated = true
  }
}

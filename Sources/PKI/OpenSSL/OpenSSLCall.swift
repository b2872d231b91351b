import COpenSSL

/// One operation over OpenSSL: turns its return codes and its error queue into a ``PKIError``.
///
/// The queue belongs to the thread, so an operation must not suspend between its start and its last check.
struct OpenSSLCall {
  let operation: String

  /// Starts an operation with an empty queue, so that nothing stale gets into its error.
  init(_ operation: String) {
    self.operation = operation
    ERR_clear_error()
  }

  /// The pointer, or what OpenSSL reports in its place.
  func check(_ pointer: OpaquePointer?) throws(PKIError) -> OpaquePointer {
    guard let pointer else { throw failure() }
    return pointer
  }

  /// Throws what OpenSSL reports unless the call returned a positive number, its sign of success.
  func check(_ status: Int32) throws(PKIError) {
    guard status > 0 else { throw failure() }
  }

  /// The error with the queue's text, after a few words of our own where they help.
  func failure(prefix: String = "") -> PKIError {
    PKIError(operation: operation, reason: prefix + (Self.drainQueue() ?? "OpenSSL gave no reason"))
  }

  /// The error with a reason of our own, for what OpenSSL does not judge or says less clearly.
  func failure(_ reason: String) -> PKIError {
    ERR_clear_error()
    return PKIError(operation: operation, reason: reason)
  }

  /// All entries, oldest (the cause) first; nil when there is none.
  private static func drainQueue() -> String? {
    var entries: [String] = []
    var data: UnsafePointer<CChar>?
    var flags: Int32 = 0
    while case let code = ERR_get_error_all(nil, nil, nil, &data, &flags), code != 0 {
      let text = text(of: code, data: flags & ERR_TXT_STRING != 0 ? data : nil)
      if !entries.contains(text) {
        entries.append(text)
      }
    }
    return entries.isEmpty ? nil : entries.joined(separator: "; ")
  }

  private static func text(of code: UInt, data: UnsafePointer<CChar>?) -> String {
    let library = ERR_lib_error_string(code).map { String(cString: $0) } ?? "OpenSSL"
    let reason = ERR_reason_error_string(code).map { String(cString: $0) } ?? "error \(String(code, radix: 16))"
    let detail = data.map { String(cString: $0) } ?? ""
    return "\(library): \(reason)" + (detail.isEmpty ? "" : " (\(detail))")
  }
}

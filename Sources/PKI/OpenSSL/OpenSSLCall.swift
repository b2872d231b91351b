import COpenSSL

/// One operation with OpenSSL: turns its return codes and error queue into a ``PKIError``.
///
/// The error queue belongs to the thread, so an operation must not suspend between its start and its last check.
struct OpenSSLCall {
  let operation: String

  /// Starts an operation with an empty error queue, so that its error contains nothing stale.
  init(_ operation: String) {
    self.operation = operation
    ERR_clear_error()
  }

  /// Returns the pointer, or throws OpenSSL's error if it is null.
  func check(_ pointer: OpaquePointer?) throws(PKIError) -> OpaquePointer {
    guard let pointer else { throw failure() }
    return pointer
  }

  /// Throws OpenSSL's error unless the call returned a positive number, which means success.
  func check(_ status: Int32) throws(PKIError) {
    guard status > 0 else { throw failure() }
  }

  /// An error with the text of the queue, optionally after a prefix.
  func failure(prefix: String = "") -> PKIError {
    PKIError(operation: operation, reason: prefix + (Self.drainQueue() ?? "unknown OpenSSL error"))
  }

  /// An error with our own reason, if OpenSSL's is missing or less clear.
  func failure(_ reason: String) -> PKIError {
    ERR_clear_error()
    return PKIError(operation: operation, reason: reason)
  }

  /// All entries, the oldest (the cause) first; nil if there are none.
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

import COpenSSL

extension Certificate {
  /// Owns one `X509`.
  ///
  /// Sendable because nothing changes the certificate after it was read or signed: every call only reads it, its
  /// reference count is atomic, and OpenSSL fills its cache of extensions under the certificate's own lock.
  final class Handle: @unchecked Sendable {
    private let pointer: OpaquePointer

    /// Takes ownership of the caller's reference.
    init(owning pointer: OpaquePointer) {
      self.pointer = pointer
    }

    deinit {
      X509_free(pointer)
    }

    /// Provides the certificate for the duration of one call.
    func withPointer<Result>(_ body: (OpaquePointer) throws -> Result) rethrows -> Result {
      try withExtendedLifetime(self) { try body(pointer) }
    }
  }
}

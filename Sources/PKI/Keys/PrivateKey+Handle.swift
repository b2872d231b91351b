import COpenSSL

extension PrivateKey {
  /// Owns one `EVP_PKEY`.
  ///
  /// Sendable because nothing here changes the key after it was made or read: every call takes it to read, its reference
  /// count is atomic, and the caches that OpenSSL keeps inside it are under OpenSSL's own lock.
  final class Handle: @unchecked Sendable {
    private let pointer: OpaquePointer

    /// Takes over the caller's reference.
    init(owning pointer: OpaquePointer) {
      self.pointer = pointer
    }

    deinit {
      EVP_PKEY_free(pointer)
    }

    /// Lends the key for the length of one call.
    func withPointer<Result>(_ body: (OpaquePointer) throws -> Result) rethrows -> Result {
      try withExtendedLifetime(self) { try body(pointer) }
    }
  }
}

import COpenSSL

extension PrivateKey {
  /// Owns one `EVP_PKEY`.
  ///
  /// Sendable because nothing changes the key after it was generated or read: every call only reads it, its reference
  /// count is atomic, and OpenSSL protects the caches inside it with its own lock.
  final class Handle: @unchecked Sendable {
    private let pointer: OpaquePointer

    /// Takes ownership of the caller's reference.
    init(owning pointer: OpaquePointer) {
      self.pointer = pointer
    }

    deinit {
      EVP_PKEY_free(pointer)
    }

    /// Provides the key for the duration of one call.
    func withPointer<Result>(_ body: (OpaquePointer) throws -> Result) rethrows -> Result {
      try withExtendedLifetime(self) { try body(pointer) }
    }
  }
}

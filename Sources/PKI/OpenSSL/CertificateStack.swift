import COpenSSL

/// OpenSSL's lists of certificates (`STACK_OF(X509)`).
enum CertificateStack {
  /// Provides the certificates as a stack that borrows them.
  static func withStack<Result>(
    of certificates: [Certificate],
    for call: OpenSSLCall,
    _ body: (OpaquePointer) throws -> Result
  ) throws -> Result {
    let stack = try call.check(COpenSSL_certificatesNew())
    defer { COpenSSL_certificatesFree(stack) }
    return try withExtendedLifetime(certificates) {
      for certificate in certificates {
        try certificate.handle.withPointer { try call.check(COpenSSL_certificatesPush(stack, $0)) }
      }
      return try body(stack)
    }
  }

  /// The certificates of a stack that OpenSSL owns; they outlive it.
  static func certificates(in stack: OpaquePointer, for call: OpenSSLCall) throws -> [Certificate] {
    try (0..<COpenSSL_certificatesCount(stack)).map { index in
      let pointer = try call.check(COpenSSL_certificatesValue(stack, index))
      try call.check(X509_up_ref(pointer))
      return try Certificate(Certificate.Handle(owning: pointer), for: call)
    }
  }
}

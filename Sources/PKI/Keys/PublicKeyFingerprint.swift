import COpenSSL

extension PrivateKey {
  /// SHA-256 of the public half (SubjectPublicKeyInfo) in lower-case hexadecimal. It identifies the key and reveals
  /// nothing secret.
  ///
  /// - Throws: ``PKIError`` with OpenSSL's reason.
  public func publicKeyFingerprint() throws -> String {
    try handle.withPointer { try fingerprint(of: $0) }
  }
}

extension Certificate {
  /// SHA-256 of the public key (SubjectPublicKeyInfo) in lower-case hexadecimal; equal to that of its private key.
  ///
  /// - Throws: ``PKIError`` with OpenSSL's reason.
  public func publicKeyFingerprint() throws -> String {
    try handle.withPointer { certificate in
      let call = OpenSSLCall("read the public key of a certificate")
      return try fingerprint(of: try call.check(X509_get0_pubkey(certificate)))
    }
  }
}

private func fingerprint(of key: OpaquePointer) throws -> String {
  let call = OpenSSLCall("encode a public key")
  var bytes: UnsafeMutablePointer<UInt8>?
  let count = i2d_PUBKEY(key, &bytes)
  guard count > 0, let bytes else { throw call.failure() }
  defer { COpenSSL_free(bytes) }
  return try SHA256Digest.hexadecimal(of: Array(UnsafeBufferPointer(start: bytes, count: Int(count))))
}

import COpenSSL

/// A private key with its public half.
///
/// No description shows key material; only ``pem()`` returns it.
public struct PrivateKey: Sendable, CustomStringConvertible {
  let handle: Handle

  /// Generates a key with OpenSSL's random generator.
  ///
  /// - Throws: ``PKIError`` for an RSA size other than 2048, 3072 and 4096 bits.
  public init(generating algorithm: Algorithm) throws {
    let call = OpenSSLCall("generate a private key (\(algorithm))")
    let pointer =
      switch algorithm {
      case .ecdsa(let curve): COpenSSL_generateEC(curve.openSSLName)
      case .rsa(let bits): COpenSSL_generateRSA(try Algorithm.checkedRSASize(bits))
      case .ed25519: COpenSSL_generateEd25519()
      }
    handle = Handle(owning: try call.check(pointer))
  }

  /// Reads the first private key of a PEM text: PKCS#8 (RFC 5958), PKCS#1 (RFC 8017) or SEC 1 (RFC 5915).
  ///
  /// - Throws: ``PKIError`` if there is none, or it is malformed or encrypted. The user is never prompted for a
  ///   passphrase.
  public init(pem: String) throws {
    let call = OpenSSLCall("read a private key")
    guard pem.contains("PRIVATE KEY-----") else {
      throw call.failure("the text contains no PEM private key (-----BEGIN PRIVATE KEY-----)")
    }
    var prompt = PassphrasePrompt()
    let pointer = try MemoryBIO.read(pem, for: call) { bio in
      prompt.refuse { PEM_read_bio_PrivateKey(bio, nil, $0, $1) }
    }
    guard !prompt.wasAsked else {
      if let pointer { EVP_PKEY_free(pointer) }
      throw call.failure("the private key is encrypted; store it without a passphrase")
    }
    guard let pointer else { throw call.failure(prefix: "the PEM block is malformed or of an unknown type: ") }
    handle = Handle(owning: pointer)
    ERR_clear_error()
  }

  /// The key as unencrypted PKCS#8, `-----BEGIN PRIVATE KEY-----`.
  ///
  /// - Throws: ``PKIError`` with OpenSSL's reason.
  public func pem() throws -> String {
    let call = OpenSSLCall("write a private key")
    return try handle.withPointer { key in
      try MemoryBIO.write(for: call) { bio in
        try call.check(PEM_write_bio_PKCS8PrivateKey(bio, key, nil, nil, 0, nil, nil))
      }
    }
  }

  /// Algorithm of the key; nil for one that this module does not generate, such as RSA-PSS or another curve.
  public var algorithm: Algorithm? {
    handle.withPointer { Algorithm(of: $0) }
  }

  /// The algorithm only.
  public var description: String {
    "PrivateKey(\(algorithm?.description ?? "other algorithm"))"
  }
}

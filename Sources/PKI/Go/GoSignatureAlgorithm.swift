import COpenSSL

/// The algorithm of a certificate's signature as Go's crypto/x509 knows it.
enum GoSignatureAlgorithm: Sendable, Hashable {
  enum Hash: Sendable, Hashable {
    case sha256
    case sha384
    case sha512
  }

  case rsa(Hash)
  case rsaPSS(Hash)
  case ecdsa(Hash)
  case ed25519
  /// With MD5 or SHA-1: Go builds no chain with it.
  case insecure(String)
  /// DSA, and what Go does not know.
  case unsupported(String)

  init(_ identifier: AlgorithmIdentifier) {
    switch identifier.algorithm {
    case Self.pss: self = Self.pss(identifier) ?? .unsupported("RSASSA-PSS with these parameters")
    case Self.ed25519Identifier:
      self = identifier.parameters == nil ? .ed25519 : .unsupported("Ed25519 with parameters")
    default: self = Self.known[identifier.algorithm] ?? .unsupported(Self.name(identifier.algorithm))
    }
  }

  /// Whether it is the signature of the key's owner over the octets.
  ///
  /// - Parameter information: the encoded SubjectPublicKeyInfo.
  /// - Throws: ``GoRefusal`` if Go does not verify such a signature, or it is wrong.
  func verify(_ signature: [UInt8], over octets: [UInt8], key: GoPublicKey, information: [UInt8]) throws(GoRefusal) {
    switch (self, key) {
    case (.insecure(let name), _):
      throw GoRefusal("is signed with \(name), which Go refuses: issue it again with SHA-256")
    case (.unsupported(let name), _):
      throw GoRefusal("is signed with \(name), which Go does not support: issue it again with ECDSA or RSA and SHA-256")
    case (.rsa, .rsa), (.rsaPSS, .rsa), (.ecdsa, .ecdsa), (.ed25519, .ed25519): break
    default: throw GoRefusal("is not signed with the key of its issuer")
    }
    guard isSignature(signature, over: octets, information: information) else {
      throw GoRefusal("is not signed with the key of its issuer")
    }
  }

  private func isSignature(_ signature: [UInt8], over octets: [UInt8], information: [UInt8]) -> Bool {
    defer { ERR_clear_error() }
    guard let key = PublicKeyPointer.read(information), let context = EVP_MD_CTX_new() else { return false }
    defer {
      EVP_PKEY_free(key)
      EVP_MD_CTX_free(context)
    }
    var keyContext: OpaquePointer?
    guard EVP_DigestVerifyInit(context, &keyContext, digest, nil, key) == 1 else { return false }
    if case .rsaPSS = self {
      guard EVP_PKEY_CTX_set_rsa_padding(keyContext, RSA_PKCS1_PSS_PADDING) == 1,
        EVP_PKEY_CTX_set_rsa_pss_saltlen(keyContext, RSA_PSS_SALTLEN_DIGEST) == 1
      else { return false }
    }
    return EVP_DigestVerify(context, signature, signature.count, octets, octets.count) == 1
  }

  private var digest: OpaquePointer? {
    switch self {
    case .rsa(let hash), .rsaPSS(let hash), .ecdsa(let hash):
      switch hash {
      case .sha256: EVP_sha256()
      case .sha384: EVP_sha384()
      case .sha512: EVP_sha512()
      }
    case .ed25519, .insecure, .unsupported: nil
    }
  }

  private static func rsaArc(_ arc: Int) -> [UInt8] { ObjectIdentifier.encode([1, 2, 840, 113549, 1, 1, arc]) }

  private static let pss = rsaArc(10)
  private static let maskGeneration = rsaArc(8)
  private static let ed25519Identifier = ObjectIdentifier.encode([1, 3, 101, 112])

  private static let known: [[UInt8]: GoSignatureAlgorithm] = [
    rsaArc(4): .insecure("MD5"),
    rsaArc(5): .insecure("SHA-1"),
    ObjectIdentifier.encode([1, 3, 14, 3, 2, 29]): .insecure("SHA-1"),
    rsaArc(11): .rsa(.sha256),
    rsaArc(12): .rsa(.sha384),
    rsaArc(13): .rsa(.sha512),
    ObjectIdentifier.encode([1, 2, 840, 10040, 4, 3]): .insecure("SHA-1"),
    ObjectIdentifier.encode([1, 2, 840, 10045, 4, 1]): .insecure("SHA-1"),
    ObjectIdentifier.encode([1, 2, 840, 10045, 4, 3, 2]): .ecdsa(.sha256),
    ObjectIdentifier.encode([1, 2, 840, 10045, 4, 3, 3]): .ecdsa(.sha384),
    ObjectIdentifier.encode([1, 2, 840, 10045, 4, 3, 4]): .ecdsa(.sha512),
  ]

  private static let hashes: [[UInt8]: (hash: Hash, size: Int)] = [
    ObjectIdentifier.encode([2, 16, 840, 1, 101, 3, 4, 2, 1]): (.sha256, 32),
    ObjectIdentifier.encode([2, 16, 840, 1, 101, 3, 4, 2, 2]): (.sha384, 48),
    ObjectIdentifier.encode([2, 16, 840, 1, 101, 3, 4, 2, 3]): (.sha512, 64),
  ]

  /// Go takes the mask generation function with the hash of the message, and a salt as long as the hash.
  private static func pss(_ identifier: AlgorithmIdentifier) -> GoSignatureAlgorithm? {
    var outer = DERReader(identifier.parameters ?? [])
    guard var parameters = try? outer.read(Tag.sequence, ""),
      var first = try? parameters.read(Tag.constructed(0), ""),
      let message = try? AlgorithmIdentifier(&first, ""),
      var second = try? parameters.read(Tag.constructed(1), ""),
      let mask = try? AlgorithmIdentifier(&second, ""), mask.algorithm == maskGeneration,
      var third = try? parameters.read(Tag.constructed(2), ""),
      let salt = try? third.smallInteger("")
    else { return nil }
    var maskParameters = DERReader(mask.parameters ?? [])
    guard let maskHash = try? AlgorithmIdentifier(&maskParameters, ""), maskHash.algorithm == message.algorithm,
      [message, maskHash].allSatisfy({ $0.parameters == nil || $0.hasNull }),
      let (hash, size) = hashes[message.algorithm], salt == size
    else { return nil }
    if var trailer = try? parameters.readOptional(Tag.constructed(3), "") {
      guard (try? trailer.smallInteger("")) == 1 else { return nil }
    }
    return .rsaPSS(hash)
  }

  private static func name(_ identifier: [UInt8]) -> String {
    let text = ObjectIdentifier.text(identifier)
    let number = OBJ_txt2nid(text)
    return number == NID_undef ? text : OBJ_nid2ln(number).map { String(cString: $0) } ?? text
  }
}

/// Public keys of OpenSSL.
enum PublicKeyPointer {
  /// Reads a SubjectPublicKeyInfo; the caller frees the key.
  static func read(_ information: [UInt8]) -> OpaquePointer? {
    information.withUnsafeBufferPointer { bytes in
      var position = bytes.baseAddress
      return d2i_PUBKEY(nil, &position, bytes.count)
    }
  }
}

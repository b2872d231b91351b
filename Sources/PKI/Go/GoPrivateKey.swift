import COpenSSL

/// Private keys as Go's crypto/tls reads them: PKCS#1, PKCS#8 or SEC 1, whatever the label of the block says.
enum GoPrivateKey {
  private static let rsaAlgorithm = ObjectIdentifier.encode([1, 2, 840, 113549, 1, 1, 1])
  private static let ecAlgorithm = ObjectIdentifier.encode([1, 2, 840, 10045, 2, 1])
  private static let ed25519Algorithm = ObjectIdentifier.encode([1, 3, 101, 112])

  /// The public half of the key in a block.
  ///
  /// - Throws: ``GoRefusal`` if Go reads no key that can serve.
  static func publicKey(of block: PEMBlock) throws(GoRefusal) -> GoPublicKey {
    if let key = rsa(block.bytes) ?? pkcs8(block.bytes) ?? sec1(block.bytes[...], curve: nil) { return key }
    throw GoRefusal(problem(of: block))
  }

  private static func problem(of block: PEMBlock) -> String {
    if block.label == "ENCRYPTED PRIVATE KEY" || block.headers["Proc-Type"]?.contains("ENCRYPTED") == true {
      return "is encrypted, and Milvus cannot ask for a passphrase: store it without: openssl pkey -in FILE -out FILE"
    }
    var outer = DERReader(block.bytes)
    if var fields = try? outer.read(Tag.sequence, ""), (try? fields.integer("")) != nil,
      let algorithm = try? AlgorithmIdentifier(&fields, "")
    {
      let known = [rsaAlgorithm, ecAlgorithm, ed25519Algorithm].contains(algorithm.algorithm)
      let name = GoCurve.name(algorithm.algorithm)
      guard known else { return "holds a key that Go cannot serve with (\(name)): use ECDSA P-256, RSA or Ed25519" }
      if algorithm.algorithm == ecAlgorithm {
        var parameters = DERReader(algorithm.parameters ?? [])
        if let curve = try? parameters.objectIdentifier(""), GoCurve(curve) == nil {
          return
            "holds a key on an elliptic curve that Go does not support (\(GoCurve.name(curve))): use P-256 or P-384"
        }
      }
    }
    return
      "holds a private key that Go cannot read (block \(block.label)): write it anew with openssl pkey, or make another"
  }

  // MARK: PKCS#8 (RFC 5958)

  private static func pkcs8(_ bytes: [UInt8]) -> GoPublicKey? {
    var outer = DERReader(bytes)
    guard var fields = try? outer.read(Tag.sequence, ""), (try? fields.smallInteger("")) != nil,
      let algorithm = try? AlgorithmIdentifier(&fields, ""), let key = try? fields.element(Tag.octetString, "").content
    else { return nil }
    switch algorithm.algorithm {
    case rsaAlgorithm: return rsa(Array(key))
    case ecAlgorithm:
      var parameters = DERReader(algorithm.parameters ?? [])
      guard let identifier = try? parameters.objectIdentifier("") else { return sec1(key, curve: nil) }
      return GoCurve(identifier).flatMap { sec1(key, curve: $0) }
    case ed25519Algorithm:
      var seed = DERReader(key)
      guard algorithm.parameters == nil, let octets = try? seed.element(Tag.octetString, "").content, octets.count == 32
      else { return nil }
      return ed25519(Array(octets))
    default: return nil
    }
  }

  private static func ed25519(_ seed: [UInt8]) -> GoPublicKey? {
    guard let key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, seed.count) else { return nil }
    defer { EVP_PKEY_free(key) }
    var octets = [UInt8](repeating: 0, count: 32)
    var count = octets.count
    return EVP_PKEY_get_raw_public_key(key, &octets, &count) == 1 ? .ed25519(octets) : nil
  }

  // MARK: SEC 1 (RFC 5915)

  /// - Parameter curve: from PKCS#8, which goes before the curve in the key itself.
  private static func sec1(_ bytes: ArraySlice<UInt8>, curve given: GoCurve?) -> GoPublicKey? {
    var outer = DERReader(bytes)
    guard var fields = try? outer.read(Tag.sequence, ""), (try? fields.smallInteger("")) == 1,
      let key = try? fields.element(Tag.octetString, "").content
    else { return nil }
    var own: GoCurve?
    // Another type under a tag is passed over, with the tag.
    var content = fields
    guard fields.hasHeaderOrNothing else { return nil }
    if fields.isNext(Tag.constructed(0)) {
      guard content.enter(Tag.constructed(0)) else { return nil }
      if content.isNext(Tag.objectIdentifier) {
        guard let identifier = try? content.objectIdentifier("") else { return nil }
        own = GoCurve(identifier)
        fields = content
      }
    }
    guard fields.hasHeaderOrNothing else { return nil }
    if fields.isNext(Tag.constructed(1)) {
      guard fields.enter(Tag.constructed(1)) else { return nil }
      if fields.isNext(Tag.bitString), (try? fields.bitString("")) == nil { return nil }
    }
    guard let curve = given ?? own, key.dropLast(curve.size).allSatisfy({ $0 == 0 }) else { return nil }
    return curve.publicPoint(privateKey: Array(key)).map { .ecdsa(curve, point: $0) }
  }

  // MARK: PKCS#1 (RFC 8017)

  private static func rsa(_ bytes: [UInt8]) -> GoPublicKey? {
    var outer = DERReader(bytes)
    guard var fields = try? outer.read(Tag.sequence, ""), outer.isEmpty,
      let version = try? fields.smallInteger(""), version <= 1,
      let modulus = try? fields.positiveInteger(""), let exponent = try? fields.smallInteger(""),
      let numbers = RSANumbers(modulus: modulus, exponent: exponent, &fields), numbers.areConsistent
    else { return nil }
    return .rsa(modulus: modulus, exponent: exponent)
  }
}

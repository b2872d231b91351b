import COpenSSL

/// A public key as Go's crypto/x509 reads it from a certificate.
enum GoPublicKey: Sendable, Hashable {
  /// The modulus without leading zeros, and the exponent.
  case rsa(modulus: [UInt8], exponent: Int)
  /// An uncompressed point (SEC 1, 2.3.3).
  case ecdsa(GoCurve, point: [UInt8])
  case ed25519([UInt8])
  case dsa
  /// An algorithm that Go does not know: such a certificate can be read, and neither serve nor sign.
  case unknown(algorithm: String)

  private static let rsaAlgorithm = ObjectIdentifier.encode([1, 2, 840, 113549, 1, 1, 1])
  private static let ecAlgorithm = ObjectIdentifier.encode([1, 2, 840, 10045, 2, 1])
  private static let ed25519Algorithm = ObjectIdentifier.encode([1, 3, 101, 112])
  private static let dsaAlgorithm = ObjectIdentifier.encode([1, 2, 840, 10040, 4, 1])

  /// Reads the content of a SubjectPublicKeyInfo.
  init(_ information: DERReader) throws(GoRefusal) {
    var information = information
    let algorithm = try AlgorithmIdentifier(&information, "subjectPublicKeyInfo")
    let key = try information.bitString("subjectPublicKey")
    guard key.unusedBits == 0 else { throw GoRefusal("is malformed (subjectPublicKey)") }
    switch algorithm.algorithm {
    case Self.rsaAlgorithm:
      guard algorithm.hasNull else { throw GoRefusal("has an RSA key without the parameter NULL") }
      var outer = DERReader(key.octets)
      var numbers = try outer.read(Tag.sequence, "RSA key")
      self = .rsa(
        modulus: try numbers.positiveInteger("RSA modulus"),
        exponent: try Self.exponent(&numbers)
      )
    case Self.ecAlgorithm: self = .ecdsa(try Self.curve(algorithm), point: Array(key.octets))
    case Self.ed25519Algorithm:
      guard algorithm.parameters == nil, key.octets.count == 32 else { throw GoRefusal("has a malformed Ed25519 key") }
      self = .ed25519(Array(key.octets))
    case Self.dsaAlgorithm:
      try Self.checkDSA(key.octets, algorithm)
      self = .dsa
    default: self = .unknown(algorithm: ObjectIdentifier.text(algorithm.algorithm))
    }
    if case .ecdsa(let curve, let point) = self, !curve.contains(point) {
      throw GoRefusal(
        "has an EC key that is no uncompressed point of its curve: issue it with a key as `openssl ecparam -genkey` makes it"
      )
    }
  }

  /// Why a server in Go cannot sign a TLS 1.3 handshake with it, or a client would not verify it; nil where both work.
  var handshakeRefusal: GoRefusal? {
    switch self {
    case .rsa(let modulus, _) where modulus.bitCount < 1024:
      GoRefusal("has an RSA key of \(modulus.bitCount) bits, under 1024, which Go refuses: issue it with 2048 or more")
    case .ecdsa(.p224, _):
      GoRefusal("has a key on curve P-224, which TLS 1.3 does not have: issue it with P-256 or P-384")
    default: oversize
    }
  }

  /// A client of Go takes no RSA key of over 8192 bits, wherever it is in the chain.
  var oversize: GoRefusal? {
    guard case .rsa(let modulus, _) = self, modulus.bitCount > 8192 else { return nil }
    return GoRefusal(
      "has an RSA key of \(modulus.bitCount) bits, over 8192, which Go refuses: issue it with 4096 or fewer"
    )
  }

  /// Why Go verifies no signature with it; nil where it does.
  var verificationRefusal: GoRefusal? {
    switch self {
    case .rsa(let modulus, let exponent):
      if modulus.bitCount < 1024 { return GoRefusal("has an RSA key of \(modulus.bitCount) bits, under 1024") }
      guard modulus.last.map({ $0 & 1 == 1 }) == true, (3...Int(Int32.max)).contains(exponent), exponent & 1 == 1 else {
        return GoRefusal("has an RSA key with a modulus or exponent that Go refuses")
      }
      return nil
    case .ecdsa, .ed25519: return nil
    case .dsa: return GoRefusal("has a DSA key, with which Go verifies nothing")
    case .unknown(let algorithm): return GoRefusal("has a key of the unknown algorithm \(algorithm)")
    }
  }

  private static func exponent(_ numbers: inout DERReader) throws(GoRefusal) -> Int {
    let exponent = try numbers.smallInteger("RSA exponent")
    guard exponent > 0 else { throw GoRefusal("is malformed (RSA exponent)") }
    return exponent
  }

  private static func curve(_ algorithm: AlgorithmIdentifier) throws(GoRefusal) -> GoCurve {
    var parameters = DERReader(algorithm.parameters ?? [])
    guard let identifier = try? parameters.objectIdentifier("curve") else {
      throw GoRefusal("has an EC key without a named curve: issue it with P-256 or P-384")
    }
    guard let curve = GoCurve(identifier) else {
      throw GoRefusal(
        "has a key on an elliptic curve that Go does not support (\(GoCurve.name(identifier))): issue it with P-256 or P-384"
      )
    }
    return curve
  }

  private static func checkDSA(_ key: ArraySlice<UInt8>, _ algorithm: AlgorithmIdentifier) throws(GoRefusal) {
    var key = DERReader(key)
    _ = try key.positiveInteger("DSA key")
    var outer = DERReader(algorithm.parameters ?? [])
    var numbers = try outer.read(Tag.sequence, "DSA parameters")
    for _ in 0..<3 { _ = try numbers.positiveInteger("DSA parameters") }
  }
}

/// An AlgorithmIdentifier (RFC 5280, 4.1.1.2).
struct AlgorithmIdentifier: Sendable, Hashable {
  let algorithm: [UInt8]
  /// The encoded parameters; nil where there are none.
  let parameters: ArraySlice<UInt8>?

  /// Reads the next element, which is one.
  init(_ reader: inout DERReader, _ part: String) throws(GoRefusal) {
    try self.init(try reader.read(Tag.sequence, part), part)
  }

  /// Reads the content of one.
  init(_ content: DERReader, _ part: String) throws(GoRefusal) {
    var content = content
    algorithm = try content.objectIdentifier(part)
    parameters = content.isEmpty ? nil : try content.element(part).encoding
  }

  /// Whether the parameters are NULL.
  var hasNull: Bool { parameters.map { Array($0) == [5, 0] } ?? false }
}

extension [UInt8] {
  /// The length in bits of a number without leading zeros.
  var bitCount: Int { first.map { count * 8 - $0.leadingZeroBitCount } ?? 0 }
}

import COpenSSL

extension PrivateKey {
  /// Algorithm and size of a key.
  public enum Algorithm: Sendable, Hashable, CustomStringConvertible {
    /// Elliptic curve keys (FIPS 186-4).
    case ecdsa(Curve)
    /// RSA; keys can be generated with 2048, 3072 or 4096 bits.
    case rsa(bits: Int)
    /// Edwards curve keys (RFC 8032).
    case ed25519

    /// A curve of NIST SP 800-186.
    public enum Curve: Sendable, Hashable, CaseIterable {
      case p256
      case p384
    }

    private static let rsaSizes = [2048, 3072, 4096]

    /// Parses the spec's algorithm and size: `ECDSA` with 256 (the default) or 384, `RSA` with 2048 (the default), 3072
    /// or 4096, `Ed25519` without a size.
    ///
    /// - Throws: ``PKIError`` that names the value and the allowed values.
    public init(name: String, size: Int? = nil) throws {
      switch name {
      case "ECDSA": self = .ecdsa(try Self.curve(size: size ?? 256))
      case "RSA": self = .rsa(bits: Int(try Self.checkedRSASize(size ?? 2048)))
      case "Ed25519":
        if let size {
          throw Self.refusal("size \(size) is not allowed for Ed25519: omit the size")
        }
        self = .ed25519
      default: throw Self.refusal("algorithm \(name.debugDescription) is unknown: use ECDSA, RSA or Ed25519")
      }
    }

    /// The algorithm of an `EVP_PKEY`; nil for any other algorithm.
    init?(of key: OpaquePointer) {
      if EVP_PKEY_is_a(key, "RSA") == 1 {
        self = .rsa(bits: Int(EVP_PKEY_get_bits(key)))
      } else if EVP_PKEY_is_a(key, "ED25519") == 1 {
        self = .ed25519
      } else if EVP_PKEY_is_a(key, "EC") == 1, let curve = Curve(of: key) {
        self = .ecdsa(curve)
      } else {
        return nil
      }
    }

    /// `ECDSA P-256`, `RSA 2048`, `Ed25519`.
    public var description: String {
      switch self {
      case .ecdsa(.p256): "ECDSA P-256"
      case .ecdsa(.p384): "ECDSA P-384"
      case .rsa(let bits): "RSA \(bits)"
      case .ed25519: "Ed25519"
      }
    }

    static func checkedRSASize(_ bits: Int) throws -> Int {
      guard rsaSizes.contains(bits) else {
        throw refusal("size \(bits) is not allowed for RSA: use 2048, 3072 or 4096")
      }
      return bits
    }

    private static func curve(size: Int) throws -> Curve {
      switch size {
      case 256: .p256
      case 384: .p384
      default: throw refusal("size \(size) is not allowed for ECDSA: use 256 or 384")
      }
    }

    private static func refusal(_ reason: String) -> PKIError {
      PKIError(operation: "choose a private key algorithm", reason: reason)
    }
  }
}

extension PrivateKey.Algorithm.Curve {
  /// OpenSSL's name of the curve.
  var openSSLName: String {
    switch self {
    case .p256: "prime256v1"
    case .p384: "secp384r1"
    }
  }

  fileprivate init?(of key: OpaquePointer) {
    var name = [CChar](repeating: 0, count: 64)
    var length = 0
    guard EVP_PKEY_get_group_name(key, &name, name.count, &length) == 1 else {
      ERR_clear_error()
      return nil
    }
    let bytes = name.prefix(length).map(UInt8.init(bitPattern:))
    let found = Self.allCases.first { $0.openSSLName.utf8.elementsEqual(bytes) }
    guard let found else { return nil }
    self = found
  }
}

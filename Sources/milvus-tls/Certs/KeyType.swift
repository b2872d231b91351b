import ArgumentParser
import PKI

/// Type of a private key, as an argument.
enum KeyType: String, CaseIterable {
  case rsa2048 = "rsa-2048"
  case rsa3072 = "rsa-3072"
  case rsa4096 = "rsa-4096"
  case ecdsaP256 = "ecdsa-p256"
  case ecdsaP384 = "ecdsa-p384"
  case ed25519

  /// - Throws: `ValidationError` with the allowed values, in one line.
  init(argument: String) throws {
    guard let type = KeyType(rawValue: argument) else { throw ValidationError("must be one of \(Self.list)") }
    self = type
  }

  var algorithm: PrivateKey.Algorithm {
    switch self {
    case .rsa2048: .rsa(bits: 2048)
    case .rsa3072: .rsa(bits: 3072)
    case .rsa4096: .rsa(bits: 4096)
    case .ecdsaP256: .ecdsa(.p256)
    case .ecdsaP384: .ecdsa(.p384)
    case .ed25519: .ed25519
    }
  }

  /// All values, for messages.
  static let list = allCases.map(\.rawValue).joined(separator: ", ")
}

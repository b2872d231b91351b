import COpenSSL
import Foundation

/// Why a certificate chain is invalid.
public struct ChainFault: Sendable, Hashable, CustomStringConvertible {
  /// Kinds of fault that call for different remedies.
  public enum Kind: Sendable, Hashable {
    /// The chain does not lead to a trusted CA: the CA is unknown, an intermediate is missing, or a signature is
    /// invalid.
    case untrusted
    /// The certificate is not valid for the name.
    case wrongName
    /// The leaf or a CA above it has expired.
    case expired
    /// The leaf or a CA above it is not valid yet.
    case notYetValid
    /// The certificate is for the other side of a connection.
    case wrongPurpose
    /// Any other violation of RFC 5280, section 6.
    case other

    /// - Parameter code: OpenSSL's `X509_V_ERR_...`.
    init(_ code: Int32) {
      switch code {
      case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
        X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
        X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, X509_V_ERR_CERT_SIGNATURE_FAILURE, X509_V_ERR_CERT_UNTRUSTED:
        self = .untrusted
      case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH: self = .wrongName
      case X509_V_ERR_CERT_HAS_EXPIRED: self = .expired
      case X509_V_ERR_CERT_NOT_YET_VALID: self = .notYetValid
      case X509_V_ERR_INVALID_PURPOSE: self = .wrongPurpose
      default: self = .other
      }
    }
  }

  /// The kind of fault, which determines the remedy.
  public let kind: Kind
  /// The certificate, its depth (0 is the leaf) and OpenSSL's reason.
  public let error: PKIError

  /// A fault.
  public init(kind: Kind, error: PKIError) {
    self.kind = kind
    self.error = error
  }

  /// The text of the error.
  public var description: String { error.description }
}

extension ChainFault {
  /// That a certificate has expired, or is not valid yet; nil where neither.
  static func dates(of certificate: Certificate, at date: Date) -> ChainFault? {
    guard date < certificate.notBefore || date >= certificate.notAfter else { return nil }
    let kind: Kind = date < certificate.notBefore ? .notYetValid : .expired
    let operation = "verify the server certificate \(certificate.subject.label)"
    let reason = kind == .expired ? "certificate has expired" : "certificate is not yet valid"
    return ChainFault(kind: kind, error: PKIError(operation: operation, reason: reason))
  }
}

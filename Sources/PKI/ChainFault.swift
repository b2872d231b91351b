import COpenSSL

/// What is wrong with a certificate chain.
public struct ChainFault: Sendable, Hashable, CustomStringConvertible {
  /// Kinds of fault that call for different remedies.
  public enum Kind: Sendable, Hashable {
    /// No trusted authority vouches for the chain: a foreign one, a missing intermediate or a false signature.
    case untrusted
    /// The certificate is another host's.
    case wrongName
    /// Of the leaf or an authority above it.
    case expired
    /// Of the leaf or an authority above it.
    case notYetValid
    /// The certificate is not for this side of a connection.
    case wrongPurpose
    /// Anything else that RFC 5280, 6 forbids.
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

  /// Which remedy it calls for.
  public let kind: Kind
  /// The certificate, its depth (0 is the leaf) and OpenSSL's reason.
  public let error: PKIError

  /// A fault of a kind.
  public init(kind: Kind, error: PKIError) {
    self.kind = kind
    self.error = error
  }

  /// The error's text.
  public var description: String { error.description }
}

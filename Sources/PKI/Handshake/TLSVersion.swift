import COpenSSL

/// A TLS version supported by the probe; older versions are not (RFC 8996).
public enum TLSVersion: String, Sendable, Hashable, CustomStringConvertible {
  /// RFC 5246.
  case tls12 = "TLS 1.2"
  /// RFC 8446.
  case tls13 = "TLS 1.3"

  /// - Parameter number: as on the wire; nil for any other version.
  init?(number: Int32) {
    switch number {
    case TLS1_2_VERSION: self = .tls12
    case TLS1_3_VERSION: self = .tls13
    default: return nil
    }
  }

  /// `TLS 1.3`.
  public var description: String { rawValue }
}

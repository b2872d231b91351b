import COpenSSL

/// A TLS alert: why a peer ended a connection (RFC 8446, 6.2; IANA's registry of TLS alerts).
public struct TLSAlert: Sendable, Hashable, CustomStringConvertible {
  /// The number on the wire.
  public let code: UInt8

  /// An alert by its number.
  public init(code: UInt8) {
    self.code = code
  }

  /// 40. Sent by OpenSSL servers for a missing client certificate in TLS 1.2, and by any server without a common
  /// algorithm.
  public static let handshakeFailure = TLSAlert(code: 40)
  /// 42. Sent by older Go servers, including those in Milvus 2.3, for a client certificate that is missing, untrusted
  /// or for another purpose.
  public static let badCertificate = TLSAlert(code: 42)
  /// 43.
  public static let unsupportedCertificate = TLSAlert(code: 43)
  /// 45.
  public static let certificateExpired = TLSAlert(code: 45)
  /// 48. The client certificate is from a CA that the server does not trust.
  public static let unknownAuthority = TLSAlert(code: 48)
  /// 70.
  public static let protocolVersion = TLSAlert(code: 70)
  /// 112. The server has no certificate for the requested name.
  public static let unrecognizedName = TLSAlert(code: 112)
  /// 116. TLS 1.3: the server requires a client certificate, and the client sent none.
  public static let certificateRequired = TLSAlert(code: 116)
  /// 120. The server supports none of the offered application protocols.
  public static let noApplicationProtocol = TLSAlert(code: 120)

  /// Whether the alert is about the client's certificate, including a missing one.
  ///
  /// ``handshakeFailure`` is not included because it has other causes too.
  public var concernsCertificate: Bool { (41...46).contains(code) || code == 48 || code == 116 }

  /// OpenSSL's text and the number: `unknown CA (48)`.
  public var description: String {
    let name = SSL_alert_desc_string_long(Int32(code)).map { String(cString: $0) }
    guard let name, name != "unknown" else { return code == 116 ? "certificate required (116)" : "alert \(code)" }
    return "\(name) (\(code))"
  }
}

import COpenSSL

/// Purpose of a certificate (RFC 5280, 4.2.1.12).
public enum ExtendedKeyUsage: String, Sendable, Hashable, CaseIterable {
  case serverAuth
  case clientAuth
  case codeSigning
  case emailProtection
  case timeStamping
  case ocspSigning = "OCSPSigning"
  case any = "anyExtendedKeyUsage"

  var bit: UInt32 {
    switch self {
    case .serverAuth: UInt32(XKU_SSL_SERVER)
    case .clientAuth: UInt32(XKU_SSL_CLIENT)
    case .codeSigning: UInt32(XKU_CODE_SIGN)
    case .emailProtection: UInt32(XKU_SMIME)
    case .timeStamping: UInt32(XKU_TIMESTAMP)
    case .ocspSigning: UInt32(XKU_OCSP_SIGN)
    case .any: UInt32(XKU_ANYEKU)
    }
  }
}

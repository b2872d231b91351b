import COpenSSL
import Foundation

extension Certificate {
  /// Reads the only certificate of a PEM text (RFC 7468). Other text and blocks of other types are ignored.
  ///
  /// - Throws: ``PKIError`` if there is not exactly one certificate, or it is malformed.
  public init(pem: String) throws {
    let certificates = try Self.chain(pem: pem)
    guard let first = certificates.first, certificates.count == 1 else {
      throw OpenSSLCall("read a certificate").failure("the text contains \(certificates.count) certificates, not one")
    }
    self = first
  }

  /// Reads all certificates of a PEM text, in order. Other text and blocks of other types are ignored.
  ///
  /// - Throws: ``PKIError`` if there is none, or one is malformed or truncated.
  public static func chain(pem: String) throws -> [Certificate] {
    let call = OpenSSLCall("read a certificate")
    var certificates: [Certificate] = []
    try MemoryBIO.read(pem, for: call) { bio in
      while let certificate = try next(in: bio, for: call, index: certificates.count) {
        certificates.append(certificate)
      }
    }
    guard !certificates.isEmpty else {
      throw call.failure("the text contains no PEM certificate (-----BEGIN CERTIFICATE-----)")
    }
    return certificates
  }

  /// The certificate as PEM with lines of 64 characters, ending in a newline.
  public var pem: String {
    let body = Data(der).base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
    return "-----BEGIN CERTIFICATE-----\n\(body)\n-----END CERTIFICATE-----\n"
  }

  /// The next certificate; nil at the end of the text.
  private static func next(in bio: OpaquePointer, for call: OpenSSLCall, index: Int) throws -> Certificate? {
    var prompt = PassphrasePrompt()
    var bytes: UnsafeMutablePointer<UInt8>?
    var count = 0
    let isRead = prompt.refuse { PEM_bytes_read_bio(&bytes, &count, nil, PEM_STRING_X509, bio, $0, $1) } == 1
    guard isRead, let bytes else {
      let isEnd = COpenSSL_isEndOfPEM(ERR_peek_last_error()) == 1
      guard !isEnd else {
        ERR_clear_error()
        return nil
      }
      throw call.failure(prefix: "certificate \(index + 1) of the text: ")
    }
    defer { COpenSSL_free(bytes) }
    return try CertificateTable.shared.certificate(Array(UnsafeBufferPointer(start: bytes, count: count))) {
      // A "trusted certificate" of OpenSSL has more bytes behind the certificate.
      var position: UnsafePointer<UInt8>? = UnsafePointer(bytes)
      guard let pointer = d2i_X509(nil, &position, count) else {
        throw call.failure(prefix: "certificate \(index + 1) of the text: ")
      }
      return try Certificate(Handle(owning: pointer), for: call)
    }
  }
}

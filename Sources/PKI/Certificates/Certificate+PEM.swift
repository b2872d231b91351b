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
    var handles: [Handle] = []
    try MemoryBIO.read(pem, for: call) { bio in
      while let handle = try next(in: bio, for: call, index: handles.count) {
        handles.append(handle)
      }
    }
    guard !handles.isEmpty else {
      throw call.failure("the text contains no PEM certificate (-----BEGIN CERTIFICATE-----)")
    }
    return try handles.map { try Certificate($0, for: call) }
  }

  /// The certificate as PEM with lines of 64 characters, ending in a newline.
  public var pem: String {
    let body = Data(der).base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
    return "-----BEGIN CERTIFICATE-----\n\(body)\n-----END CERTIFICATE-----\n"
  }

  /// The next certificate; nil at the end of the text.
  private static func next(in bio: OpaquePointer, for call: OpenSSLCall, index: Int) throws -> Handle? {
    var prompt = PassphrasePrompt()
    let pointer = prompt.refuse { PEM_read_bio_X509(bio, nil, $0, $1) }
    if let pointer { return Handle(owning: pointer) }
    let isEnd = COpenSSL_isEndOfPEM(ERR_peek_last_error()) == 1
    guard !isEnd else {
      ERR_clear_error()
      return nil
    }
    throw call.failure(prefix: "certificate \(index + 1) of the text: ")
  }
}

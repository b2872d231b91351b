import COpenSSL

/// SHA-256 (FIPS 180-4), for comparing contents.
public struct SHA256Digest: Sendable, Hashable {
  /// The 32 bytes, in four words.
  private let words: (UInt64, UInt64, UInt64, UInt64)

  /// The digest of bytes.
  /// - Throws: ``PKIError`` if the system's OpenSSL providers do not include SHA-256.
  public init(of bytes: [UInt8]) throws {
    let call = OpenSSLCall("compute a SHA-256 digest")
    var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    try withUnsafeMutableBytes(of: &words) { buffer in
      let digest = buffer.bindMemory(to: UInt8.self).baseAddress
      try call.check(EVP_Digest(bytes, bytes.count, digest, nil, EVP_sha256(), nil))
    }
    self.words = words
  }

  /// 64 lower-case hexadecimal digits.
  public var hexadecimal: String {
    withUnsafeBytes(of: words) { Array($0).hexadecimal }
  }

  /// The digest of bytes as 64 lower-case hexadecimal digits.
  /// - Throws: ``PKIError`` if the system's OpenSSL providers do not include SHA-256.
  public static func hexadecimal(of bytes: [UInt8]) throws -> String {
    try SHA256Digest(of: bytes).hexadecimal
  }

  public static func == (left: SHA256Digest, right: SHA256Digest) -> Bool { left.words == right.words }

  public func hash(into hasher: inout Hasher) {
    // The words of a digest are as good as random.
    hasher.combine(words.0)
  }
}

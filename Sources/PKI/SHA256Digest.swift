import COpenSSL

/// SHA-256 (FIPS 180-4), for comparing contents.
public enum SHA256Digest {
  /// The digest of bytes as 64 lower-case hexadecimal digits.
  /// - Throws: ``PKIError`` if the system's OpenSSL providers do not include SHA-256.
  public static func hexadecimal(of bytes: [UInt8]) throws -> String {
    let call = OpenSSLCall("compute a SHA-256 digest")
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var count: UInt32 = 0
    try call.check(EVP_Digest(bytes, bytes.count, &digest, &count, EVP_sha256(), nil))
    return Array(digest.prefix(Int(count))).hexadecimal
  }
}

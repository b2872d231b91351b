import COpenSSL

/// The OpenSSL that the program runs with.
package enum OpenSSLVersion {
  /// For example `3.0.17`.
  package static var text: String { OpenSSL_version(OPENSSL_VERSION_STRING).map { String(cString: $0) } ?? "unknown" }
}

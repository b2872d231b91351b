import COpenSSL

/// Lifetime of OpenSSL's global state.
package enum OpenSSLLifetime {
  /// Keeps OpenSSL's global state until the process has ended. Must be called before any other OpenSSL function.
  ///
  /// By default OpenSSL frees the state when `exit` begins (OPENSSL_init_crypto(3), `OPENSSL_INIT_NO_ATEXIT`) while
  /// other threads still use it. The process would then end with a segmentation fault instead of its exit status.
  package static func keepUntilExit() {
    _ = OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_ATEXIT), nil)
  }
}

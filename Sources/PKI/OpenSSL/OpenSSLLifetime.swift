import COpenSSL

/// How long OpenSSL's own state lasts in a process.
package enum OpenSSLLifetime {
  /// Keeps it until the process is gone; to be called before anything else of OpenSSL.
  ///
  /// By default OpenSSL frees it as `exit` begins (OPENSSL_init_crypto(3), `OPENSSL_INIT_NO_ATEXIT`), while other threads still use it: the
  /// process then ends with a segmentation fault in place of its exit status.
  package static func lastsAsLongAsTheProcess() {
    _ = OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_ATEXIT), nil)
  }
}

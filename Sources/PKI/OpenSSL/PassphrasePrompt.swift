import COpenSSL

/// Replaces OpenSSL's passphrase prompt on the terminal: refuses, and records that it was called.
struct PassphrasePrompt {
  /// OpenSSL's `pem_password_cb *`.
  typealias Callback =
    @convention(c) (UnsafeMutablePointer<CChar>?, Int32, Int32, UnsafeMutableRawPointer?) -> Int32

  /// Whether OpenSSL found an encrypted block.
  private(set) var wasAsked = false

  /// Calls a PEM reader with this prompt instead of the terminal's.
  mutating func refuse<Result>(_ read: (Callback, UnsafeMutableRawPointer) -> Result) -> Result {
    let callback: Callback = { _, _, _, wasAsked in
      wasAsked?.assumingMemoryBound(to: Bool.self).pointee = true
      return -1
    }
    return withUnsafeMutablePointer(to: &wasAsked) { read(callback, $0) }
  }
}

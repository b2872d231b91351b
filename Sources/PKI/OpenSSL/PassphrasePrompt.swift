import COpenSSL

/// Stands where OpenSSL would ask the terminal for a passphrase: refuses, and remembers that it was asked.
struct PassphrasePrompt {
  /// OpenSSL's `pem_password_cb *`.
  typealias Callback =
    @convention(c) (UnsafeMutablePointer<CChar>?, Int32, Int32, UnsafeMutableRawPointer?) -> Int32

  /// Whether OpenSSL met an encrypted block.
  private(set) var wasAsked = false

  /// Runs a PEM reader with this prompt in place of the terminal.
  mutating func refuse<Result>(_ read: (Callback, UnsafeMutableRawPointer) -> Result) -> Result {
    let callback: Callback = { _, _, _, wasAsked in
      wasAsked?.assumingMemoryBound(to: Bool.self).pointee = true
      return -1
    }
    return withUnsafeMutablePointer(to: &wasAsked) { read(callback, $0) }
  }
}

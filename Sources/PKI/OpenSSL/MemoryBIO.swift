import COpenSSL

/// Text input and output for OpenSSL's PEM functions, in memory only.
enum MemoryBIO {
  /// Calls `body` with a BIO that reads the text. The BIO is freed afterwards.
  static func read<Result>(
    _ text: String,
    for call: OpenSSLCall,
    _ body: (OpaquePointer) throws -> Result
  ) throws -> Result {
    var text = text
    return try text.withUTF8 { bytes in
      guard !bytes.isEmpty else { throw call.failure("the text is empty") }
      guard let count = Int32(exactly: bytes.count) else { throw call.failure("the text is over 2 GiB") }
      let bio = try call.check(BIO_new_mem_buf(bytes.baseAddress, count))
      defer { BIO_free(bio) }
      return try body(bio)
    }
  }

  /// The text that `body` writes.
  ///
  /// OpenSSL overwrites the memory when it frees it.
  static func write(for call: OpenSSLCall, _ body: (OpaquePointer) throws -> Void) throws -> String {
    let bio = try call.check(BIO_new(BIO_s_mem()))
    defer { BIO_free(bio) }
    try body(bio)
    var data: UnsafeMutablePointer<CChar>?
    let count = COpenSSL_memoryBIOData(bio, &data)
    guard let data, count > 0 else { throw call.failure() }
    return String(decoding: UnsafeRawBufferPointer(start: data, count: count), as: UTF8.self)
  }
}

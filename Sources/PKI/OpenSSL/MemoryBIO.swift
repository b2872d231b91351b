import COpenSSL

/// Text in and out of OpenSSL's PEM functions, in memory alone.
enum MemoryBIO {
  /// Lets `body` read the text; the BIO is gone when it returns.
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

  /// What `body` writes.
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

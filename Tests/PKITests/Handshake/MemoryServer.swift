import PKI

/// A TLS server at the other end of a stream without a socket, which gives its bytes one by one.
actor MemoryServer: ByteStream {
  private let session: TLSServerSession
  private var output: [UInt8] = []

  init(_ settings: TLSServerSettings) throws {
    session = try TLSServerSession(settings)
  }

  func read() async throws -> [UInt8] {
    guard output.isEmpty else { return [output.removeFirst()] }
    try await untilCancelled()
  }

  func write(_ bytes: [UInt8]) {
    output += session.exchange(bytes)
  }
}

/// Waits for nothing else.
func untilCancelled() async throws -> Never {
  let (end, continuation) = AsyncStream.makeStream(of: Never.self)
  for await _ in end {}
  continuation.finish()
  throw CancellationError()
}

/// One accepted connection.
struct ServerConnection {
  let socket: ServerSocket
  let dialect: ServerDialect
  /// Nil for plain text.
  let session: TLSServerSession?

  /// - Throws: `ServerSocket.Failure`, `CancellationError`.
  func serve() async throws {
    guard try await handshake() else {
      try await linger()
      return
    }
    try await send(dialect.greeting)
    var request: [UInt8] = []
    while let bytes = try await receive() {
      // gRPC never answers here, so the request need not be kept.
      request = dialect.readsRequests ? request + bytes : []
      guard let answer = dialect.answer(to: request) else { continue }
      try await send(answer)
      break
    }
    session?.close()
    try await flush()
    try await linger()
  }

  /// Whether the client is accepted.
  private func handshake() async throws -> Bool {
    guard let session else { return true }
    while true {
      let progress = session.handshake()
      try await flush()
      switch progress {
      case .completed: return true
      case .ended: return false
      case .needsInput:
        let bytes = try await socket.read()
        guard !bytes.isEmpty else { return false }
        session.receive(bytes)
      }
    }
  }

  private func send(_ bytes: [UInt8]) async throws {
    guard let session else {
      try await socket.write(bytes)
      return
    }
    session.write(bytes)
    try await flush()
  }

  /// Data from the client, possibly empty; nil at its end.
  private func receive() async throws -> [UInt8]? {
    // The data already received may contain more than one message.
    if let early = session?.read(), !early.bytes.isEmpty || early.isOver {
      return early.bytes.isEmpty ? nil : early.bytes
    }
    let bytes = try await socket.read()
    guard !bytes.isEmpty else { return nil }
    guard let session else { return bytes }
    session.receive(bytes)
    return []
  }

  private func flush() async throws {
    guard let session else { return }
    try await socket.write(session.takeOutput())
  }

  /// Waits until the client has closed too: closing before it has read everything could discard the last data (RFC
  /// 9112, 9.6).
  private func linger() async throws {
    socket.finishWriting()
    while try await !socket.read().isEmpty {}
  }
}

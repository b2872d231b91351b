/// One TLS connection over a stream, from the first byte to the server's answer.
struct TLSExchange {
  let client: TLSClient
  let stream: any ByteStream
  let deadline: Deadline
  let answerTimeout: Duration

  /// Runs the connection. The outcome does not consider whether the server's certificate is trusted.
  ///
  /// - Throws: `CancellationError`, what the stream throws.
  func run() async throws -> TLSProbe.Outcome {
    do {
      if let end = try await advance(.handshake, until: deadline) { return end }
    } catch is Deadline.Passed {
      return .timedOut(.handshake)
    }
    let outcome = try await answer()
    if outcome == .accepted || outcome == .noAnswer {
      try await sayGoodbye()
    }
    return outcome
  }

  private func answer() async throws -> TLSProbe.Outcome {
    // In TLS 1.2 the server's last message comes after it has verified the client's certificate.
    guard client.version == .tls13 else { return .accepted }
    do {
      return try await advance(.answer, until: deadline.atMost(answerTimeout)) ?? .accepted
    } catch is Deadline.Passed {
      return .noAnswer
    }
  }

  /// Transfers data in both directions until the step is complete, which returns nil, or the connection has ended.
  private func advance(_ step: TLSProbe.Step, until deadline: Deadline) async throws -> TLSProbe.Outcome? {
    var isUnidentified = step == .handshake
    while true {
      let progress = step == .answer ? client.readByte() : client.handshake()
      try await flush(step, until: deadline)
      switch progress {
      case .completed: return nil
      case .refused(let alert): return .refused(alert)
      case .closed: return step == .answer ? .noAnswer : .closed(step)
      case .failed(let reason): return .failed(reason)
      case .needsInput:
        let bytes = try await deadline.limit(step) { [stream] in try await stream.read() }
        guard let first = bytes.first else { return .closed(step) }
        guard !isUnidentified || Self.opensTLS(first) else { return .notTLS }
        isUnidentified = false
        try client.receive(bytes)
      }
    }
  }

  private func flush(_ step: TLSProbe.Step, until deadline: Deadline) async throws {
    let bytes = try client.takeOutput()
    guard !bytes.isEmpty else { return }
    try await deadline.limit(step) { [stream] in try await stream.write(bytes) }
  }

  /// Sends close_notify, which avoids an error in the server's log; the server's reaction is ignored.
  private func sayGoodbye() async throws {
    client.close()
    do {
      try await flush(.answer, until: deadline)
    } catch is Deadline.Passed {
      return
    }
  }

  /// Whether a server's first byte starts a handshake or alert record (RFC 8446, 5.1).
  private static func opensTLS(_ byte: UInt8) -> Bool {
    byte == 22 || byte == 21
  }
}

/// A response's body as it comes, in chunks of bytes.
///
/// The server is held back while nobody reads: at most about a quarter of a mebibyte waits here. Cancelling the reading task,
/// or dropping the body and its iterators, ends the transfer at once. Read it once.
public struct ResponseBody: AsyncSequence, Sendable {
  /// Ends the transfer when nobody holds it any more, and keeps the transport alive until then.
  fileprivate final class Lease: Sendable {
    let exchange: Exchange
    private let transport: CurlTransport

    init(exchange: Exchange, transport: CurlTransport) {
      self.exchange = exchange
      self.transport = transport
    }

    deinit { exchange.cancel() }
  }

  private let lease: Lease

  init(exchange: Exchange, transport: CurlTransport) {
    lease = Lease(exchange: exchange, transport: transport)
  }

  public func makeAsyncIterator() -> Iterator {
    Iterator(lease: lease)
  }

  /// The first bytes of the body, all of it where it is shorter.
  /// - Parameter limit: until when they must have come.
  func prefix(bytes count: Int, within limit: Duration) async throws -> [UInt8] {
    try await lease.exchange.withDeadline(limit) {
      var bytes: [UInt8] = []
      for try await chunk in self {
        bytes += chunk
        if bytes.count >= count { break }
      }
      return Array(bytes.prefix(count))
    }
  }

  public struct Iterator: AsyncIteratorProtocol {
    fileprivate let lease: Lease

    /// The bytes that have come since the last call, nil at the end.
    /// - Throws: `KubernetesError.transport`, or `CancellationError`.
    public mutating func next() async throws -> [UInt8]? {
      do {
        return try await lease.exchange.nextBytes()
      } catch let error as TransportError {
        throw KubernetesError.transport(error)
      }
    }
  }
}

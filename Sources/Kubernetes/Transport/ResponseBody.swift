/// A response body, received in chunks.
///
/// While nobody reads, the server is held back: at most about 256 KiB is buffered. Cancelling the reading task, or
/// dropping the body and its iterators, ends the transfer at once. The body can be read once.
public struct ResponseBody: AsyncSequence, Sendable {
  /// Ends the transfer when its last reference is gone, and keeps the transport alive until then.
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

  /// The first bytes of the body; the whole body if it is shorter.
  /// - Parameter limit: how long to wait for them.
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

    /// The bytes received since the last call; nil at the end.
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

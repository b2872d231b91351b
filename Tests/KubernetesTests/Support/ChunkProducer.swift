import FlyingSocks

/// A response body whose chunks a closure makes, each when the one before has gone into the socket.
struct ChunkProducer: AsyncBufferedSequence {
  typealias Element = UInt8

  let make: @Sendable () async throws -> [UInt8]?

  func makeAsyncIterator() -> Iterator { Iterator(make: make) }

  struct Iterator: AsyncBufferedIteratorProtocol {
    let make: @Sendable () async throws -> [UInt8]?

    mutating func next() async throws -> UInt8? { nil }

    mutating func nextBuffer(suggested count: Int) async throws -> [UInt8]? { try await make() }
  }
}

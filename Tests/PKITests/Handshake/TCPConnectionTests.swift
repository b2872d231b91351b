import Foundation
import Testing

@testable import PKI

@Suite struct TCPConnectionTests {
  private func address(_ host: String, _ port: UInt16) async throws -> SocketAddress {
    try #require(try await HostResolver.addresses(of: host, port: port).first)
  }

  @Test func theAddressesAreTriedInTurnWithAShareOfTheTimeEach() async throws {
    let refusing = try BoundSocket("::1")
    let hanging = try BoundSocket()
    try hanging.listenWithFullQueue()
    let server = try LoopbackServer { _ in }
    let addresses = try await [
      address("::1", refusing.port), address("127.0.0.1", hanging.port), address("127.0.0.1", server.port),
    ]
    var connection: TCPConnection?
    // A busy machine can use up the last address's share of a short time.
    for seconds in [1, 4, 30] where connection == nil {
      connection = try? await .connect(toOneOf: addresses, until: Deadline(after: .seconds(seconds)))
    }
    #expect(try await connection?.read() == [])
  }

  @Test func theLastAddressGivesTheReason() async throws {
    let refusing = try BoundSocket()
    let hanging = try BoundSocket()
    try hanging.listenWithFullQueue()
    let addresses = try await [address("127.0.0.1", refusing.port), address("127.0.0.1", hanging.port)]
    await #expect(throws: Deadline.Passed.self) {
      try await TCPConnection.connect(toOneOf: addresses, until: Deadline(after: .milliseconds(200)))
    }
  }

  @Test func aWriteToAPeerThatIsGoneIsNoErrorAndNoSignal() async throws {
    let server = try LoopbackServer { descriptor in
      // Closing sends a reset.
      var reset = linger(l_onoff: 1, l_linger: 0)
      setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &reset, socklen_t(MemoryLayout<linger>.size))
    }
    let connection = try await TCPConnection.connect(to: address("127.0.0.1", server.port))
    #expect(try await connection.read().isEmpty)
    for _ in 0..<2 { try await connection.write([1, 2, 3]) }
  }

  @Test func whatDoesNotFitTheBuffersIsWrittenOnceThePeerReads() async throws {
    let (sums, continuation) = AsyncStream.makeStream(of: Int.self)
    let server = try LoopbackServer { descriptor in
      var buffer = [UInt8](repeating: 0, count: 1 << 16)
      var sum = 0
      while case let count = recv(descriptor, &buffer, buffer.count, 0), count > 0 { sum += count }
      continuation.yield(sum)
    }
    let size = 16 << 20
    var connection: TCPConnection? = try await TCPConnection.connect(to: address("127.0.0.1", server.port))
    try await connection?.write([UInt8](repeating: 7, count: size))
    connection = nil
    var iterator = sums.makeAsyncIterator()
    #expect(await iterator.next() == size)
  }
}

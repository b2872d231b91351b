import Foundation
import Testing

@testable import PKI

@Suite(.timeLimit(.minutes(1))) struct SocketEventsTests {
  /// Two connected sockets, closed when this goes.
  private final class SocketPair: Sendable {
    let near: Int32
    let far: Int32

    init() throws {
      var ends: [Int32] = [0, 0]
      try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
      (near, far) = (ends[0], ends[1])
    }

    deinit {
      close(near)
      close(far)
    }
  }

  @Test func aWaitEndsWhenThereIsSomethingToRead() async throws {
    let pair = try SocketPair()
    try await SocketEvents.shared.wait(for: .writing, of: pair.near)
    async let wait: () = SocketEvents.shared.wait(for: .reading, of: pair.near)
    #expect(send(pair.far, "x", 1, 0) == 1)
    try await wait
    var byte: UInt8 = 0
    #expect(recv(pair.near, &byte, 1, Int32(MSG_DONTWAIT)) == 1)
  }

  @Test func aPeerThatGoesEndsAWait() async throws {
    let pair = try SocketPair()
    async let wait: () = SocketEvents.shared.wait(for: .reading, of: pair.near)
    shutdown(pair.far, Int32(SHUT_RDWR))
    try await wait
  }

  @Test func aDescriptorThatIsNoneIsAnError() async throws {
    await #expect(throws: SocketEvents.Failure.self) {
      try await SocketEvents.shared.wait(for: .reading, of: -1)
    }
  }

  /// What ends the process with dispatch sources: many that come and go at once, on descriptors that are used again.
  @Test func manyThatAreReadyAndCancelledAtOnceAllEnd() async throws {
    for _ in 0..<20 {
      let ended = try await withThrowingTaskGroup(of: Bool.self) { group in
        for number in 0..<100 {
          let pair = try SocketPair()
          let wait = Task { try await SocketEvents.shared.wait(for: .reading, of: pair.near) }
          if number % 3 != 0 { send(pair.far, "x", 1, 0) }
          if number % 2 == 0 { wait.cancel() }
          if number % 6 == 3 { shutdown(pair.far, Int32(SHUT_RDWR)) }
          group.addTask {
            let isReady = if case .success = await wait.result { true } else { false }
            return withExtendedLifetime(pair) { isReady || number % 2 == 0 }
          }
        }
        return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
      }
      #expect(ended == 100)
    }
  }
}

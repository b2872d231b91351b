import Foundation
import Synchronization
import Testing

/// A TCP socket that holds a free loopback port; until it listens, connections are refused.
final class BoundSocket: Sendable {
  let descriptor: Int32
  let port: UInt16
  private let client = Mutex<Int32?>(nil)

  init(_ address: String = "127.0.0.1") throws {
    var hints = addrinfo()
    hints.ai_flags = AI_NUMERICHOST
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    try #require(getaddrinfo(address, "0", &hints, &list) == 0)
    defer { freeaddrinfo(list) }
    let information = try #require(list).pointee
    let descriptor = socket(information.ai_family, information.ai_socktype, 0)
    self.descriptor = descriptor
    try #require(bind(descriptor, information.ai_addr, information.ai_addrlen) == 0)
    // The port stands at the same place for both families.
    port = UInt16(bigEndian: try Self.name(of: descriptor).sin6_port)
  }

  deinit {
    close(descriptor)
    client.withLock { $0.map { _ = close($0) } }
  }

  /// Listens with a queue that a first client fills: the kernel drops whatever the next ones send, and their
  /// connections come to nothing.
  func listenWithFullQueue() throws {
    try #require(listen(descriptor, 0) == 0)
    var address = try Self.name(of: descriptor)
    let first = socket(Int32(address.sin6_family), Int32(SOCK_STREAM.rawValue), 0)
    client.withLock { $0 = first }
    let status = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(first, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
      }
    }
    try #require(status == 0)
  }

  private static func name(of descriptor: Int32) throws -> sockaddr_in6 {
    var name = sockaddr_in6()
    var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
    let status = withUnsafeMutablePointer(to: &name) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
    }
    try #require(status == 0)
    return name
  }
}

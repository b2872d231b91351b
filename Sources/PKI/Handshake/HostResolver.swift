import Foundation

/// Resolves a host and port to socket addresses, in the order to try them (RFC 6724).
enum HostResolver {
  /// The host does not exist, or the resolver failed.
  struct Failure: Error {
    let reason: String
  }

  /// Parses an IP address without a lookup. A name is looked up on a separate thread, because `getaddrinfo` blocks as
  /// long as DNS takes and cannot be cancelled: a cancelled task returns at once, and the thread ends when the resolver
  /// does.
  ///
  /// - Throws: ``Failure``, `CancellationError`.
  static func addresses(of host: String, port: UInt16) async throws -> [SocketAddress] {
    guard !host.isEmpty, !host.utf8.contains(0) else { throw Failure(reason: "not a valid host name") }
    if let literal = try? lookUp(host, port, flags: AI_NUMERICHOST).get() { return literal }
    let (results, continuation) = AsyncStream.makeStream(of: Result<[SocketAddress], Failure>.self)
    Thread.detachNewThread {
      continuation.yield(lookUp(host, port, flags: 0))
      continuation.finish()
    }
    for await result in results { return try result.get() }
    throw CancellationError()
  }

  private static func lookUp(_ host: String, _ port: UInt16, flags: Int32) -> Result<[SocketAddress], Failure> {
    var hints = addrinfo()
    hints.ai_flags = flags | AI_NUMERICSERV
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let status = getaddrinfo(host, String(port), &hints, &list)
    guard status == 0 else { return .failure(Failure(reason: String(cString: gai_strerror(status)))) }
    defer { freeaddrinfo(list) }
    let entries = sequence(first: list, next: { $0?.pointee.ai_next }).prefix { $0 != nil }
    return .success(entries.compactMap { $0.flatMap { SocketAddress($0.pointee) } })
  }
}

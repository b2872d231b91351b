import Foundation

/// An address and a port, as the socket calls take them.
struct SocketAddress: Sendable {
  let family: Int32
  private let encoding: [UInt8]

  /// Copies what the resolver found.
  init?(_ information: addrinfo) {
    guard let address = information.ai_addr else { return nil }
    family = information.ai_family
    encoding = [UInt8](UnsafeRawBufferPointer(start: address, count: Int(information.ai_addrlen)))
  }

  /// Lends the address for one call.
  func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    var storage = sockaddr_storage()
    withUnsafeMutableBytes(of: &storage) { $0.copyBytes(from: encoding.prefix($0.count)) }
    return withUnsafePointer(to: storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(encoding.count)) }
    }
  }
}

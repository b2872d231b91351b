import Foundation

/// An address and port for the socket calls.
struct SocketAddress: Sendable {
  let family: Int32
  private let encoding: [UInt8]

  /// Copies the resolver's result.
  init?(_ information: addrinfo) {
    guard let address = information.ai_addr else { return nil }
    family = information.ai_family
    encoding = [UInt8](UnsafeRawBufferPointer(start: address, count: Int(information.ai_addrlen)))
  }

  /// Provides the address for one call.
  func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    var storage = sockaddr_storage()
    withUnsafeMutableBytes(of: &storage) { $0.copyBytes(from: encoding.prefix($0.count)) }
    return withUnsafePointer(to: storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(encoding.count)) }
    }
  }
}

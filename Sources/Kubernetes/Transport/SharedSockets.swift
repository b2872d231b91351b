import CCurl
import Foundation

/// The sockets of the shared connections that libcurl has open. Used only on the transport's thread.
///
/// libcurl does not report the socket of a running transfer, but it reports the local port, which identifies the socket
/// here.
final class SharedSockets {
  private var descriptors: Set<Int32> = []

  func add(_ socket: Int32) { descriptors.insert(socket) }

  func close(_ socket: Int32) -> Int32 {
    descriptors.remove(socket)
    return Foundation.close(socket)
  }

  /// The socket bound to a local port.
  func socket(localPort: Int) -> Int32? {
    descriptors.first { Self.localPort(of: $0) == localPort }
  }

  private static func localPort(of socket: Int32) -> Int? {
    // The port is at the same offset for IPv6.
    var address = sockaddr_storage()
    var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        guard getsockname(socket, generic, &size) == 0 else { return nil }
        return generic.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
          Int(UInt16(bigEndian: $0.pointee.sin_port))
        }
      }
    }
  }
}

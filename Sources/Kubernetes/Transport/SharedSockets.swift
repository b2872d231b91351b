import CCurl
import Foundation

/// The sockets of the shared connections, as libcurl opens and closes them; used on the transport's thread alone.
///
/// libcurl itself does not tell which socket a running transfer uses; the local port that it does tell finds it here.
final class SharedSockets {
  private var descriptors: Set<Int32> = []

  func add(_ socket: Int32) { descriptors.insert(socket) }

  func close(_ socket: Int32) -> Int32 {
    descriptors.remove(socket)
    return Foundation.close(socket)
  }

  /// The socket that is bound to a port.
  func socket(localPort: Int) -> Int32? {
    descriptors.first { Self.localPort(of: $0) == localPort }
  }

  private static func localPort(of socket: Int32) -> Int? {
    // The port of IPv6 stands in the same place.
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

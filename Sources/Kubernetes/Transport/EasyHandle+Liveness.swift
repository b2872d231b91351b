import CCurl
import Foundation

extension EasyHandle {
  /// How long this transfer's connection has brought no byte, of whatever transfer; nil where it has none.
  var silence: Duration? {
    guard let socket else { return nil }
    var information = tcp_info()
    var size = socklen_t(MemoryLayout<tcp_info>.size)
    guard getsockopt(socket, Int32(IPPROTO_TCP), TCP_INFO, &information, &size) == 0 else { return nil }
    return .milliseconds(information.tcpi_last_data_recv)
  }

  /// Makes libcurl see the end of this transfer's connection: every transfer on it ends, and new ones get another.
  func cutConnection() {
    if let socket { shutdown(socket, Int32(SHUT_RDWR)) }
  }

  /// The socket of the transfer's connection, while libcurl holds that open.
  private var socket: Int32? {
    var socket: Int32 = -1
    guard curl_easy_getinfo_socket(pointer, CURLINFO_ACTIVESOCKET, &socket) == CURLE_OK, socket >= 0 else { return nil }
    return socket
  }
}

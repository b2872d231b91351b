import CCurl
import Foundation

extension EasyHandle {
  /// Local port of the transfer's connection, which identifies the connection.
  var localPort: Int {
    var port = 0
    curl_easy_getinfo_long(pointer, CURLINFO_LOCAL_PORT, &port)
    return port
  }

  /// How long this transfer's connection has received nothing for any transfer; nil if it has none, or one of its own.
  var silence: Duration? {
    guard let socket = sockets.socket(localPort: localPort) else { return nil }
    var information = tcp_info()
    var size = socklen_t(MemoryLayout<tcp_info>.size)
    guard getsockopt(socket, Int32(IPPROTO_TCP), TCP_INFO, &information, &size) == 0 else { return nil }
    return .milliseconds(information.tcpi_last_data_recv)
  }

  /// Shuts down the socket of this transfer's connection: libcurl ends every transfer on it and opens another for new
  /// ones.
  func cutConnection() {
    if let socket = sockets.socket(localPort: localPort) { shutdown(socket, Int32(SHUT_RDWR)) }
  }

  func configureSockets() throws {
    // Unretained: the loop keeps the sockets alive longer than any connection.
    let isShared = exchange.request.livenessURL != nil
    let context = isShared ? Unmanaged.passUnretained(sockets).toOpaque() : nil
    try set(CURLOPT_SOCKOPTDATA, pointer: context)
    let code = curl_easy_setopt_socket_callback(pointer) { context, socket, _ in
      var limit: Int32 = 30_000
      setsockopt(socket, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, &limit, socklen_t(MemoryLayout<Int32>.size))
      if let context { Unmanaged<SharedSockets>.fromOpaque(context).takeUnretainedValue().add(socket) }
      return CURL_SOCKOPT_OK
    }
    try check(code)
    guard isShared else { return }
    try set(CURLOPT_CLOSESOCKETDATA, pointer: context)
    try check(
      curl_easy_setopt_close_callback(pointer) { context, socket in
        guard let context else { return -1 }
        return Unmanaged<SharedSockets>.fromOpaque(context).takeUnretainedValue().close(socket)
      }
    )
  }
}

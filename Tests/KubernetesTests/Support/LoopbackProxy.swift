import Foundation
import Synchronization

/// A proxy on a free loopback port: passes bytes on to one port, or to what `CONNECT` and SOCKS 5 clients ask for, as
/// this port too.
///
/// It can fail as networks do: cut all its connections, or fall silent on those it has.
final class LoopbackProxy: Sendable {
  private struct State {
    var isHeld: Bool
    var connections = 0
    var silentBelow = 0
    var descriptors: [Int: [Int32]] = [:]
    var greetings: [String] = []
  }

  private let listener: LoopbackListener
  private let target: UInt16
  private let state: Mutex<State>

  /// - Parameters:
  ///   - target: the port to pass bytes on to.
  ///   - isHeld: pass nothing on until `release`.
  init(to target: UInt16, isHeld: Bool = false) throws {
    listener = try LoopbackListener(backlog: 64)
    self.target = target
    state = Mutex(State(isHeld: isHeld))
    let listener = listener
    Thread { [weak self] in
      while true {
        let client = accept(listener.descriptor, nil, nil)
        guard client >= 0, let self else { return }
        Thread { self.serve(client) }.start()
      }
    }.start()
  }

  deinit { shutdown(listener.descriptor, Int32(SHUT_RDWR)) }

  var port: UInt16 { listener.port }
  /// How many connections there were.
  var connections: Int { state.withLock { $0.connections } }
  /// What clients that asked for a tunnel said first.
  var greetings: [String] { state.withLock { $0.greetings } }

  func release() { state.withLock { $0.isHeld = false } }

  /// Closes every connection there is.
  func cut() {
    state.withLock { state in
      for descriptors in state.descriptors.values { descriptors.forEach { shutdown($0, Int32(SHUT_RDWR)) } }
    }
  }

  /// Passes nothing more on of the connections there are; TCP goes on acknowledging.
  func fallSilent() { state.withLock { $0.silentBelow = $0.connections } }

  private func serve(_ client: Int32) {
    let id = state.withLock { state in
      defer { state.connections += 1 }
      return state.connections
    }
    while state.withLock({ $0.isHeld }) { usleep(2000) }
    guard let upstream = tunnel(client) else {
      close(client)
      return
    }
    state.withLock { $0.descriptors[id] = [client, upstream] }
    let back = Thread { self.pump(from: upstream, to: client, id) }
    back.start()
    pump(from: client, to: upstream, id)
    while !back.isFinished { usleep(2000) }
    state.withLock { $0.descriptors[id] = nil }
    close(client)
    close(upstream)
  }

  private func pump(from source: Int32, to sink: Int32, _ id: Int) {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = recv(source, &buffer, buffer.count, 0)
      guard count > 0 else { break }
      if state.withLock({ id < $0.silentBelow }) { continue }
      guard Self.sendAll(buffer[..<count], to: sink) else { break }
    }
    shutdown(source, Int32(SHUT_RDWR))
    shutdown(sink, Int32(SHUT_RDWR))
  }

  /// Connects to the target, after the greeting where the client begins with one.
  private func tunnel(_ client: Int32) -> Int32? {
    var first = [UInt8](repeating: 0, count: 1)
    guard recv(client, &first, 1, Int32(MSG_PEEK)) == 1 else { return nil }
    if first[0] == 5 { return socks(client) }
    guard first[0] == UInt8(ascii: "C") else { return connected() }
    var head = ""
    var byte = [UInt8](repeating: 0, count: 1)
    while !head.hasSuffix("\r\n\r\n") {
      guard recv(client, &byte, 1, 0) == 1 else { return nil }
      head.unicodeScalars.append(Unicode.Scalar(byte[0]))
    }
    state.withLock { $0.greetings.append(head) }
    let upstream = connected()
    let answer = upstream == nil ? "HTTP/1.1 502 Bad Gateway\r\n\r\n" : "HTTP/1.1 200 Connected\r\nX-Proxy: yes\r\n\r\n"
    _ = Self.sendAll(Array(answer.utf8)[...], to: client)
    return upstream
  }

  /// RFC 1928, without authentication; the address must be a name.
  private func socks(_ client: Int32) -> Int32? {
    var buffer = [UInt8](repeating: 0, count: 512)
    guard recv(client, &buffer, buffer.count, 0) > 0, Self.sendAll([5, 0], to: client) else { return nil }
    guard recv(client, &buffer, buffer.count, 0) > 5, buffer[3] == 3 else { return nil }
    let name = String(decoding: buffer[5..<5 + Int(buffer[4])], as: UTF8.self)
    state.withLock { $0.greetings.append("SOCKS \(name)") }
    guard let upstream = connected() else { return nil }
    return Self.sendAll([5, 0, 0, 1, 0, 0, 0, 0, 0, 0], to: client) ? upstream : nil
  }

  private func connected() -> Int32? {
    let upstream = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = LoopbackListener.loopback(port: target)
    let code = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(upstream, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    if code == 0 { return upstream }
    close(upstream)
    return nil
  }

  private static func sendAll(_ bytes: ArraySlice<UInt8>, to sink: Int32) -> Bool {
    var rest = bytes
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { send(sink, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }
}

import Foundation
import Synchronization

/// Answers each whole request of any connection with the next answer of a list.
final class ScriptedServer: Sendable {
  enum Answer: Sendable {
    /// `{}`, and the connection stays.
    case json
    /// None: the connection is closed.
    case close
  }

  private let listener: LoopbackListener
  private let state: Mutex<(answers: [Answer], requests: [String])>

  init(answers: [Answer]) throws {
    listener = try LoopbackListener()
    state = Mutex((answers, []))
    let listener = listener
    Thread { [weak self] in
      while true {
        let connection = accept(listener.descriptor, nil, nil)
        guard connection >= 0, let self else { return }
        Thread { self.serve(connection) }.start()
      }
    }.start()
  }

  deinit { shutdown(listener.descriptor, Int32(SHUT_RDWR)) }

  var port: UInt16 { listener.port }
  /// What was asked, each whole.
  var requests: [String] { state.withLock { $0.requests } }

  private func serve(_ connection: Int32) {
    defer { close(connection) }
    while let request = Self.readRequest(connection) {
      let answer = state.withLock { state in
        state.requests.append(request)
        return state.answers.isEmpty ? .close : state.answers.removeFirst()
      }
      guard answer == .json else { return }
      let text = Array("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}".utf8)
      _ = send(connection, text, text.count, Int32(MSG_NOSIGNAL))
    }
  }

  /// Head and body of one request; nil at the connection's end.
  private static func readRequest(_ connection: Int32) -> String? {
    var text = ""
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      if let end = text.range(of: "\r\n\r\n") {
        let length = text[..<end.lowerBound].components(separatedBy: "\r\n").compactMap { line -> Int? in
          line.lowercased().hasPrefix("content-length: ") ? Int(line.dropFirst(16)) : nil
        }
        if text[end.upperBound...].utf8.count >= length.first ?? 0 { return text }
      }
      let count = recv(connection, &buffer, buffer.count, 0)
      guard count > 0 else { return nil }
      text += String(decoding: buffer[..<count], as: UTF8.self)
    }
  }
}

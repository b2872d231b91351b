import FlyingFox
import FlyingSocks
import Foundation
import Synchronization

/// An API server that has nothing but pods' logs, and counts what it sends of them.
final class LogServer: Sendable {
  /// The pieces of one log, one after the other; each is asked for when the one before has gone into the socket.
  typealias Log = @Sendable (_ piece: Int) async throws -> [UInt8]?

  private struct State {
    var requests: [String] = []
    var sent = 0
  }

  private let state = Mutex(State())
  private let logs: @Sendable (_ pod: String, _ query: [String: String]) -> Log?

  private init(logs: @escaping @Sendable (_ pod: String, _ query: [String: String]) -> Log?) {
    self.logs = logs
  }

  /// - Parameter logs: of each pod; nil for a pod that there is not.
  static func run(
    logs: @escaping @Sendable (_ pod: String, _ query: [String: String]) -> Log?,
    test: (LogServer, String) async throws -> Void
  ) async throws {
    let logServer = LogServer(logs: logs)
    let server = HTTPServer(address: try .inet(ip4: "127.0.0.1", port: 0), logger: .disabled)
    await server.appendRoute("*") { logServer.answer($0) }
    let running = Task { try await server.run() }
    defer { running.cancel() }
    try await server.waitUntilListening()
    guard case .ip4(_, let port) = await server.listeningAddress else { throw NoAddress() }
    try await test(logServer, "http://127.0.0.1:\(port)")
  }

  private struct NoAddress: Error {}

  /// `pod query` of each request.
  var requests: [String] { state.withLock(\.requests) }
  /// Bytes of logs that went into sockets.
  var sent: Int { state.withLock(\.sent) }

  private func answer(_ request: HTTPRequest) -> HTTPResponse {
    let parts = request.path.split(separator: "/")
    guard parts.count == 7, parts[6] == "log" else { return HTTPResponse(statusCode: .notFound) }
    let query = Dictionary(request.query.map { ($0.name, $0.value) }) { $1 }
    let pod = String(parts[5])
    let shown = query.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    state.withLock { $0.requests.append(([pod] + shown).joined(separator: " ")) }
    guard let log = logs(pod, query) else { return HTTPResponse(statusCode: .notFound) }
    return HTTPResponse(statusCode: .ok, body: HTTPBodySequence(from: Body(server: self, log: log)))
  }

  private func count(_ bytes: Int) { state.withLock { $0.sent += bytes } }

  private struct Body: AsyncBufferedSequence {
    typealias Element = UInt8
    let server: LogServer
    let log: Log

    func makeAsyncIterator() -> Iterator { Iterator(server: server, log: log) }

    struct Iterator: AsyncBufferedIteratorProtocol {
      let server: LogServer
      let log: Log
      var piece = 0

      mutating func next() async throws -> UInt8? { nil }

      mutating func nextBuffer(suggested count: Int) async throws -> [UInt8]? {
        defer { piece += 1 }
        guard let bytes = try await log(piece) else { return nil }
        server.count(bytes.count)
        return bytes
      }
    }
  }
}

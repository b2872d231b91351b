import FlyingFox
import FlyingSocks
import Foundation
import Glibc
import Logging
import ServiceLifecycle

/// A small HTTP server that answers GET of a few paths, until a graceful shutdown or until its task is cancelled.
public struct HTTPEndpoint: Service {
  /// What a path answers.
  public struct Answer: Sendable {
    let status: HTTPStatusCode
    var contentType = "text/plain; charset=utf-8"
    let text: String
  }

  /// Why an endpoint cannot start.
  public struct CannotListen: Error, CustomStringConvertible {
    let name: String
    let address: ListenAddress
    let reason: String
    public var description: String { "\(name): cannot listen on \(address): \(reason)" }
  }

  /// What it serves and the flag that says where, for messages.
  let name: String
  let address: ListenAddress
  let logger: Logger
  /// Called with the port whenever it begins to listen.
  var didListen: @Sendable (UInt16) -> Void = { _ in }
  let answers: [String: @Sendable () -> Answer]

  /// - Throws: `HTTPEndpoint.CannotListen`, as where the port is in use.
  public func run() async throws {
    try await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        for socketAddress in try address.socketAddresses() where try await serve(on: socketAddress) { break }
        try? await Task.sleep(for: .seconds(1))
      }
    }
  }

  /// Serves until the task is cancelled, or a failure of the socket, as when the process has no file descriptors left.
  /// - Returns: false where the kernel has no such sockets.
  private func serve(on socketAddress: any SocketAddress) async throws -> Bool {
    let server = HTTPServer(config: .init(address: socketAddress, logger: .disabled), handler: self)
    // Not waited for: it notices a server that failed only after seconds.
    let announcement = Task { try await announce(server) }
    defer { announcement.cancel() }
    do {
      try await server.run()
    } catch _ where Task.isCancelled {
      return true
    } catch SocketError.failed(_, EAFNOSUPPORT, _) where address.host == .any && socketAddress.family == AF_INET6 {
      return false
    } catch SocketError.failed(let call, _, let reason) where ["CreateSocket", "Bind", "Listen"].contains(call) {
      throw CannotListen(name: name, address: address, reason: reason)
    } catch {
      logger.warning("\(name): \(error.localizedDescription); listening again in a second")
    }
    return true
  }

  private func announce(_ server: HTTPServer) async throws {
    try await server.waitUntilListening()
    switch await server.listeningAddress {
    case .ip4(_, let port), .ip6(_, let port):
      logger.info("\(name): listening on \(ListenAddress(host: address.host, port: port))")
      didListen(port)
    default: break
    }
  }
}

extension HTTPEndpoint: HTTPHandler {
  public func handleRequest(_ request: HTTPRequest) async throws -> HTTPResponse {
    guard let answer = answers[request.path] else { return HTTPResponse(statusCode: .notFound) }
    guard request.method == .GET else {
      return HTTPResponse(statusCode: .methodNotAllowed, headers: HTTPHeaders([HTTPHeader("Allow"): "GET"]))
    }
    let content = answer()
    return HTTPResponse(
      statusCode: content.status,
      headers: HTTPHeaders([.contentType: content.contentType, HTTPHeader("Cache-Control"): "no-store"]),
      body: Data(content.text.utf8)
    )
  }
}

import FlyingFox
import FlyingSocks
import Foundation
import Glibc
import Logging
import ServiceLifecycle

/// A small HTTP server for GET requests to a few paths. It runs until a graceful shutdown begins or its task is
/// cancelled.
public struct HTTPEndpoint: Service {
  /// Response of a path.
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

  /// Content of the endpoint and the flag for its address, for messages.
  let name: String
  let address: ListenAddress
  let logger: Logger
  /// Called with the port each time the server starts to listen.
  var didListen: @Sendable (UInt16) -> Void = { _ in }
  let answers: [String: @Sendable () -> Answer]

  /// - Throws: `HTTPEndpoint.CannotListen`, for example if the port is in use.
  public func run() async throws {
    try await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        for socketAddress in try address.socketAddresses() where try await serve(on: socketAddress) { break }
        try? await Task.sleep(for: .seconds(1))
      }
    }
  }

  /// Serves until the task is cancelled or the socket fails, for example because no file descriptors are left.
  /// - Returns: false if the kernel does not support this kind of socket.
  private func serve(on socketAddress: any SocketAddress) async throws -> Bool {
    let server = HTTPServer(config: .init(address: socketAddress, logger: .disabled), handler: self)
    // Not awaited: it notices a failed server only after seconds.
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

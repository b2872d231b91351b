/// The listeners of one simulated pod.
final class PodServer: Sendable {
  /// Maximum number of concurrent clients per port; further clients wait.
  private static let connectionLimit = 100

  private struct Listener: Sendable {
    let socket: ServerSocket
    let dialect: ServerDialect
    let context: TLSServerContext?
  }

  private let listeners: [Listener]
  private let serving: Task<Void, Never>

  /// Listens on all ports.
  /// - Throws: `ServerSocket.Failure` if a port is not available, `PKIError` if OpenSSL rejects a certificate.
  init(address: PodAddress, endpoints: [ServerEndpoint]) throws {
    let listeners = try endpoints.map { endpoint in
      Listener(
        socket: try ServerSocket(listeningOn: address, port: endpoint.port),
        dialect: endpoint.dialect,
        context: try endpoint.tls.map {
          try TLSServerContext($0, applicationProtocol: endpoint.dialect.applicationProtocol)
        }
      )
    }
    self.listeners = listeners
    serving = Task {
      await withDiscardingTaskGroup { group in
        for listener in listeners { group.addTask { await Self.serve(listener) } }
      }
    }
  }

  /// Ends all connections. The ports refuse connections before this returns.
  func close() async {
    for listener in listeners { listener.socket.shutDown() }
    serving.cancel()
    await serving.value
  }

  private static func serve(_ listener: Listener) async {
    await withTaskGroup(of: Void.self) { group in
      var count = 0
      // Ends only by cancellation, or if the system has no file descriptors left.
      while let socket = try? await listener.socket.accept() {
        group.addTask { await serve(socket, listener) }
        count += 1
        if count >= connectionLimit {
          await group.next()
          count -= 1
        }
      }
      listener.socket.shutDown()
      group.cancelAll()
    }
  }

  private static func serve(_ socket: ServerSocket, _ listener: Listener) async {
    do {
      let session = try listener.context.map { try TLSServerSession($0) }
      try await ServerConnection(socket: socket, dialect: listener.dialect, session: session).serve()
    } catch {
      // The client or the pod has gone: a normal end.
    }
  }
}

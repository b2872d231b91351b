/// What listens at the address of one simulated pod.
final class PodServer: Sendable {
  /// Clients of one port at a time; further ones wait for their turn, as at any busy server.
  private static let connectionLimit = 100

  private struct Listener: Sendable {
    let socket: ServerSocket
    let dialect: ServerDialect
    let context: TLSServerContext?
  }

  private let listeners: [Listener]
  private let serving: Task<Void, Never>

  /// Listens on all ports from now on.
  /// - Throws: `ServerSocket.Failure` where a port cannot be had, `PKIError` where OpenSSL does not take a certificate.
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

  /// Ends all connections; the ports refuse before this returns.
  func close() async {
    for listener in listeners { listener.socket.shutDown() }
    serving.cancel()
    await serving.value
  }

  private static func serve(_ listener: Listener) async {
    await withTaskGroup(of: Void.self) { group in
      var count = 0
      // It ends by cancellation alone, or where the system has no descriptors left.
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
      // The client went away, or the pod: both are ends like any other.
    }
  }
}

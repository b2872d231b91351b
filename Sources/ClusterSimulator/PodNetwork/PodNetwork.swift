import Logging

/// The addresses of the simulated pods and what listens there, by the pods' UIDs.
actor PodNetwork {
  /// How many addresses are tried where ports are taken.
  private static let attempts = 10

  private let logger: Logger
  private var addresses: [String: PodAddress] = [:]
  private var servers: [String: PodServer] = [:]

  init(logger: Logger) {
    self.logger = logger
  }

  /// Listens in place of whatever the pod's container listened on before.
  /// - Returns: The pod's address, the same at each start unless another program has taken its ports; nil where no address will do, as where a program of this
  ///   machine has one of the ports on all addresses.
  func listen(_ uid: String, at endpoints: [ServerEndpoint]) async -> PodAddress? {
    await servers.removeValue(forKey: uid)?.close()
    for _ in 0..<Self.attempts {
      let address = addresses[uid] ?? freeAddress()
      do {
        servers[uid] = try PodServer(address: address, endpoints: endpoints)
        addresses[uid] = address
        return address
      } catch {
        logger.warning("a simulated pod cannot listen at \(address): \(error)")
        addresses[uid] = nil
      }
    }
    return nil
  }

  func remove(_ uid: String) async {
    addresses[uid] = nil
    await servers.removeValue(forKey: uid)?.close()
  }

  /// Ends what listens.
  func close() async {
    let all = Array(servers.values)
    servers = [:]
    addresses = [:]
    for server in all { await server.close() }
  }

  /// One that no other pod here has.
  private func freeAddress() -> PodAddress {
    var address = PodAddress.random()
    while addresses.values.contains(address) { address = .random() }
    return address
  }
}

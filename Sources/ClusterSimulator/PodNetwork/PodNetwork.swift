import Logging

/// Addresses and listeners of the simulated pods, by the pods' UIDs.
actor PodNetwork {
  /// Number of addresses to try if ports are in use.
  private static let attempts = 10

  private let logger: Logger
  private var addresses: [String: PodAddress] = [:]
  private var servers: [String: PodServer] = [:]

  init(logger: Logger) {
    self.logger = logger
  }

  /// Listens for the pod's container and closes its earlier listeners.
  /// - Returns: the pod's address, the same at each start unless another program has taken its ports; nil if no address
  ///   works, for example because a program on this machine listens on one of the ports on all addresses.
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

  /// Closes all listeners.
  func close() async {
    let all = Array(servers.values)
    servers = [:]
    addresses = [:]
    for server in all { await server.close() }
  }

  /// An address that no other pod has.
  private func freeAddress() -> PodAddress {
    var address = PodAddress.random()
    while addresses.values.contains(address) { address = .random() }
    return address
  }
}

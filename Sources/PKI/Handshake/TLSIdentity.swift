/// Certificate and key that a client presents to a server.
public struct TLSIdentity: Sendable {
  /// The client's certificate, then the intermediates.
  public let chain: [Certificate]
  /// The key of the first certificate.
  public let key: PrivateKey

  /// Pairs a chain with its key.
  ///
  /// - Throws: ``PKIError`` if the chain is empty or the key does not belong to its first certificate.
  public init(chain: [Certificate], key: PrivateKey) throws {
    let operation = "load a client certificate and key"
    guard let leaf = chain.first else { throw PKIError(operation: operation, reason: "there is no certificate") }
    guard leaf.matches(key) else {
      throw PKIError(operation: operation, reason: "the private key does not belong to \(leaf.subject.label)")
    }
    self.chain = chain
    self.key = key
  }
}

/// What a client shows a server that asks for a certificate.
public struct TLSIdentity: Sendable {
  /// The client's certificate, then the ones between it and the authority.
  public let chain: [Certificate]
  /// The key of the first certificate.
  public let key: PrivateKey

  /// Pairs a chain with its key.
  ///
  /// - Throws: ``PKIError`` when the chain is empty or the key is not its first certificate's.
  public init(chain: [Certificate], key: PrivateKey) throws {
    let operation = "load a client's certificate and key"
    guard let leaf = chain.first else { throw PKIError(operation: operation, reason: "there is no certificate") }
    guard leaf.matches(key) else {
      throw PKIError(operation: operation, reason: "the private key does not belong to \(leaf.subject.label)")
    }
    self.chain = chain
    self.key = key
  }
}

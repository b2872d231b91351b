/// One port of a simulated container.
struct ServerEndpoint: Sendable, Equatable {
  let port: UInt16
  let dialect: ServerDialect
  /// Nil for plain text.
  let tls: TLSServerSettings?
}

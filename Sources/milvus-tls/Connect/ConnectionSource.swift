import JSON
import Kubernetes
import MilvusTLS

/// What a MilvusTLS reports about client connections.
struct ConnectionSource {
  /// Whether the server requires a client certificate.
  let needsIdentity: Bool
  /// The Secret to read.
  let secretName: String
  /// DNS names in the server's certificate.
  let dnsNames: [String]
  /// Whether the certificates have keys for Ed25519.
  let usesEd25519: Bool

  /// - Parameter client: the client to connect as; nil for the only one.
  /// - Throws: `CommandFailure` if external TLS is disabled or not configured yet, or if the client is ambiguous or
  ///   unknown.
  init(_ milvusTLS: ObservedMilvusTLS, client: String?) throws {
    let status = milvusTLS.status
    let external = status.external
    guard external != .disabled else {
      throw CommandFailure(
        "external TLS of Milvus \(milvusTLS.milvusName) is disabled: set annotation \(Annotations.external) to OneWay or "
          + "TwoWay, or spec.external.mode of MilvusTLS \(milvusTLS.name)"
      )
    }
    guard let external, let server = status.certificate, server.source != .pods else {
      throw CommandFailure(notReady: milvusTLS)
    }
    needsIdentity = external == .twoWay
    let own = try Self.secretName(of: client, among: status.listedClients, isNeeded: needsIdentity)
    // A client's Secret is preferred: the user may not be allowed to read the server's key.
    secretName = own ?? server.secretName
    dnsNames = server.dnsNames
    usesEd25519 = milvusTLS.spec[path: "certificate", "privateKey", "algorithm"]?.string == "Ed25519"
  }

  /// - Returns: nil if there is no client and none is needed.
  private static func secretName(
    of client: String?,
    among clients: [MilvusTLSStatus.Client],
    isNeeded: Bool
  ) throws -> String? {
    let names = clients.map(\.name)
    let listed = names.map(\.debugDescription).joined(separator: ", ")
    guard let client else {
      guard isNeeded else { return clients.first?.secretName }
      guard names.count < 2 else {
        throw CommandFailure("there are several clients: use --client with one of \(listed)")
      }
      guard let only = clients.first else {
        throw CommandFailure(
          "the server requires a client certificate, but its Secret is not managed by "
            + "milvus-tls-operator: ask its owner for a client certificate"
        )
      }
      return only.secretName
    }
    guard let found = clients.first(where: { $0.name == client }) else {
      throw CommandFailure(
        "--client \(client.debugDescription): " + (names.isEmpty ? "there are no clients" : "must be one of \(listed)")
      )
    }
    return found.secretName
  }
}

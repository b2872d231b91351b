import MilvusTLS

/// Names of the files that a client reads.
struct ClientFileNames {
  let authority: String
  let certificate: String
  let privateKey: String

  /// As in Milvus's own examples.
  static let milvus = ClientFileNames(
    authority: SecretEntry.authorityCertificate,
    certificate: SecretEntry.clientCertificate,
    privateKey: SecretEntry.clientKey
  )

  /// As in Secrets of type `kubernetes.io/tls`.
  static let kubernetes = ClientFileNames(
    authority: SecretEntry.kubernetesAuthority,
    certificate: SecretEntry.kubernetesCertificate,
    privateKey: SecretEntry.kubernetesKey
  )
}

/// The keys of the operator's Secrets, which are the manual's file names, and those of others.
public enum SecretEntry {
  /// Certificates of the CAs, in every Secret.
  public static let authorityCertificate = "ca.pem"
  /// Private key of the CA, in the authority's Secret alone.
  public static let authorityKey = "ca.key"
  /// Certificate of the CA that is about to take over, in the authority's Secret alone.
  public static let nextAuthorityCertificate = "next.pem"
  /// Its private key, in the authority's Secret alone.
  public static let nextAuthorityKey = "next.key"
  /// The certificate chain that Milvus serves.
  public static let serverCertificate = "server.pem"
  /// Milvus's private key.
  public static let serverKey = "server.key"
  /// A client's certificate chain.
  public static let clientCertificate = "client.pem"
  /// A client's private key.
  public static let clientKey = "client.key"

  // The keys of `kubernetes.io/tls` Secrets, and of cert-manager's.

  /// A certificate chain.
  public static let kubernetesCertificate = "tls.crt"
  /// Its private key.
  public static let kubernetesKey = "tls.key"
  /// The certificate of the CA, which not every issuer gives.
  public static let kubernetesAuthority = "ca.crt"
}

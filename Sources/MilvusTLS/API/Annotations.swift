/// Names of the annotations that users write and the operator keeps (docs/reference.md lists them).
public enum Annotations {
  /// What all of them begin with.
  static let prefix = "tls.milvus.io/"

  /// On a Milvus: external TLS, one of `ExternalMode`.
  public static let external = "tls.milvus.io/external"
  /// On a Milvus: internal TLS, `true` or `false`.
  public static let `internal` = "tls.milvus.io/internal"
  /// On a Milvus: a new value requests new certificates now. On a Secret: the value that its certificate was issued
  /// for.
  public static let rotate = "tls.milvus.io/rotate"
  /// On a Milvus: a new value requests a new CA now. On the authority's Secret: the value that the CA was made for.
  public static let rotateAuthority = "tls.milvus.io/rotate-authority"

  /// On a Milvus, written by the operator: what it added to the resource, as JSON (`AppliedRecord`).
  public static let applied = "tls.milvus.io/applied"
  /// On pods, through `spec.components.podAnnotations`: digest of `server.pem`, `ca.pem` and the TLS configuration; a
  /// new value makes milvus-operator roll the pods.
  public static let certificate = "tls.milvus.io/certificate"

  /// On the authority's Secret: why its CA is being replaced, `RenewalDue` or `RotationRequested`.
  public static let replacementReason = "tls.milvus.io/replacement-reason"
  /// On the Secret of a server or client: since when its `ca.pem` holds the present CAs (RFC 3339).
  public static let trustedSince = "tls.milvus.io/trusted-since"
  /// On the Secret of a server or client: fingerprints of the CAs that the operator wrote into its `ca.pem`.
  public static let trusted = "tls.milvus.io/trusted"
  /// On the Secret of a server or client: digest of what a person specified for its certificate.
  public static let specified = "tls.milvus.io/specified"

  /// On a Secret that a backup restored: the field managers that wrote its data.
  public static let restoredBy = "tls.milvus.io/restored-by"

  /// Those that the operator keeps on Secrets.
  static let ofSecrets = [rotate, rotateAuthority, replacementReason, trustedSince, trusted, specified, restoredBy]

  /// Those of a Milvus that say which TLS it gets.
  static let requests = [external, `internal`]
}

import JSON

/// The annotation, label and Secret key names that users and other programs rely on (docs/reference.md lists them).
public enum Names {
  /// Label value, field manager and event source of everything the operator writes.
  public static let manager = "milvus-tls-operator"

  /// Kubernetes' recommended label for the program that manages an object.
  public static let managedByLabel = "app.kubernetes.io/managed-by"
  /// Label on the operator's Secrets and MilvusTLS: the Milvus they belong to.
  public static let milvusLabel = "tls.milvus.io/milvus"
  /// Label on the operator's Secrets: `authority`, `server` or `client`.
  public static let roleLabel = "tls.milvus.io/role"

  /// Annotation on a Milvus: external TLS, one of `ExternalMode`.
  public static let externalAnnotation = "tls.milvus.io/external"
  /// Annotation on a Milvus: internal TLS, `true` or `false`.
  public static let internalAnnotation = "tls.milvus.io/internal"
  /// Annotation on a Milvus: a new value has its certificates renewed now. On a Secret: the value that it was written for.
  public static let rotateAnnotation = "tls.milvus.io/rotate"
  /// Annotation on a Milvus: a new value has its authority replaced now. On the authority's Secret: the value that it was replaced for.
  public static let rotateAuthorityAnnotation = "tls.milvus.io/rotate-authority"
  /// Annotation on the authority's Secret: why its replacement began, `RenewalDue` or `RotationRequested`.
  public static let replacementReasonAnnotation = "tls.milvus.io/replacement-reason"
  /// Annotation on a server's or client's Secret: since when its `ca.pem` holds the present certificates.
  public static let trustedSinceAnnotation = "tls.milvus.io/trusted-since"
  /// Annotation on a Milvus, written by the operator: what it added to the resource, as JSON (`AppliedRecord`).
  public static let appliedAnnotation = "tls.milvus.io/applied"
  /// Pod annotation: digest of `server.pem` and `ca.pem`; a new value makes milvus-operator roll the pods.
  public static let certificateAnnotation = "tls.milvus.io/certificate"

  /// Key of the authorities' certificates, in every Secret.
  public static let authorityCertificate = "ca.pem"
  /// Key of the authority's private key, in the authority's Secret alone.
  public static let authorityKey = "ca.key"
  /// Key of the certificate of the authority that is about to take over, in the authority's Secret.
  public static let nextAuthorityCertificate = "next.pem"
  /// Key of its private key, in the authority's Secret alone.
  public static let nextAuthorityKey = "next.key"
  /// Key of the certificate chain that Milvus serves.
  public static let serverCertificate = "server.pem"
  /// Key of Milvus's private key.
  public static let serverKey = "server.key"
  /// Key of a client's certificate chain.
  public static let clientCertificate = "client.pem"
  /// Key of a client's private key.
  public static let clientKey = "client.key"

  /// The Service that milvus-operator makes for a Milvus; also the first DNS name in its certificate.
  public static func service(of milvus: String) -> String { milvus + "-milvus" }
}

/// Where TLS on Milvus's client port stands (`common.security.tlsMode`).
public enum ExternalMode: String, Sendable, Hashable, CaseIterable {
  case disabled = "Disabled"
  case oneWay = "OneWay"
  case twoWay = "TwoWay"

  /// The value of `common.security.tlsMode`: 0 off, 1 one-way, 2 two-way.
  public var tlsMode: Int {
    switch self {
    case .disabled: 0
    case .oneWay: 1
    case .twoWay: 2
    }
  }
}

/// A value that somebody wrote and that cannot be used: which field, and what is allowed there.
public struct FieldError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The field as its writer knows it: `spec.external.mode`, or an annotation's name.
  public let field: String
  /// What is wrong and what is allowed.
  public let problem: String

  public init(field: String, problem: String) {
    self.field = field
    self.problem = problem
  }

  public var description: String { "\(field): \(problem)" }
}

/// What the author of a release says of TLS by its own configuration. What a specification leaves open gives way to it.
struct AuthoredTLS: Equatable {
  /// `common.security.tlsMode`; nil where it is not written, or is no value that Milvus knows.
  var external: ExternalMode?
  /// `common.security.internaltlsEnabled`; nil where it is not written.
  var `internal`: Bool?
  /// `internaltls.sni`; nil where it is not written.
  var serverName: String?
}

/// The TLS that a Milvus requests by itself: by its annotations, and, for what these leave open, by its own
/// configuration.
public struct RequestedTLS: Sendable, Equatable {
  /// Nil where neither speaks of it.
  public let external: ExternalMode?
  /// Nil where neither speaks of it.
  public let `internal`: Bool?
  /// Whether it requests anything: an annotation is there, or the configuration enables TLS.
  let isRequest: Bool

  /// Reads the annotations and the configuration that the author of a Milvus wrote.
  /// - Throws: `FieldError` naming the annotation and the allowed values.
  static func reading(_ annotations: [String: String], _ authored: AuthoredTLS) throws(FieldError) -> RequestedTLS {
    RequestedTLS(
      external: try mode(annotations[Annotations.external]) ?? authored.external,
      internal: try flag(annotations[Annotations.internal]) ?? authored.internal,
      isRequest: Annotations.requests.contains { annotations[$0] != nil }
        || authored.external ?? .disabled != .disabled || authored.internal ?? false
    )
  }

  private static func mode(_ text: String?) throws(FieldError) -> ExternalMode? {
    guard let text else { return nil }
    guard let mode = ExternalMode(rawValue: text) else {
      let allowed = ExternalMode.allCases.map(\.rawValue).joined(separator: ", ")
      throw FieldError(
        field: "annotation " + Annotations.external,
        problem: "\(text.quoted) is not one of \(allowed)"
      )
    }
    return mode
  }

  private static func flag(_ text: String?) throws(FieldError) -> Bool? {
    switch text {
    case nil: return nil
    case "false": return false
    case "true": return true
    case .some(let text):
      throw FieldError(
        field: "annotation " + Annotations.internal,
        problem: "\(text.quoted) is not one of true, false"
      )
    }
  }
}

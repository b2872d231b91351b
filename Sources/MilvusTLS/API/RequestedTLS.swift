/// The TLS that a Milvus requests by itself: by its annotations, and, for what these leave open, by its own configuration.
public struct RequestedTLS: Sendable, Equatable {
  public let external: ExternalMode
  public let `internal`: Bool

  /// Reads the annotations and the configuration that the author of a Milvus wrote.
  /// - Returns: nil where neither speaks of TLS: this Milvus is left alone.
  /// - Throws: `FieldError` naming the annotation and the allowed values.
  static func reading(
    _ annotations: [String: String],
    _ authored: AuthoredTLS
  ) throws(FieldError) -> RequestedTLS? {
    let external = authored.external ?? .disabled
    let `internal` = authored.internal ?? false
    guard isPresent(in: annotations) || external != .disabled || `internal` else { return nil }
    return RequestedTLS(
      external: try mode(annotations[Annotations.external]) ?? external,
      internal: try flag(annotations[Annotations.internal]) ?? `internal`
    )
  }

  /// Whether any of the annotations is there, readable or not.
  public static func isPresent(in annotations: [String: String]) -> Bool {
    Annotations.requests.contains { annotations[$0] != nil }
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

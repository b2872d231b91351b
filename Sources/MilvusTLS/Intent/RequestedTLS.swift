/// What a Milvus asks for by itself: by its annotations, and, for what these leave open, by its own configuration.
public struct RequestedTLS: Sendable, Equatable {
  public let external: ExternalMode
  public let `internal`: Bool

  /// Reads the annotations and the configuration that the author of a Milvus wrote.
  /// - Returns: nil where neither says anything of TLS: this Milvus is left alone.
  /// - Throws: `FieldError` naming the annotation and the allowed values.
  static func reading(
    _ annotations: [String: String],
    _ configuration: MilvusConfiguration
  ) throws(FieldError) -> RequestedTLS? {
    let external = configuration.writtenExternal ?? .disabled
    let `internal` = configuration.writtenInternal ?? false
    guard isPresent(in: annotations) || external != .disabled || `internal` else { return nil }
    return RequestedTLS(
      external: try mode(annotations[Names.externalAnnotation]) ?? external,
      internal: try flag(annotations[Names.internalAnnotation]) ?? `internal`
    )
  }

  /// Whether any of the annotations is there, readable or not.
  public static func isPresent(in annotations: [String: String]) -> Bool {
    annotations[Names.externalAnnotation] != nil || annotations[Names.internalAnnotation] != nil
  }

  private static func mode(_ text: String?) throws(FieldError) -> ExternalMode? {
    guard let text else { return nil }
    guard let mode = ExternalMode(rawValue: text) else {
      let allowed = ExternalMode.allCases.map(\.rawValue).joined(separator: ", ")
      throw FieldError(
        field: "annotation " + Names.externalAnnotation,
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
        field: "annotation " + Names.internalAnnotation,
        problem: "\(text.quoted) is not one of true, false"
      )
    }
  }
}

extension String {
  /// The text cut to what fits a message; users can write any length into a field.
  func shortened(to length: Int = 64) -> String { count > length ? prefix(length) + "…" : self }

  /// The text in quotes, cut, with control characters escaped: it goes into log lines, of which it must not make two.
  var quoted: String { String(reflecting: shortened()) }
}

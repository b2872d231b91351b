/// What a Milvus asks for by its annotations.
public struct AnnotationIntent: Sendable, Equatable {
  public let external: ExternalMode
  public let `internal`: Bool

  /// Reads the annotations of a Milvus.
  /// - Returns: nil where neither annotation is there: this Milvus asks for nothing.
  /// - Throws: `FieldError` naming the annotation and the allowed values.
  public static func reading(_ annotations: [String: String]) throws(FieldError) -> AnnotationIntent? {
    let external = annotations[Names.externalAnnotation]
    let `internal` = annotations[Names.internalAnnotation]
    guard external != nil || `internal` != nil else { return nil }
    return AnnotationIntent(external: try mode(external), internal: try flag(`internal`))
  }

  /// Whether any of the annotations is there, readable or not.
  public static func isPresent(in annotations: [String: String]) -> Bool {
    annotations[Names.externalAnnotation] != nil || annotations[Names.internalAnnotation] != nil
  }

  private static func mode(_ text: String?) throws(FieldError) -> ExternalMode {
    guard let text else { return .disabled }
    guard let mode = ExternalMode(rawValue: text) else {
      let allowed = ExternalMode.allCases.map(\.rawValue).joined(separator: ", ")
      throw FieldError(
        field: "annotation " + Names.externalAnnotation,
        problem: "\(text.quoted) is not one of \(allowed)"
      )
    }
    return mode
  }

  private static func flag(_ text: String?) throws(FieldError) -> Bool {
    switch text {
    case nil, "false": return false
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
  var shortened: String { count > 64 ? prefix(64) + "…" : self }

  /// The text in quotes, cut, with control characters escaped: it goes into log lines, of which it must not make two.
  var quoted: String { String(reflecting: shortened) }
}

import JSON

/// A field that violates a rule, with the message of apimachinery's `field.Error`.
struct FieldError: Sendable, Equatable {
  let field: String
  /// `FieldValueInvalid`, `FieldValueRequired`, `FieldValueNotSupported` or `FieldValueDuplicate`.
  let reason: String
  let message: String

  var cause: JSONValue {
    ["field": .string(field), "reason": .string(reason), "message": .string(message)]
  }

  static func required(_ field: String, _ detail: String = "") -> FieldError {
    FieldError(
      field: field,
      reason: "FieldValueRequired",
      message: detail.isEmpty ? "Required value" : "Required value: \(detail)"
    )
  }

  /// - Parameter value: the value as in the message, strings in quotes.
  static func invalid(_ field: String, _ value: String, _ detail: String) -> FieldError {
    FieldError(field: field, reason: "FieldValueInvalid", message: "Invalid value: \(value): \(detail)")
  }

  static func unsupported(_ field: String, _ value: JSONValue, allowed: [JSONValue]) -> FieldError {
    let names = allowed.map { "\"\($0.string ?? $0.description)\"" }.joined(separator: ", ")
    return FieldError(
      field: field,
      reason: "FieldValueNotSupported",
      message: "Unsupported value: \(value): supported values: \(names)"
    )
  }

  static func duplicate(_ field: String, _ value: String) -> FieldError {
    FieldError(field: field, reason: "FieldValueDuplicate", message: "Duplicate value: \(value)")
  }
}

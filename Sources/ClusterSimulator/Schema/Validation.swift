import Foundation
import JSON

extension StructuralSchema {
  /// Errors of a value with the messages of kube-apiserver 1.20, sorted by field.
  /// - Parameter path: path of the value, for example `spec.mode`. That server's paths have no index of list elements.
  func errors(in value: JSONValue, at path: String) -> [FieldError] {
    guard !(value.isNull && isNullable) else { return [] }
    if let error = typeError(of: value, at: path) { return [error] }
    let own = limitErrors(of: value, at: path)
    let inner =
      switch value {
      case .object(let members): memberErrors(of: members, at: path)
      case .array(let elements): elementErrors(of: elements, at: path)
      default: [FieldError]()
      }
    return (own + inner).sorted { $0.field < $1.field }
  }

  private func typeError(of value: JSONValue, at path: String) -> FieldError? {
    let actual = value.schemaType
    if isIntOrString {
      return actual == "integer" || actual == "string"
        ? nil : .invalid(path, "\"\(actual)\"", "\(path) in body must be of type integer,string: \"\(actual)\"")
    }
    guard let type, type != actual, !(type == "number" && actual == "integer") else { return nil }
    return .invalid(path, "\"\(actual)\"", "\(path) in body must be of type \(type): \"\(actual)\"")
  }

  private func memberErrors(of members: [String: JSONValue], at path: String) -> [FieldError] {
    let missing = required.filter { members[$0] == nil }.map { FieldError.required(Self.join(path, $0)) }
    let inner = members.flatMap { name, value in
      (properties[name] ?? additionalProperties?.schema)?.errors(in: value, at: Self.join(path, name)) ?? []
    }
    return missing + inner
  }

  private func elementErrors(of elements: [JSONValue], at path: String) -> [FieldError] {
    let inner = elements.flatMap { items?.schema.errors(in: $0, at: path) ?? [] }
    guard let listMapKeys else { return inner }
    var seen: Set<[JSONValue?]> = []
    let duplicates = elements.enumerated().compactMap { index, element -> FieldError? in
      let identity = listMapKeys.map { element[$0] }
      guard !seen.insert(identity).inserted else { return nil }
      let shown = zip(listMapKeys, identity).map { "\"\($0)\":\($1?.description ?? "null")" }.joined(separator: ", ")
      return .duplicate("\(path)[\(index)]", "map[string]interface {}{\(shown)}")
    }
    return inner + duplicates
  }

  private func limitErrors(of value: JSONValue, at path: String) -> [FieldError] {
    var errors: [FieldError] = []
    if let allowed = limits.allowed, !allowed.contains(value) {
      errors.append(.unsupported(path, value, allowed: allowed))
    }
    switch value {
    case .string(let text): errors += textErrors(of: text, at: path)
    case .integer(let number): errors += rangeErrors(of: Double(number), shown: value, at: path)
    case .double(let number): errors += rangeErrors(of: number, shown: value, at: path)
    case .array(let elements): errors += countErrors(elements.count, of: "items", at: path)
    case .object(let members): errors += countErrors(members.count, of: "properties", at: path)
    default: break
    }
    return errors
  }

  private func textErrors(of text: String, at path: String) -> [FieldError] {
    let shown = JSONValue.string(text).description
    let length = text.unicodeScalars.count
    if length < limits.length.lowerBound {
      return [.invalid(path, shown, "\(path) in body should be at least \(limits.length.lowerBound) chars long")]
    }
    if length > limits.length.upperBound {
      return [.invalid(path, shown, "\(path) in body should be at most \(limits.length.upperBound) chars long")]
    }
    if let pattern = limits.pattern, text.range(of: pattern, options: .regularExpression) == nil {
      return [.invalid(path, shown, "\(path) in body should match '\(pattern)'")]
    }
    if limits.format == "date-time", (try? Date(text, strategy: .iso8601)) == nil, !Self.hasFraction(text) {
      return [.invalid(path, shown, "\(path) in body must be of type date-time: \(shown)")]
    }
    return []
  }

  private static func hasFraction(_ text: String) -> Bool {
    (try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))) != nil
  }

  private func rangeErrors(of number: Double, shown: JSONValue, at path: String) -> [FieldError] {
    if let minimum = limits.minimum, number < minimum {
      return [.invalid(path, "\(shown)", "\(path) in body should be greater than or equal to \(Self.plain(minimum))")]
    }
    if let maximum = limits.maximum, number > maximum {
      return [.invalid(path, "\(shown)", "\(path) in body should be less than or equal to \(Self.plain(maximum))")]
    }
    return []
  }

  private func countErrors(_ count: Int, of what: String, at path: String) -> [FieldError] {
    if count < limits.count.lowerBound {
      return [.invalid(path, "\(count)", "\(path) in body should have at least \(limits.count.lowerBound) \(what)")]
    }
    if count > limits.count.upperBound {
      return [.invalid(path, "\(count)", "\(path) in body should have at most \(limits.count.upperBound) \(what)")]
    }
    return []
  }

  private static func plain(_ number: Double) -> String {
    Int(exactly: number).map(String.init) ?? String(number)
  }

  private static func join(_ path: String, _ name: String) -> String {
    path.isEmpty ? name : "\(path).\(name)"
  }
}

extension JSONValue {
  /// Name of the type in a schema.
  fileprivate var schemaType: String {
    switch self {
    case .null: "null"
    case .bool: "boolean"
    case .integer: "integer"
    case .double(let value): Int(exactly: value) == nil ? "number" : "integer"
    case .string: "string"
    case .array: "array"
    case .object: "object"
    }
  }
}

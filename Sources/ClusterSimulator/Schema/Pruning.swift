import JSON

extension StructuralSchema {
  /// The value without unknown members, and without `null` for members that are not nullable.
  func pruning(_ value: JSONValue) -> JSONValue {
    switch value {
    case .object(let members): .object(pruning(members))
    case .array(let elements): .array(elements.map { items?.schema.pruning($0) ?? $0 })
    default: value
    }
  }

  private func pruning(_ members: [String: JSONValue]) -> [String: JSONValue] {
    var result: [String: JSONValue] = [:]
    for (name, value) in members {
      guard let schema = properties[name] ?? additionalProperties?.schema else {
        if preservesUnknownFields { result[name] = value }
        continue
      }
      guard !value.isNull || schema.isNullable || schema.defaultValue != nil else { continue }
      result[name] = schema.pruning(value)
    }
    return result
  }
}

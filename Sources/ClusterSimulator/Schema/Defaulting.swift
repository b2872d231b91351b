import JSON

extension StructuralSchema {
  /// The value with the schema's defaults for missing members, as a server fills them in on every write.
  func defaulting(_ value: JSONValue) -> JSONValue {
    switch value {
    case .object(let members): .object(defaulting(members))
    case .array(let elements): .array(elements.map { items?.schema.defaulting($0) ?? $0 })
    default: value
    }
  }

  private func defaulting(_ members: [String: JSONValue]) -> [String: JSONValue] {
    var result = members
    for (name, schema) in properties {
      if result[name] == nil || (result[name] == .null && !schema.isNullable) { result[name] = schema.defaultValue }
      result[name] = result[name].map(schema.defaulting)
    }
    guard let additional = additionalProperties?.schema else { return result }
    for (name, value) in result where properties[name] == nil { result[name] = additional.defaulting(value) }
    return result
  }
}

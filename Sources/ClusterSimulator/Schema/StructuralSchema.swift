import JSON

/// The part of a structural schema that an API server evaluates
/// (https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema).
///
/// `allOf`, `anyOf`, `oneOf` and `not` are ignored: they can only be more restrictive.
struct StructuralSchema: Sendable {
  let type: String?
  let properties: [String: StructuralSchema]
  /// Schema of the other members of an object; nil if there may be none.
  let additionalProperties: Boxed?
  let items: Boxed?
  let required: [String]
  let defaultValue: JSONValue?
  let isNullable: Bool
  let preservesUnknownFields: Bool
  let isIntOrString: Bool
  /// Members that identify the elements of a list (`x-kubernetes-list-type: map`); empty for a list of type `set`.
  let listMapKeys: [String]?
  let limits: Limits

  /// Limits for a value of the right type.
  struct Limits: Sendable {
    let allowed: [JSONValue]?
    let pattern: String?
    let format: String?
    let length: ClosedRange<Int>
    let count: ClosedRange<Int>
    let minimum: Double?
    let maximum: Double?
  }

  /// A nested schema; a struct cannot contain itself.
  final class Boxed: Sendable {
    let schema: StructuralSchema
    init(_ schema: StructuralSchema) { self.schema = schema }
  }

  /// - Parameter document: `openAPIV3Schema` of a CustomResourceDefinition, or any nested schema.
  init(_ document: JSONValue) {
    type = document["type"]?.string
    properties = (document["properties"]?.object ?? [:]).mapValues(StructuralSchema.init)
    additionalProperties = document["additionalProperties"].flatMap {
      $0.object == nil && $0.bool != true ? nil : Boxed(StructuralSchema($0))
    }
    items = document["items"].map { Boxed(StructuralSchema($0)) }
    required = (document["required"]?.array ?? []).compactMap(\.string)
    defaultValue = document["default"]
    isNullable = document["nullable"]?.bool ?? false
    preservesUnknownFields = document["x-kubernetes-preserve-unknown-fields"]?.bool ?? false
    isIntOrString = document["x-kubernetes-int-or-string"]?.bool ?? false
    listMapKeys = document["x-kubernetes-list-map-keys"]?.array?.compactMap(\.string)
    limits = Limits(document)
  }
}

extension StructuralSchema.Limits {
  init(_ document: JSONValue) {
    allowed = document["enum"]?.array
    pattern = document["pattern"]?.string
    format = document["format"]?.string
    length = Self.range(document, "minLength", "maxLength")
    count =
      document["type"] == "array"
      ? Self.range(document, "minItems", "maxItems") : Self.range(document, "minProperties", "maxProperties")
    minimum = document["minimum"].flatMap(Self.number)
    maximum = document["maximum"].flatMap(Self.number)
  }

  private static func range(_ document: JSONValue, _ low: String, _ high: String) -> ClosedRange<Int> {
    let low = max(0, document[low]?.integer ?? 0)
    return low...max(low, document[high]?.integer ?? .max)
  }

  private static func number(_ value: JSONValue) -> Double? {
    switch value {
    case .integer(let value): Double(value)
    case .double(let value): value
    default: nil
    }
  }
}

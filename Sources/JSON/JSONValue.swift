/// Any JSON document, for Kubernetes objects that no Swift type describes completely.
public enum JSONValue: Sendable, Hashable {
  case null
  case bool(Bool)
  /// A number without fraction or exponent that fits into 64 bits; all other numbers are `double`.
  case integer(Int)
  case double(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])
}

extension JSONValue {
  /// The text of a string; nil for any other kind.
  public var string: String? {
    if case .string(let value) = self { value } else { nil }
  }

  /// The value of an integer, or of a double without a fraction; nil for any other kind.
  public var integer: Int? {
    switch self {
    case .integer(let value): value
    case .double(let value): Int(exactly: value)
    default: nil
    }
  }

  /// The value of a boolean; nil for any other kind.
  public var bool: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  /// The elements of an array; nil for any other kind.
  public var array: [JSONValue]? {
    if case .array(let value) = self { value } else { nil }
  }

  /// The members of an object; nil for any other kind.
  public var object: [String: JSONValue]? {
    if case .object(let value) = self { value } else { nil }
  }

  /// Whether this is `null`.
  public var isNull: Bool { self == .null }

  /// A member of an object.
  ///
  /// Reading from any other kind returns nil. Writing turns any other kind into an object; nil removes the member.
  public subscript(key: String) -> JSONValue? {
    get { object?[key] }
    set {
      // The payload is moved out before it is changed, so that a nested write does not copy the dictionary.
      guard case .object(var members) = self else {
        if let newValue { self = .object([key: newValue]) }
        return
      }
      self = .null
      members[key] = newValue
      self = .object(members)
    }
  }

  /// An element of an array; nil for any other kind and for an index out of range.
  public subscript(index: Int) -> JSONValue? {
    guard let array, array.indices.contains(index) else { return nil }
    return array[index]
  }

  /// The value at a path of member names; nil if one is missing.
  public subscript(path first: String, _ rest: String...) -> JSONValue? {
    rest.reduce(self[first]) { $0?[$1] }
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  public init(stringLiteral value: String) { self = .string(value) }
  public init(integerLiteral value: Int) { self = .integer(value) }
  public init(floatLiteral value: Double) { self = .double(value) }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(Dictionary(elements, uniquingKeysWith: { $1 }))
  }
}

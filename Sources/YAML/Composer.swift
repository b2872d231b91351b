import JSON

/// Builds values from events and handles anchors, merge keys, duplicate keys and limits.
struct Composer {
  /// A value and its number of nodes, including itself.
  private struct Node {
    var value: JSONValue
    var count: Int
  }

  private static let maximumDepth = 512
  private static let maximumNodesFromAliases = 1_000_000
  private static let tagPrefix = "tag:yaml.org,2002:"

  private let parser: EventParser
  private let duplicateKeys: YAML.DuplicateKeys
  private var anchors: [String: Node] = [:]
  private var nodesFromAliases = 0

  init(parser: EventParser, duplicateKeys: YAML.DuplicateKeys) {
    self.parser = parser
    self.duplicateKeys = duplicateKeys
  }

  /// The next document; nil at the end of the stream.
  mutating func nextDocument() throws -> JSONValue? {
    while true {
      switch try parser.next().kind {
      case .streamEnd: return nil
      case .documentStart:
        anchors = [:]
        return try compose(try parser.next(), depth: 1).value
      default: continue
      }
    }
  }

  private mutating func compose(_ event: Event, depth: Int) throws -> Node {
    guard depth <= Self.maximumDepth else {
      throw event.mark.error("nested deeper than \(Self.maximumDepth) levels")
    }
    let node: Node
    switch event.kind {
    case .alias(let name): return try expand(name, at: event.mark)
    case .scalar(let scalar): node = Node(value: try value(of: scalar, event), count: 1)
    case .sequenceStart: node = try sequence(event, depth: depth)
    case .mappingStart: node = try mapping(event, depth: depth)
    default: throw event.mark.error("a value is missing")
    }
    if let anchor = event.anchor { anchors[anchor] = node }
    return node
  }

  private mutating func expand(_ name: String, at mark: Mark) throws -> Node {
    guard let node = anchors[name] else {
      throw mark.error("alias *\(name) has no finished anchor &\(name) before it")
    }
    nodesFromAliases += node.count
    guard nodesFromAliases <= Self.maximumNodesFromAliases else {
      throw mark.error("aliases expand to more than \(Self.maximumNodesFromAliases) nodes")
    }
    return node
  }

  private mutating func sequence(_ start: Event, depth: Int) throws -> Node {
    try checkTag(of: start, is: "seq")
    var elements: [JSONValue] = []
    var count = 1
    while true {
      let event = try parser.next()
      if case .sequenceEnd = event.kind { return Node(value: .array(elements), count: count) }
      let node = try compose(event, depth: depth + 1)
      elements.append(node.value)
      count += node.count
    }
  }

  private mutating func mapping(_ start: Event, depth: Int) throws -> Node {
    try checkTag(of: start, is: "map")
    var members: [String: JSONValue] = [:]
    var merged: [String: JSONValue] = [:]
    var count = 1
    while true {
      let event = try parser.next()
      if case .mappingEnd = event.kind { break }
      let isMerge = Self.isMergeKey(event)
      let name = isMerge ? "<<" : try key(event, depth: depth + 1)
      let valueEvent = try parser.next()
      let node = try compose(valueEvent, depth: depth + 1)
      count += node.count
      switch (duplicateKeys, isMerge) {
      case (.lastWins, true):
        try members.merge(mergedMembers(of: node.value, at: valueEvent.mark)) { _, last in last }
      case (.lastWins, false): members[name] = node.value
      case (.refused, true):
        // The mapping's own keys win, then the earlier merges (https://yaml.org/type/merge.html).
        try merged.merge(mergedMembers(of: node.value, at: valueEvent.mark)) { first, _ in first }
      case (.refused, false):
        guard members.updateValue(node.value, forKey: name) == nil else {
          throw event.mark.error("duplicate key \(name.debugDescription)")
        }
      }
    }
    return Node(value: .object(members.merging(merged) { own, _ in own }), count: count)
  }

  static func isMergeKey(_ event: Event) -> Bool {
    guard case .scalar(let scalar) = event.kind else { return false }
    return event.tag == tagPrefix + "merge" || (scalar.isPlain && event.tag == nil && scalar.text == "<<")
  }

  private func mergedMembers(of value: JSONValue, at mark: Mark) throws -> [String: JSONValue] {
    if let members = value.object { return members }
    let objects = value.array?.compactMap(\.object)
    guard let objects, objects.count == value.array?.count else {
      throw mark.error("merge key << needs a mapping or a sequence of mappings")
    }
    return objects.reduce(into: [:]) { members, object in members.merge(object) { first, _ in first } }
  }

  private mutating func key(_ event: Event, depth: Int) throws -> String {
    guard let key = Self.key(try compose(event, depth: depth).value) else {
      throw event.mark.error("a key must be a string, a number or a boolean")
    }
    return key
  }

  /// The name of a member with a key that is not written as a string; nil for one that JSON cannot have.
  static func key(_ value: JSONValue) -> String? {
    switch value {
    case .string(let text): text
    case .bool(let flag): flag ? "true" : "false"
    case .integer(let number): String(number)
    case .double(let number): String(number)
    case .null, .array, .object: nil
    }
  }

  private func value(of scalar: Event.Scalar, _ event: Event) throws -> JSONValue {
    guard let tag = event.tag else { return scalar.isPlain ? try resolved(scalar, event) : .string(scalar.text) }
    switch tag {
    case "!", Self.tagPrefix + "str": return .string(scalar.text)
    case Self.tagPrefix + "null", Self.tagPrefix + "bool", Self.tagPrefix + "int", Self.tagPrefix + "float":
      return try tagged(scalar, event, as: tag)
    default:
      throw event.mark.error("unsupported tag \(tag); allowed: !!str, !!int, !!float, !!bool, !!null, !!map, !!seq")
    }
  }

  private func tagged(_ scalar: Event.Scalar, _ event: Event, as tag: String) throws -> JSONValue {
    let name = tag.dropFirst(Self.tagPrefix.count)
    switch (name, try resolved(scalar, event)) {
    case ("null", .null): return .null
    case ("bool", .bool(let flag)): return .bool(flag)
    case ("int", .integer(let number)): return .integer(number)
    case ("float", .integer(let number)): return .double(Double(number))
    case ("float", .double(let number)): return .double(number)
    default: throw event.mark.error("\(scalar.text.debugDescription) is not a valid !!\(name)")
    }
  }

  private func resolved(_ scalar: Event.Scalar, _ event: Event) throws -> JSONValue {
    switch PlainScalar.resolve(scalar.text) {
    case .value(let value): return value
    case .notFinite: throw event.mark.error("\(scalar.text) has no JSON value")
    }
  }

  private func checkTag(of event: Event, is name: String) throws {
    guard let tag = event.tag, tag != "!", tag != Self.tagPrefix + name else { return }
    throw event.mark.error("unsupported tag \(tag) here; allowed: !!\(name)")
  }
}

/// Where the values of a document are in its text.
public struct YAMLPlaces: Sendable {
  /// Line and column count from 1.
  public struct Place: Sendable, Hashable, Comparable {
    public let line: Int
    public let column: Int

    public init(line: Int, column: Int) { (self.line, self.column) = (line, column) }

    public static func < (left: Place, right: Place) -> Bool {
      (left.line, left.column) < (right.line, right.column)
    }
  }

  private indirect enum Node {
    case scalar(String, Place)
    case sequence([Node], Place)
    case mapping([(key: String, place: Place, value: Node)], Place)

    var place: Place {
      switch self {
      case .scalar(_, let place), .sequence(_, let place), .mapping(_, let place): place
      }
    }
  }

  private let root: Node
  private let lines: [Substring]
  /// Where an embedded text begins.
  private let shift: @Sendable (Place) -> Place

  /// The places of every document of a stream, in the order of `YAML.parseAll`.
  /// - Throws: `YAMLError` for invalid YAML.
  public static func all(_ text: String) throws -> [YAMLPlaces] {
    try all(text) { $0 }
  }

  private static func all(_ text: String, _ shift: @escaping @Sendable (Place) -> Place) throws -> [YAMLPlaces] {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let parser = try EventParser(text)
    var places: [YAMLPlaces] = []
    while true {
      switch try parser.next().kind {
      case .streamEnd: return places
      case .documentStart:
        var reader = Reader(parser: parser)
        places.append(YAMLPlaces(root: try reader.node(try parser.next()), lines: lines, shift: shift))
      default: continue
      }
    }
  }

  /// The place of a field, or of the nearest parent that exists.
  /// - Parameter field: in the notation of Kubernetes messages, `spec.components.proxy.env[NAME]`; names may have dots.
  public func place(of field: String) -> Place { shift(find(field).place) }

  /// The place of the first value that is a text.
  /// - Parameter key: of which member it has to be the value; nil for any.
  public func place(ofText text: String, under key: String? = nil) -> Place? {
    Self.place(of: text, under: key, in: root, isMember: false).map(shift)
  }

  /// The YAML text that a field holds, and its places in the whole text.
  /// - Returns: nil where the field is no string.
  /// - Throws: `YAMLError` with the place in the whole text.
  public func embedded(at field: String) throws -> (text: String, places: YAMLPlaces)? {
    let found = find(field)
    guard found.isWhole, case .scalar(let text, let mark) = found.node else { return nil }
    let shift = shift(ofText: mark)
    do {
      let places = try Self.all(text, shift).first
      let empty = YAMLPlaces(root: .scalar("", Place(line: 1, column: 1)), lines: [], shift: shift)
      return (text, places ?? empty)
    } catch let error as YAMLError {
      let place = shift(Place(line: error.line, column: error.column))
      throw YAMLError(message: error.message, line: place.line, column: place.column)
    }
  }

  /// Only a literal block (`|`) has the lines of its text; all of another string is where it begins.
  private func shift(ofText mark: Place) -> @Sendable (Place) -> Place {
    let outer = shift
    guard lines.indices.contains(mark.line - 1), lines[mark.line - 1].dropFirst(mark.column - 1).first == "|",
      let first = lines[mark.line...].first(where: { !$0.allSatisfy(\.isWhitespace) })
    else { return { _ in outer(mark) } }
    let indentation = first.prefix { $0 == " " }.count
    return { place in outer(Place(line: mark.line + place.line, column: indentation + place.column)) }
  }

  private func find(_ field: String) -> (node: Node, place: Place, isWhole: Bool) {
    var (node, place, rest) = (root, root.place, field[...])
    while !rest.isEmpty {
      guard let step = Self.step(from: node, along: rest) else { return (node, place, false) }
      (node, place, rest) = step
    }
    return (node, place, true)
  }

  private static func step(from node: Node, along field: Substring) -> (Node, Place, Substring)? {
    switch node {
    case .scalar: return nil
    case .mapping(let entries, _):
      let fitting = entries.filter { field.hasPrefix($0.key) && isEnd(field.dropFirst($0.key.count)) }
      guard let entry = fitting.max(by: { $0.key.count < $1.key.count }) else { return nil }
      return (entry.value, entry.place, rest(field.dropFirst(entry.key.count)))
    case .sequence(let elements, _):
      let isName = field.first == "["
      let name = isName ? field.dropFirst().prefix { $0 != "]" } : field.prefix { $0 != "." && $0 != "[" }
      let named = elements.first { element in
        guard isName, case .mapping(let entries, _) = element else { return false }
        return entries.contains { entry in
          if entry.key == "name", case .scalar(let text, _) = entry.value { text == name } else { false }
        }
      }
      let indexed = Int(name).flatMap { elements.indices.contains($0) ? elements[$0] : nil }
      guard let element = named ?? indexed else { return nil }
      return (element, element.place, rest(field.dropFirst(name.count + (isName ? 2 : 0))))
    }
  }

  private static func isEnd(_ field: Substring) -> Bool { field.isEmpty || field.first == "." || field.first == "[" }

  private static func rest(_ field: Substring) -> Substring { field.first == "." ? field.dropFirst() : field }

  private static func place(of text: String, under key: String?, in node: Node, isMember: Bool) -> Place? {
    switch node {
    case .scalar(let own, let place): own == text && (isMember || key == nil) ? place : nil
    case .sequence(let elements, _):
      elements.lazy.compactMap { place(of: text, under: key, in: $0, isMember: false) }.first
    case .mapping(let entries, _):
      entries.lazy.compactMap { place(of: text, under: key, in: $0.value, isMember: $0.key == key) }.first
    }
  }

  private struct Reader {
    let parser: EventParser
    var anchors: [String: Node] = [:]

    mutating func node(_ event: Event) throws -> Node {
      let place = Place(line: event.mark.line, column: event.mark.column)
      let node: Node
      switch event.kind {
      case .scalar(let scalar): node = .scalar(scalar.text, place)
      case .alias(let name): return anchors[name] ?? .scalar("", place)
      case .sequenceStart:
        var elements: [Node] = []
        while true {
          let next = try parser.next()
          if case .sequenceEnd = next.kind { break }
          elements.append(try self.node(next))
        }
        node = .sequence(elements, place)
      case .mappingStart: node = .mapping(try entries(), place)
      default: throw event.mark.error("a value is missing")
      }
      if let anchor = event.anchor { anchors[anchor] = node }
      return node
    }

    /// Those that are merged in (`<<`) come after the mapping's own, which win.
    private mutating func entries() throws -> [(key: String, place: Place, value: Node)] {
      var (own, merged): ([(key: String, place: Place, value: Node)], [Node]) = ([], [])
      while true {
        let next = try parser.next()
        if case .mappingEnd = next.kind { break }
        let key = try node(next)
        let value = try node(try parser.next())
        guard case .scalar(let name, let place) = key else { continue }
        if name == "<<" { merged.append(value) } else { own.append((name, place, value)) }
      }
      for node in merged {
        let sources = if case .sequence(let elements, _) = node { elements } else { [node] }
        for case .mapping(let entries, _) in sources { own += entries }
      }
      return own
    }
  }
}

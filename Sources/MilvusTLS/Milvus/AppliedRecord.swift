import JSON

/// What the operator added to a Milvus resource, kept in an annotation of that resource and written in the same request
/// as the additions themselves, so that the two can never differ.
///
/// It answers two questions: who wrote a value of the resource, and what has to be removed when TLS is disabled.
struct AppliedRecord: Equatable {
  /// Values set, by their place.
  var values: [JSONPointer: JSONValue] = [:]
  /// Elements appended to lists, by the list's place.
  var elements: [JSONPointer: [JSONValue]] = [:]
  /// Objects and lists created for them: these are removed when they are empty again; those that somebody wrote empty
  /// stay.
  var created: Set<JSONPointer> = []
}

extension AppliedRecord {
  /// Reads the annotation's text. Text of another form is no record: everything then counts as the user's.
  init(annotation text: String?) {
    guard let text, let json = try? JSONValue(parsing: text) else { return }
    for (place, value) in json["values"]?.object ?? [:] {
      if let pointer = JSONPointer(parsing: place) { values[pointer] = value }
    }
    for (place, list) in json["elements"]?.object ?? [:] {
      if let pointer = JSONPointer(parsing: place), let list = list.array { elements[pointer] = list }
    }
    created = Set((json["created"]?.array ?? []).compactMap { $0.string.flatMap(JSONPointer.init(parsing:)) })
  }

  /// The annotation's text; equal records give equal text.
  var annotation: String {
    JSONValue.object([
      "values": .object(Dictionary(uniqueKeysWithValues: values.map { ($0.key.description, $0.value) })),
      "elements": .object(Dictionary(uniqueKeysWithValues: elements.map { ($0.key.description, .array($0.value)) })),
      "created": .array(created.map(\.description).sorted().map(JSONValue.string)),
    ]).description
  }

  /// The resource without what is recorded. A value that somebody changed since then is theirs and stays.
  func strippedFrom(_ resource: JSONValue) -> JSONValue {
    var result = resource
    for (pointer, value) in values where result[pointer] == value { result[pointer] = nil }
    for (pointer, added) in elements {
      guard let list = result[pointer]?.array else { continue }
      result[pointer] = .array(list.filter { !added.contains($0) })
    }
    for pointer in created.sorted(by: { $0.tokens.count > $1.tokens.count }) {
      if result[pointer] == [:] || result[pointer] == [] { result[pointer] = nil }
    }
    return result
  }
}

import JSON

/// The label and field selectors of a request
/// (https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors).
struct Selector: Sendable {
  private enum LabelRequirement: Sendable {
    case isIn(String, Set<String>)
    case isNotIn(String, Set<String>)
    case exists(String)
    case doesNotExist(String)
  }

  private struct FieldRequirement: Sendable {
    let path: JSONPointer
    let value: String
    let isNegated: Bool
  }

  private let labels: [LabelRequirement]
  private let fields: [FieldRequirement]

  /// Whether it selects everything.
  var isEmpty: Bool { labels.isEmpty && fields.isEmpty }

  /// - Throws: `ServerStatus` for an invalid selector, or a field that the resource does not support in selectors.
  init(labels: String?, fields: String?, of type: ResourceType) throws {
    self.labels = try Self.terms(labels ?? "").map(Self.labelRequirement)
    self.fields = try Self.terms(fields ?? "").map { try Self.fieldRequirement($0, of: type) }
  }

  func matches(_ object: JSONValue) -> Bool {
    let objectLabels = labels.isEmpty ? [:] : object.labels
    return labels.allSatisfy { Self.holds($0, objectLabels) }
      && fields.allSatisfy { ((object[$0.path]?.string ?? "") == $0.value) != $0.isNegated }
  }

  private static func holds(_ requirement: LabelRequirement, _ labels: [String: String]) -> Bool {
    switch requirement {
    case .isIn(let key, let values): labels[key].map(values.contains) ?? false
    case .isNotIn(let key, let values): labels[key].map { !values.contains($0) } ?? true
    case .exists(let key): labels[key] != nil
    case .doesNotExist(let key): labels[key] == nil
    }
  }

  /// The parts between commas outside parentheses.
  private static func terms(_ text: String) -> [String] {
    var terms = [""]
    var depth = 0
    for character in text {
      if character == "(" { depth += 1 }
      if character == ")" { depth -= 1 }
      if character == ",", depth == 0 { terms.append("") } else { terms[terms.count - 1].append(character) }
    }
    return terms.map { $0.trimmingSpaces() }.filter { !$0.isEmpty }
  }

  private static func labelRequirement(_ term: String) throws -> LabelRequirement {
    if let open = term.firstIndex(of: "(") {
      let head = term[..<open].split(separator: " ").map(String.init)
      guard term.hasSuffix(")"), head.count == 2 else {
        throw ServerStatus.badRequest("unable to parse requirement: found '', expected: ',' or ')'")
      }
      let list = term[term.index(after: open)...].dropLast()
      let values = Set(list.split(separator: ",").map { String($0).trimmingSpaces() })
      switch head[1] {
      case "in": return .isIn(head[0], values)
      case "notin": return .isNotIn(head[0], values)
      default:
        throw ServerStatus.badRequest("unable to parse requirement: found '\(head[1])', expected: 'in' or 'notin'")
      }
    }
    if let (key, value) = split(term, at: "!=") { return .isNotIn(key, [value]) }
    if let (key, value) = split(term, at: "==") ?? split(term, at: "=") { return .isIn(key, [value]) }
    return term.hasPrefix("!") ? .doesNotExist(String(term.dropFirst()).trimmingSpaces()) : .exists(term)
  }

  private static func fieldRequirement(_ term: String, of type: ResourceType) throws -> FieldRequirement {
    let negated = split(term, at: "!=")
    guard let (field, value) = negated ?? split(term, at: "==") ?? split(term, at: "=") else {
      throw ServerStatus.badRequest("invalid selector: '\(term)'; can't understand '\(term)'")
    }
    guard selectableFields(of: type).contains(field) else {
      throw ServerStatus.badRequest("field label not supported: \(field)")
    }
    let path = field.split(separator: ".").map(String.init)
    return FieldRequirement(path: JSONPointer(path), value: value, isNegated: negated != nil)
  }

  private static func selectableFields(of type: ResourceType) -> Set<String> {
    let always: Set = ["metadata.name", "metadata.namespace"]
    return switch type.storage {
    case .pods: always.union(["status.phase", "spec.nodeName", "spec.restartPolicy", "status.podIP"])
    case .secrets: always.union(["type"])
    case .namespaces: ["metadata.name", "status.phase"]
    case .events:
      always.union([
        "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid", "reason",
        "type",
      ])
    default: type.isNamespaced ? always : ["metadata.name"]
    }
  }

  private static func split(_ term: String, at separator: String) -> (String, String)? {
    guard let range = term.firstRange(of: separator) else { return nil }
    return (String(term[..<range.lowerBound]).trimmingSpaces(), String(term[range.upperBound...]).trimmingSpaces())
  }
}

extension String {
  fileprivate func trimmingSpaces() -> String {
    String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}

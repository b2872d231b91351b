import JSON

/// What a Milvus and its MilvusTLS end with.
struct GoldenOutcome {
  /// `spec` of the Milvus, with a fixed text in place of the certificates' digest.
  let spec: JSONValue
  /// Status, reason and message of the condition Ready; nil where there is no MilvusTLS.
  let ready: [String]?
  /// Those of every other condition, by type.
  let conditions: [String: [String]]

  private static let digest = JSONPointer(["components", "podAnnotations", "tls.milvus.io/certificate"])

  init(_ world: World) {
    var spec = world.milvus["spec"] ?? [:]
    // 64 and 16 hexadecimal digits; a value of another form is not the operator's.
    if let text = spec[Self.digest]?.string, text.wholeMatch(of: /[0-9a-f]{64}-[0-9a-f]{16}/) != nil {
      spec[Self.digest] = "<digest>"
    }
    self.spec = spec
    let types = world.milvusTLS?.status.json["conditions"]?.array?.compactMap { $0["type"]?.string } ?? []
    let all = Dictionary(uniqueKeysWithValues: types.map { ($0, world.condition($0) ?? []) })
    ready = all["Ready"]
    conditions = all.filter { $0.key != "Ready" }
  }

  /// Reads the document Expected; nil where nothing is recorded yet.
  init?(_ expected: [String: JSONValue]) {
    guard let spec = expected["milvus"] else { return nil }
    self.spec = spec
    ready = expected["ready"].map(Self.texts)
    conditions = (expected["conditions"]?.object ?? [:]).mapValues(Self.texts)
  }

  /// The members of the document Expected, in the order of the file.
  var sections: [[String: JSONValue]] {
    [ready.map { ["ready": Self.list($0)] } ?? [:], json(of: conditions), ["milvus": spec]]
  }

  /// Where another outcome differs from this one, a line a field.
  func differences(from actual: GoldenOutcome) -> [String] {
    FieldDifferences.between(json, actual.json)
  }

  private var json: JSONValue { .object(sections.reduce(into: [:]) { $0.merge($1) { first, _ in first } }) }

  private func json(of conditions: [String: [String]]) -> [String: JSONValue] {
    conditions.isEmpty ? [:] : ["conditions": .object(conditions.mapValues(Self.list))]
  }

  private static func texts(_ value: JSONValue) -> [String] { value.array?.map { $0.string ?? $0.description } ?? [] }

  private static func list(_ texts: [String]) -> JSONValue { .array(texts.map(JSONValue.string)) }
}

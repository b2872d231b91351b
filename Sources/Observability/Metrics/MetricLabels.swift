/// The labels of a series, sorted by name; they identify a series within its metric.
public struct MetricLabels: Sendable, Hashable, ExpressibleByArrayLiteral {
  public struct Label: Sendable, Hashable {
    public let name: String
    public let value: String
  }

  public let labels: [Label]

  /// - Parameter pairs: names and values. If a name occurs twice, the last value wins. Invalid characters in names
  ///   become `_`.
  public init(_ pairs: [(String, String)]) {
    let values = Dictionary(pairs.map { (Self.name($0.0), $0.1) }, uniquingKeysWith: { $1 })
    labels = values.sorted { $0.key < $1.key }.map(Label.init(name:value:))
  }

  public init(arrayLiteral pairs: (String, String)...) {
    self.init(pairs)
  }

  /// The text as a valid label name, `[a-zA-Z_][a-zA-Z0-9_]*`.
  private static func name(_ text: String) -> String {
    text.metricName(allowing: "_")
  }
}

extension MetricLabels: Comparable {
  public static func < (left: MetricLabels, right: MetricLabels) -> Bool {
    left.labels.lexicographicallyPrecedes(right.labels) { ($0.name, $0.value) < ($1.name, $1.value) }
  }
}

extension String {
  /// The text as a valid Prometheus name: `_` replaces everything except ASCII letters, digits (not at the start) and
  /// the given characters.
  func metricName(allowing others: String) -> String {
    var name = ""
    for character in self {
      let isAllowed =
        character.isASCII && (character.isLetter || character.isNumber && !name.isEmpty || others.contains(character))
      name.append(isAllowed ? character : "_")
    }
    return name.isEmpty ? "_" : name
  }
}

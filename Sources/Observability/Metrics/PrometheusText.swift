/// Prometheus' text format, version 0.0.4.
///
/// https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
public enum PrometheusText {
  /// Value of the `Content-Type` header.
  public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  /// The families sorted by name, each with its HELP and TYPE lines. Families without series are omitted.
  public static func render(_ families: [MetricFamily]) -> String {
    var text = ""
    for family in families.sorted(by: { $0.name < $1.name }) where !family.samples.isEmpty {
      if !family.help.isEmpty { text += "# HELP \(family.name) \(escaped(family.help))\n" }
      text += "# TYPE \(family.name) \(family.kind.rawValue)\n"
      for sample in family.samples {
        text += "\(family.name)\(sample.suffix)\(labels(sample.labels)) \(number(sample.value))\n"
      }
    }
    return text
  }

  /// A number in the format of Go's `ParseFloat`.
  static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
    return Int64(exactly: value).map(String.init) ?? String(value)
  }

  private static func labels(_ labels: MetricLabels) -> String {
    guard !labels.labels.isEmpty else { return "" }
    let pairs = labels.labels.map { #"\#($0.name)="\#(escaped($0.value, quote: true))""# }
    return "{\(pairs.joined(separator: ","))}"
  }

  private static func escaped(_ text: String, quote: Bool = false) -> String {
    var result = ""
    // Scalars rather than characters, because a carriage return and a line feed are one character.
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += #"\\"#
      case "\n": result += #"\n"#
      case "\"" where quote: result += #"\""#
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

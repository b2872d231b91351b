/// All series of one metric at one moment, in Prometheus' words (https://prometheus.io/docs/concepts/data_model/).
public struct MetricFamily: Sendable, Equatable {
  public enum Kind: String, Sendable { case counter, gauge, histogram }

  /// One line of the exposition.
  public struct Sample: Sendable, Equatable {
    /// What the line's name has behind the family's: `_bucket`, `_sum`, `_count` of a histogram, else nothing.
    public let suffix: String
    public let labels: MetricLabels
    public let value: Double

    public init(_ value: Double, labels: MetricLabels = [], suffix: String = "") {
      self.suffix = suffix
      self.labels = labels
      self.value = value
    }
  }

  public let name: String
  public let kind: Kind
  /// One line that says what is measured; empty where nothing is known.
  public let help: String
  public let samples: [Sample]

  public init(_ name: String, _ kind: Kind, help: String, samples: [Sample]) {
    self.name = name
    self.kind = kind
    self.help = help
    self.samples = samples
  }
}

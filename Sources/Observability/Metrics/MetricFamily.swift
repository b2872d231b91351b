/// All series of one metric at one time, in Prometheus' terms (https://prometheus.io/docs/concepts/data_model/).
public struct MetricFamily: Sendable, Equatable {
  public enum Kind: String, Sendable { case counter, gauge, histogram }

  /// One line of the exposition.
  public struct Sample: Sendable, Equatable {
    /// Suffix of the family's name in this line: `_bucket`, `_sum` or `_count` of a histogram, else empty.
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
  /// One line that describes the metric; empty if there is no description.
  public let help: String
  public let samples: [Sample]

  public init(_ name: String, _ kind: Kind, help: String, samples: [Sample]) {
    self.name = name
    self.kind = kind
    self.help = help
    self.samples = samples
  }
}

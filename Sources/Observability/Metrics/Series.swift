import CoreMetrics
import Synchronization

/// The values of one series; the handler for every kind of swift-metrics metric.
final class Series: Sendable {
  private struct State {
    /// Value of a counter or gauge; sum of a histogram.
    var value = 0.0
    var count = 0
    /// Number of values per bucket, and above the last bucket.
    var counts: [Int]
  }

  /// Ascending upper bounds of a histogram's buckets; nil for a counter or a gauge.
  private let buckets: [Double]?
  private let state: Mutex<State>

  init(buckets: [Double]?) {
    self.buckets = buckets
    state = Mutex(State(counts: Array(repeating: 0, count: (buckets?.count ?? 0) + 1)))
  }

  /// The series' lines in the text format.
  func samples(_ labels: MetricLabels) -> [MetricFamily.Sample] {
    let (value, count, counts) = state.withLock { ($0.value, $0.count, $0.counts) }
    guard let buckets else { return [MetricFamily.Sample(value, labels: labels)] }
    let pairs = labels.labels.map { ($0.name, $0.value) }
    var cumulative = 0
    let bounds = zip(buckets + [.infinity], counts).map { bound, count in
      cumulative += count
      let labels = MetricLabels(pairs + [("le", PrometheusText.number(bound))])
      return MetricFamily.Sample(Double(cumulative), labels: labels, suffix: "_bucket")
    }
    return bounds + [
      MetricFamily.Sample(value, labels: labels, suffix: "_sum"),
      MetricFamily.Sample(Double(count), labels: labels, suffix: "_count"),
    ]
  }

  private func observe(_ value: Double) {
    guard let buckets else { return set(value) }
    state.withLock { state in
      state.value += value
      state.count += 1
      state.counts[buckets.firstIndex { value <= $0 } ?? buckets.count] += 1
    }
  }
}

extension Series: CounterHandler, FloatingPointCounterHandler, MeterHandler, RecorderHandler, TimerHandler {
  func increment(by amount: Int64) { increment(by: Double(amount)) }
  func increment(by amount: Double) { state.withLock { $0.value += amount } }
  func decrement(by amount: Double) { increment(by: -amount) }
  func reset() { set(0.0) }
  func set(_ value: Int64) { set(Double(value)) }
  func set(_ value: Double) { state.withLock { $0.value = value } }
  func record(_ value: Int64) { observe(Double(value)) }
  func record(_ value: Double) { observe(value) }
  func recordNanoseconds(_ duration: Int64) { observe(Double(duration) / 1e9) }
}

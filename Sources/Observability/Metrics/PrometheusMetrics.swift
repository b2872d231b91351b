import CoreMetrics
import Synchronization

/// A swift-metrics backend that exposes its metrics to Prometheus.
///
/// Labels of swift-metrics become metric names, dimensions become labels. Counters become counters (with suffix
/// `_total`); timers, in seconds, and aggregating recorders become histograms; meters and other recorders become
/// gauges. Metrics with the same name and labels share one series, which `destroy()` removes. A name keeps its first
/// type: series of another type are not exposed, because Prometheus would reject the whole page.
public final class PrometheusMetrics: Sendable {
  /// Returns metric families that are computed for each scrape.
  public typealias Collector = @Sendable () -> [MetricFamily]

  private struct Family {
    let kind: MetricFamily.Kind
    var series: [MetricLabels: Series] = [:]
  }

  private struct State {
    var descriptions = MetricDescription.known
    var families: [String: Family] = [:]
    var collectors: [String: Collector] = [:]
  }

  private let state = Mutex(State())

  public init() {}

  /// Sets the help text of a metric. The metrics of Kubernetes and KubernetesRuntime have one already.
  /// - Parameters:
  ///   - name: name as exposed, with `_total` for a counter.
  ///   - buckets: ascending upper bounds of a histogram's buckets; nil for those of a few requests, in seconds. They
  ///     apply to series created afterwards.
  public func describe(_ name: String, help: String, buckets: [Double]? = nil) {
    let description = MetricDescription(help: help, buckets: buckets ?? MetricDescription.requestBuckets)
    state.withLock { $0.descriptions[name] = description }
  }

  /// Adds, replaces or removes a collector.
  /// - Parameters:
  ///   - name: name of the collector; replaces an earlier collector of this name.
  ///   - collector: nil removes the collector.
  public func collect(_ name: String, _ collector: Collector?) {
    state.withLock { $0.collectors[name] = collector }
  }

  /// The current metrics in Prometheus' text format.
  public func exposition() -> String {
    // Collectors are called outside the lock, because they may use metrics themselves.
    let state = state.withLock { $0 }
    let families = state.families.map { name, family in
      let samples = family.series.sorted { $0.key < $1.key }.flatMap { labels, series in series.samples(labels) }
      return MetricFamily(name, family.kind, help: state.descriptions[name]?.help ?? "", samples: samples)
    }
    return PrometheusText.render(families + state.collectors.values.flatMap { $0() })
  }

  private func series(_ label: String, _ dimensions: [(String, String)], _ kind: MetricFamily.Kind) -> Series {
    var name = label.metricName(allowing: "_:")
    if kind == .counter, !name.hasSuffix("_total") { name += "_total" }
    let labels = MetricLabels(dimensions)
    return state.withLock { state in
      let family = state.families[name] ?? Family(kind: kind)
      let buckets =
        kind == .histogram ? state.descriptions[name]?.buckets ?? MetricDescription.requestBuckets : nil
      guard family.kind == kind else { return Series(buckets: buckets) }
      if let series = family.series[labels] { return series }
      let series = Series(buckets: buckets)
      state.families[name, default: family].series[labels] = series
      return series
    }
  }

  private func remove(_ handler: AnyObject) {
    state.withLock { state in
      for (name, family) in state.families {
        guard let labels = family.series.first(where: { $0.value === handler })?.key else { continue }
        state.families[name]?.series[labels] = nil
        return
      }
    }
  }
}

extension PrometheusMetrics: MetricsFactory {
  public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    series(label, dimensions, .counter)
  }

  public func makeFloatingPointCounter(
    label: String,
    dimensions: [(String, String)]
  ) -> any FloatingPointCounterHandler {
    series(label, dimensions, .counter)
  }

  public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
    series(label, dimensions, .gauge)
  }

  public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
    series(label, dimensions, aggregate ? .histogram : .gauge)
  }

  public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    series(label, dimensions, .histogram)
  }

  public func destroyCounter(_ handler: any CounterHandler) { remove(handler) }
  public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { remove(handler) }
  public func destroyMeter(_ handler: any MeterHandler) { remove(handler) }
  public func destroyRecorder(_ handler: any RecorderHandler) { remove(handler) }
  public func destroyTimer(_ handler: any TimerHandler) { remove(handler) }
}

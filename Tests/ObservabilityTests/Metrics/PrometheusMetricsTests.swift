import Metrics
import TestSupport
import Testing

@testable import Observability

@Suite struct PrometheusMetricsTests {
  private let metrics = PrometheusMetrics()

  private func lines(_ metric: String) -> [String] {
    metrics.exposition().split(separator: "\n").map(String.init).filter { $0.hasPrefix(metric) }
  }

  @Test func countersOfOneNameAndLabelsAreOneSeries() {
    for _ in 0..<2 {
      Counter(label: "jobs_total", dimensions: [("b", "2"), ("a", "1")], factory: metrics).increment(by: 2)
      Counter(label: "jobs_total", dimensions: [("a", "1"), ("b", "2")], factory: metrics).increment()
    }
    #expect(lines("jobs") == [#"jobs_total{a="1",b="2"} 6"#])
    #expect(metrics.exposition().contains("# TYPE jobs_total counter\n"))
  }

  @Test func aCounterWithoutTheEndingOfCountersGetsIt() {
    Counter(label: "jobs.done", factory: metrics).increment()
    FloatingPointCounter(label: "work_seconds", factory: metrics).increment(by: 0.5)
    #expect(lines("jobs") == ["jobs_done_total 1"])
    #expect(lines("work") == ["work_seconds_total 0.5"])
  }

  @Test func gaugesAndMetersShowTheirLastValue() {
    let gauge = Gauge(label: "depth", factory: metrics)
    gauge.record(7)
    gauge.record(-2.5)
    let meter = Meter(label: "workers", factory: metrics)
    meter.set(4)
    meter.increment(by: 2)
    meter.decrement()
    #expect(lines("depth") == ["depth -2.5"])
    #expect(lines("workers") == ["workers 5"])
    #expect(metrics.exposition().contains("# TYPE depth gauge\n# ") == false)
    #expect(metrics.exposition().contains("# TYPE workers gauge\n"))
  }

  @Test func timersAreHistogramsInSecondsWithCumulativeBuckets() {
    let timer = Metrics.Timer(
      label: "work_duration_seconds",
      dimensions: [("kind", "x")],
      factory: metrics
    )
    for milliseconds in [5, 6, 200, 61_000] { timer.recordMilliseconds(milliseconds) }
    let name = "work_duration_seconds"
    #expect(
      lines(name) == [
        #"\#(name)_bucket{kind="x",le="0.005"} 1"#, #"\#(name)_bucket{kind="x",le="0.01"} 2"#,
        #"\#(name)_bucket{kind="x",le="0.025"} 2"#, #"\#(name)_bucket{kind="x",le="0.05"} 2"#,
        #"\#(name)_bucket{kind="x",le="0.1"} 2"#, #"\#(name)_bucket{kind="x",le="0.25"} 3"#,
        #"\#(name)_bucket{kind="x",le="0.5"} 3"#, #"\#(name)_bucket{kind="x",le="1"} 3"#,
        #"\#(name)_bucket{kind="x",le="2.5"} 3"#, #"\#(name)_bucket{kind="x",le="5"} 3"#,
        #"\#(name)_bucket{kind="x",le="10"} 3"#, #"\#(name)_bucket{kind="x",le="30"} 3"#,
        #"\#(name)_bucket{kind="x",le="60"} 3"#, #"\#(name)_bucket{kind="x",le="+Inf"} 4"#,
        #"\#(name)_sum{kind="x"} 61.211"#, #"\#(name)_count{kind="x"} 4"#,
      ]
    )
  }

  @Test func aDescriptionGivesTheHelpAndTheBuckets() {
    metrics.describe("size_bytes", help: "How large.", buckets: [1, 1000])
    Recorder(label: "size_bytes", factory: metrics).record(20)
    #expect(
      lines("size_bytes") == [
        #"size_bytes_bucket{le="1"} 0"#, #"size_bytes_bucket{le="1000"} 1"#, #"size_bytes_bucket{le="+Inf"} 1"#,
        "size_bytes_sum 20", "size_bytes_count 1",
      ]
    )
    #expect(metrics.exposition().hasPrefix("# HELP size_bytes How large.\n# TYPE size_bytes histogram\n"))
  }

  @Test func aDestroyedSeriesIsGoneAndItsNeighboursStay() {
    let first = Gauge(label: "depth", dimensions: [("name", "a")], factory: metrics)
    let second = Gauge(label: "depth", dimensions: [("name", "b")], factory: metrics)
    first.record(1)
    second.record(2)
    first.destroy()
    first.record(3)
    #expect(lines("depth") == [#"depth{name="b"} 2"#])
    second.destroy()
    #expect(metrics.exposition() == "")
  }

  @Test func aNameKeepsTheKindItWasFirstUsedWith() throws {
    Gauge(label: "depth", factory: metrics).record(1)
    Recorder(label: "depth", factory: metrics).record(2)
    #expect(lines("depth") == ["depth 1"])
  }

  @Test func promtoolIsContentWithEveryMetricThatIsDescribed() throws {
    for name in MetricDescription.known.keys {
      let dimensions = [("name", "milvus")]
      if name.hasSuffix("_total") {
        Counter(label: name, dimensions: dimensions, factory: metrics).increment()
      } else if name.hasSuffix("_duration_seconds") || name.hasSuffix("_time_seconds") {
        Metrics.Timer(label: name, dimensions: dimensions, factory: metrics).recordSeconds(1)
      } else {
        Gauge(label: name, dimensions: dimensions, factory: metrics).record(1)
      }
    }
    let text = metrics.exposition()
    #expect(text.split(separator: "\n").count { $0.hasPrefix("# HELP") } == MetricDescription.known.count)
    #expect(try Promtool.complaints(about: text) == "")
  }

  @Test func collectorsAreAskedEachTimeUntilTheyAreTakenAway() {
    let asked = Counter(label: "asked_total", factory: metrics)
    metrics.collect("test") {
      asked.increment()
      return [MetricFamily("collected", .gauge, help: "", samples: [.init(1)])]
    }
    #expect(lines("collected") == ["collected 1"])
    #expect(lines("collected") == ["collected 1"])
    metrics.collect("test", nil)
    #expect(lines("collected").isEmpty)
    #expect(lines("asked_total") == ["asked_total 2"])
  }
}

import CoreMetrics
import Synchronization

/// Keeps the sums of counters and how often timers were used.
final class RecordedMetrics: MetricsFactory {
  private struct Key: Hashable {
    var label: String
    var dimensions: [String: String]
  }

  private final class Handler: CounterHandler, TimerHandler {
    let add: @Sendable (Int64) -> Void

    init(_ add: @escaping @Sendable (Int64) -> Void) { self.add = add }

    func increment(by amount: Int64) { add(amount) }
    func reset() {}
    func recordNanoseconds(_ duration: Int64) { add(1) }
  }

  private let counts = Mutex<[Key: Int]>([:])

  func count(_ label: String, _ dimensions: [String: String]) -> Int? {
    counts.withLock { $0[Key(label: label, dimensions: dimensions)] }
  }

  private func handler(_ label: String, _ dimensions: [(String, String)]) -> Handler {
    let key = Key(label: label, dimensions: Dictionary(uniqueKeysWithValues: dimensions))
    return Handler { [self] amount in counts.withLock { $0[key, default: 0] += Int(amount) } }
  }

  func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler { handler(label, dimensions) }
  func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler { handler(label, dimensions) }
  func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
    NOOPMetricsHandler.instance
  }
  func destroyCounter(_ handler: any CounterHandler) {}
  func destroyRecorder(_ handler: any RecorderHandler) {}
  func destroyTimer(_ handler: any TimerHandler) {}
}

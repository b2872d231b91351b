import Foundation
import JSON
import MilvusTLS

/// A forecast for people and for programs.
struct PlanReport {
  private let forecast: Forecast

  init(_ forecast: Forecast) {
    self.forecast = forecast
  }

  var json: JSONValue {
    [
      "namespace": forecast.milvus.map { .string($0.namespace) } ?? .null,
      "milvus": forecast.milvus.map { .string($0.name) } ?? .null,
      "milvusTLS": forecast.milvusTLS.map { .string($0.name) } ?? .null,
      "from": .string(forecast.start.kubernetesTime), "until": .string(forecast.end.kubernetesTime),
      "windows": .array(forecast.windows), "steps": .array(forecast.steps.map(\.json)),
      "end": forecast.earlyEnd.map { .string($0.message) } ?? .null,
    ]
  }

  var text: String {
    var text = ""
    if let milvus = forecast.milvus {
      text = "Milvus \(milvus.namespace)/\(milvus.name), if nobody changes anything and every rollout succeeds:\n"
    }
    for step in forecast.steps {
      let time =
        step.date == forecast.start
        ? "\(step.date.kubernetesTime) (now)" : "\(RelativeTime(date: step.date, now: forecast.start))"
      text += "\n\(time)\n" + step.lines.map { "  \($0.inOneLine)\n" }.joined()
    }
    if forecast.steps.isEmpty { text += "\nNothing to do.\n" }
    if !forecast.windows.isEmpty {
      text += "\nRestarts wait for these windows:\n"
      text += forecast.windows.map { "  \(Self.window($0).inOneLine)\n" }.joined()
    }
    let end = forecast.earlyEnd?.message ?? "nothing more until \(forecast.end.kubernetesTime)"
    return text + "\nAfter that: \(end.inOneLine)\n"
  }

  /// `duration 2h, schedule 0 3 * * 6`.
  private static func window(_ window: JSONValue) -> String {
    (window.object ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.string ?? "\($0.value)")" }
      .joined(separator: ", ")
  }
}

import JSON
import MilvusTLS

/// What the operator has proved of one Milvus, as the status of its MilvusTLS has it.
struct VerificationReport: Equatable {
  let verdict: Condition.Status
  private let milvusTLS: String
  private let milvus: String
  private let namespace: String
  /// Whether the status is of a former specification: it proves nothing of the present one.
  private let isStale: Bool
  private let reason: String
  private let message: String
  private let status: MilvusTLSStatus

  init(_ observed: ObservedMilvusTLS) {
    milvusTLS = observed.name
    milvus = observed.milvusName
    namespace = observed.namespace
    status = observed.status
    let condition = status.condition(.verified)
    guard let condition, let generation = condition.observedGeneration ?? status.observedGeneration else {
      isStale = false
      (verdict, reason) = (.unknown, "NotReported")
      message = "The operator has not reported on it yet"
      return
    }
    isStale = generation < observed.generation
    guard !isStale else {
      (verdict, reason) = (.unknown, "Stale")
      message =
        "The status (\(condition.status.rawValue), \(condition.reason)) is of generation \(generation); the operator has not "
        + "reported on the current generation \(observed.generation) yet"
      return
    }
    (verdict, reason, message) = (condition.status, condition.reason, condition.message)
  }

  /// What the program ends with.
  var exitStatus: Int32 {
    switch verdict {
    case .true: 0
    case .false: 1
    case .unknown: 3
    }
  }

  /// For programs; pods and endpoints as the status has them.
  var json: JSONValue {
    let status = status.json
    return [
      "namespace": .string(namespace), "milvus": .string(milvus), "milvusTLS": .string(milvusTLS),
      "verified": .string(verdict.rawValue), "reason": .string(reason), "message": .string(message),
      "stale": .bool(isStale), "pods": status["pods"] ?? [], "endpoints": status["endpoints"] ?? [],
    ]
  }

  /// For people.
  var table: String {
    let release = TextTable(rows: [
      ["MILVUS", "VERIFIED", "REASON", "MESSAGE"], [milvus, verdict.rawValue, reason, message],
    ])
    let pods = status.pods.map { [$0.name, $0.run.container, $0.verdict.status.rawValue, $0.verdict.text] }
    let endpoints = status.endpoints.map { [$0.name, $0.address, $0.verdict.status.rawValue, $0.verdict.text] }
    let sections = [
      Self.section(["POD", "CONTAINER", "VERDICT", "EVIDENCE"], pods),
      Self.section(["ENDPOINT", "ADDRESS", "VERDICT", "EVIDENCE"], endpoints),
    ]
    return ([release] + sections.compactMap(\.self)).map(\.description).joined(separator: "\n")
  }

  private static func section(_ header: [String], _ rows: [[String]]) -> TextTable? {
    rows.isEmpty ? nil : TextTable(rows: [header] + rows)
  }
}

import JSON
import MilvusTLS

/// What the operator has verified for one Milvus, from the status of its MilvusTLS.
struct VerificationReport: Equatable {
  let verdict: Condition.Status
  private let milvusTLS: String
  private let milvus: String
  private let namespace: String
  /// Whether the status is about an earlier generation of the spec; it then proves nothing about the current one.
  private let isStale: Bool
  private let reason: String
  private let message: String
  /// Only the parts that the report shows, so that reports are equal if their texts are.
  private let status: MilvusTLSStatus

  init(_ observed: ObservedMilvusTLS) {
    milvusTLS = observed.name
    milvus = observed.milvusName
    namespace = observed.namespace
    var shown = MilvusTLSStatus()
    shown.pods = observed.status.pods
    shown.endpoints = observed.status.endpoints
    shown.plaintext = observed.status.plaintext
    status = shown
    let condition = observed.status.condition(.verified)
    guard let condition, let generation = condition.observedGeneration ?? observed.status.observedGeneration else {
      isStale = false
      (verdict, reason) = (.unknown, "NotReported")
      message = "The operator has not reported a status yet"
      return
    }
    isStale = generation < observed.generation
    guard !isStale else {
      (verdict, reason) = (.unknown, "Stale")
      message =
        "The status (\(condition.status.rawValue), \(condition.reason)) is for generation \(generation); the operator has not "
        + "reported on the current generation \(observed.generation) yet"
      return
    }
    (verdict, reason, message) = (condition.status, condition.reason, condition.message)
  }

  /// Exit status of the program.
  var exitStatus: Int32 {
    switch verdict {
    case .true: 0
    case .false: 1
    case .unknown: 3
    }
  }

  /// For programs. Pods, endpoints and plaintext ports are those of the status.
  var json: JSONValue {
    let status = status.json
    return [
      "namespace": .string(namespace), "milvus": .string(milvus), "milvusTLS": .string(milvusTLS),
      "verified": .string(verdict.rawValue), "reason": .string(reason), "message": .string(message),
      "stale": .bool(isStale), "pods": status["pods"] ?? [], "endpoints": status["endpoints"] ?? [],
      "plaintext": status["plaintext"] ?? [],
    ]
  }

  /// For people.
  var table: String {
    let release = TextTable(rows: [
      ["MILVUS", "VERIFIED", "REASON", "MESSAGE"], [milvus, verdict.rawValue, reason, message],
    ])
    let pods = status.pods.map { [$0.name, $0.run.container, $0.verdict.status.rawValue, $0.verdict.text] }
    let endpoints = status.endpoints.map { [$0.name, $0.address, $0.verdict.status.rawValue, $0.verdict.text] }
    let plaintext = status.plaintext.map { port in
      let pods = port.example + (port.pods > 1 ? " and \(port.pods - 1) more" : "")
      return ["\(port.port)", port.protocol, pods, port.evidence]
    }
    let sections = [
      Self.section(["POD", "CONTAINER", "VERDICT", "EVIDENCE"], pods),
      Self.section(["ENDPOINT", "ADDRESS", "VERDICT", "EVIDENCE"], endpoints),
      Self.section(["PLAINTEXT PORT", "PROTOCOL", "PODS", "EVIDENCE"], plaintext),
    ]
    return ([release] + sections.compactMap(\.self)).map(\.description).joined(separator: "\n")
  }

  private static func section(_ header: [String], _ rows: [[String]]) -> TextTable? {
    rows.isEmpty ? nil : TextTable(rows: [header] + rows)
  }
}

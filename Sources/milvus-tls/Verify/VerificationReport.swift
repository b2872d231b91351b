import JSON
import MilvusTLS

/// What the operator has proved of one Milvus, as it stands in the status of its MilvusTLS.
struct VerificationReport: Equatable {
  enum Verdict: String {
    case verified = "True"
    case refuted = "False"
    case unknown = "Unknown"

    /// What the program ends with.
    var exitStatus: Int32 {
      switch self {
      case .verified: 0
      case .refuted: 1
      case .unknown: 3
      }
    }
  }

  let verdict: Verdict
  private let milvusTLS: String
  private let milvus: String
  private let namespace: String
  /// Whether the status is of a former specification: it proves nothing of the present one.
  private let isStale: Bool
  private let reason: String
  private let message: String
  private let pods: [JSONValue]
  private let endpoints: [JSONValue]

  init(_ observed: ObservedMilvusTLS) {
    milvusTLS = observed.name
    milvus = observed.milvusName
    namespace = observed.namespace
    pods = observed.status["pods"]?.array ?? []
    endpoints = observed.status["endpoints"]?.array ?? []
    let condition = observed.status.condition("Verified")
    let told = condition?["observedGeneration"]?.integer ?? observed.status["observedGeneration"]?.integer
    guard let condition, let told else {
      isStale = false
      (verdict, reason) = (.unknown, "NotReported")
      message = "the operator has not reported on it yet"
      return
    }
    let (status, why) = (condition["status"]?.string ?? "", condition["reason"]?.string ?? "")
    isStale = told < observed.generation
    guard !isStale else {
      (verdict, reason) = (.unknown, "Stale")
      message =
        "the status (\(status), \(why)) is of generation \(told), and the operator has not reported on the present one, "
        + "\(observed.generation), yet"
      return
    }
    verdict = Verdict(rawValue: status) ?? .unknown
    reason = why
    message = condition["message"]?.string ?? ""
  }

  /// For programs; pods and endpoints as they stand in the status.
  var json: JSONValue {
    [
      "namespace": .string(namespace), "milvus": .string(milvus), "milvusTLS": .string(milvusTLS),
      "verified": .string(verdict.rawValue), "reason": .string(reason), "message": .string(message),
      "stale": .bool(isStale), "pods": .array(pods), "endpoints": .array(endpoints),
    ]
  }

  /// For people.
  var table: String {
    let release = TextTable(rows: [
      ["MILVUS", "VERIFIED", "REASON", "MESSAGE"], [milvus, verdict.rawValue, reason, message],
    ])
    let sections = [
      Self.section(pods, ["POD": "name", "CONTAINER": "container", "VERDICT": "verdict", "EVIDENCE": "evidence"]),
      Self.section(
        endpoints,
        ["ENDPOINT": "name", "ADDRESS": "address", "VERDICT": "verdict", "EVIDENCE": "evidence"]
      ),
    ]
    return ([release] + sections.compactMap { $0 }).map(\.description).joined(separator: "\n")
  }

  private static func section(_ items: [JSONValue], _ columns: KeyValuePairs<String, String>) -> TextTable? {
    guard !items.isEmpty else { return nil }
    let rows = items.map { item in columns.map { item[$0.value]?.string ?? "" } }
    return TextTable(rows: [columns.map(\.key)] + rows)
  }
}

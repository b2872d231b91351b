import JSON

/// Core events and `events.k8s.io` events are the same objects with different field names
/// (https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/).
enum EventVersions {
  /// Name in `events.k8s.io/v1`, name in the core API.
  private static let names = [
    ("regarding", "involvedObject"), ("note", "message"), ("reportingController", "reportingComponent"),
    ("deprecatedSource", "source"), ("deprecatedFirstTimestamp", "firstTimestamp"),
    ("deprecatedLastTimestamp", "lastTimestamp"), ("deprecatedCount", "count"),
  ]

  /// The event with the core names, as it is stored.
  static func stored(_ event: JSONValue) -> JSONValue {
    renamed(event, names, apiVersion: "v1")
  }

  /// The stored event with the names of `events.k8s.io/v1`.
  static func presented(_ event: JSONValue) -> JSONValue {
    renamed(event, names.map { ($0.1, $0.0) }, apiVersion: "events.k8s.io/v1")
  }

  private static func renamed(_ event: JSONValue, _ names: [(String, String)], apiVersion: JSONValue) -> JSONValue {
    var result = event
    result["apiVersion"] = apiVersion
    for (from, to) in names {
      guard let value = result[from] else { continue }
      result[from] = nil
      result[to] = value
    }
    return result
  }
}

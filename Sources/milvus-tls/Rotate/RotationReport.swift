import JSON
import MilvusTLS

/// What a rotation came to, or that it was asked for.
struct RotationReport {
  let request: RotationRequest
  let milvusTLS: ObservedMilvusTLS
  /// Whether the status is of the rotation's end.
  let isDone: Bool

  /// For programs; about the certificates once they are the new ones.
  var json: JSONValue {
    var json: JSONValue = [
      "namespace": .string(milvusTLS.namespace), "milvus": .string(milvusTLS.milvusName),
      "milvusTLS": .string(milvusTLS.name), "annotation": .string(request.annotation),
      "rotation": .string(request.value), "done": .bool(isDone),
    ]
    guard isDone else { return json }
    json["serialNumber"] = milvusTLS.status[path: "certificate", "serialNumber"]
    json["notAfter"] = milvusTLS.status[path: "certificate", "notAfter"]
    json["authoritySerialNumber"] = milvusTLS.status[path: "authority", "serialNumber"]
    return json
  }

  /// For people.
  var text: String { isDone ? result.description : asked + "; to follow it: \(followUp)\n" }

  /// What was asked for.
  var asked: String {
    let subject = request.subject == .authority ? "a new authority and new certificates" : "new certificates"
    return "Milvus \(milvusTLS.namespace)/\(milvusTLS.milvusName): asked for \(subject), "
      + "\(request.annotation): \(request.value)"
  }

  private var followUp: String { "kubectl get milvustls \(milvusTLS.name) -n \(milvusTLS.namespace) --watch" }

  private var result: TextTable {
    let json = json
    return TextTable(rows: [
      ["MILVUS", "CERTIFICATE", "EXPIRES", "AUTHORITY"],
      ["milvus", "serialNumber", "notAfter", "authoritySerialNumber"].map { json[$0]?.string ?? "" },
    ])
  }
}

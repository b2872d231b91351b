import JSON
import MilvusTLS

/// Result of a rotation, or confirmation of the request.
struct RotationReport {
  let request: RotationRequest
  let milvusTLS: ObservedMilvusTLS
  /// Whether the rotation is finished.
  let isDone: Bool

  /// For programs. Describes the new certificates once the rotation is finished.
  var json: JSONValue {
    var json: JSONValue = [
      "namespace": .string(milvusTLS.namespace), "milvus": .string(milvusTLS.milvusName),
      "milvusTLS": .string(milvusTLS.name), "annotation": .string(request.annotation),
      "rotation": .string(request.value), "done": .bool(isDone),
    ]
    guard isDone else { return json }
    json["serialNumber"] = (milvusTLS.status.certificate?.serialNumber).map(JSONValue.string)
    json["notAfter"] = (milvusTLS.status.certificate?.notAfter).map(JSONValue.string)
    json["authoritySerialNumber"] = (milvusTLS.status.authority?.serialNumber).map(JSONValue.string)
    return json
  }

  /// For people.
  var text: String { isDone ? result.description : requested + "; follow it with: \(followUp)\n" }

  /// What was requested.
  var requested: String {
    let subject = request.subject == .authority ? "CA rotation" : "rotation of the certificates"
    return "milvus/\(milvusTLS.milvusName) \(subject) requested in namespace \(milvusTLS.namespace) "
      + "(annotation \(request.annotation)=\(request.value))"
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

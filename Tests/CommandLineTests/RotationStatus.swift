import JSON

/// The status of a MilvusTLS about a rotation, as the operator would leave it.
struct RotationStatus: Sendable {
  /// `status.certificate.rotation`.
  var rotation: String?
  /// `status.authority.rotation`.
  var authorityRotation: String?
  /// `status.authority.step`.
  var step: String?
  var digest = "old"
  var conditions: [JSONValue] = [.condition("Verified", "True", "HandshakesConfirm", "2 handshakes with 1 pod")]

  /// As it is in the end.
  static func done(_ value: String) -> RotationStatus { RotationStatus(rotation: value, digest: "new") }

  /// With other conditions.
  func with(_ conditions: JSONValue...) -> RotationStatus {
    var status = self
    status.conditions = conditions
    return status
  }

  var json: JSONValue {
    var certificate: JSONValue = [
      "secretName": "certs", "source": "Operator", "serialNumber": .string("5e-\(digest)"),
      "notAfter": "2027-11-22T00:00:00Z", "digest": .string(digest),
    ]
    certificate["rotation"] = rotation.map(JSONValue.string)
    var authority: JSONValue = ["secretName": "certs-ca", "source": "Operator", "serialNumber": "ca"]
    authority["rotation"] = authorityRotation.map(JSONValue.string)
    authority["step"] = step.map(JSONValue.string)
    return [
      "observedGeneration": 1, "external": "OneWay", "internal": false, "certificate": certificate,
      "authority": authority, "conditions": .array(conditions),
    ]
  }
}

extension JSONValue {
  static func condition(
    _ type: String,
    _ status: String,
    _ reason: String,
    _ message: String,
    generation: Int = 1
  ) -> JSONValue {
    [
      "type": .string(type), "status": .string(status), "reason": .string(reason), "message": .string(message),
      "observedGeneration": .integer(generation), "lastTransitionTime": "2026-11-22T00:00:00Z",
    ]
  }
}

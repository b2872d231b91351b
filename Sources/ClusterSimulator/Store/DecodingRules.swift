import Foundation
import JSON

/// Values that the real server cannot decode into its types and rejects with 400 before validation.
enum DecodingRules {
  /// - Throws: `ServerStatus` that names the field. The real server's message differs for patches.
  static func check(_ object: JSONValue, of type: ResourceType) throws {
    for name in ["labels", "annotations"] {
      try check(object["metadata"]?[name], "ObjectMeta.\(name)", of: type) { $0.string == nil ? notText : nil }
    }
    switch type.storage {
    case .configMaps: try check(object["data"], "Data", of: type) { $0.string == nil ? notText : nil }
    case .secrets:
      try check(object["data"], "Data", of: type, base64Problem)
      try check(object["stringData"], "StringData", of: type) { $0.string == nil ? notText : nil }
    case .leases:
      try checkTime(object[path: "spec", "acquireTime"], "LeaseSpec.AcquireTime", of: type)
      try checkTime(object[path: "spec", "renewTime"], "LeaseSpec.RenewTime", of: type)
    case .events: try checkTime(object["eventTime"], "EventTime", of: type)
    default: break
    }
  }

  private static let notText = "ReadString: expects \" or n"

  private static func base64Problem(_ value: JSONValue) -> String? {
    guard let text = value.string else { return "base64Codec: invalid input" }
    // Line breaks are allowed, as in Go.
    return Data(base64Encoded: text.filter { !$0.isNewline }) == nil ? "decode base64: illegal base64 data" : nil
  }

  private static func check(
    _ members: JSONValue?,
    _ field: String,
    of type: ResourceType,
    _ problem: (JSONValue) -> String?
  ) throws {
    let values = (members?.object ?? [:]).sorted { $0.key < $1.key }
    guard let problem = values.compactMap({ problem($0.value) }).first else { return }
    throw unreadable(field, problem, type)
  }

  /// `MicroTime` has exactly six fractional digits.
  private static func checkTime(_ value: JSONValue?, _ field: String, of type: ResourceType) throws {
    guard let value, !value.isNull else { return }
    let pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{6}(Z|[-+][0-9]{2}:[0-9]{2})$"
    guard value.string?.range(of: pattern, options: .regularExpression) == nil else { return }
    throw unreadable(field, "parsing time \(value) as \"2006-01-02T15:04:05.000000Z07:00\": cannot parse", type)
  }

  private static func unreadable(_ field: String, _ problem: String, _ type: ResourceType) -> ServerStatus {
    .badRequest(
      "\(type.kind) in version \"\(type.version)\" cannot be handled as a \(type.kind): \(type.version).\(type.kind).\(field): "
        + problem
    )
  }
}

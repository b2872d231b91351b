import Foundation
import JSON

extension JSONValue {
  var apiVersion: String { self["apiVersion"]?.string ?? "" }
  var kind: String { self["kind"]?.string ?? "" }
  var name: String { self[path: "metadata", "name"]?.string ?? "" }
  var namespace: String { self[path: "metadata", "namespace"]?.string ?? "" }
  var uid: String { self[path: "metadata", "uid"]?.string ?? "" }
  var resourceVersion: String { self[path: "metadata", "resourceVersion"]?.string ?? "" }
  var generation: Int { self[path: "metadata", "generation"]?.integer ?? 0 }

  /// Labels, empty where there are none.
  var labels: [String: String] {
    self[path: "metadata", "labels"]?.object?.compactMapValues(\.string) ?? [:]
  }

  /// The owners' UIDs.
  var ownerUIDs: [String] {
    (self[path: "metadata", "ownerReferences"]?.array ?? []).compactMap { $0["uid"]?.string }
  }

  var hasFinalizers: Bool { !(self[path: "metadata", "finalizers"]?.array ?? []).isEmpty }

  var isBeingDeleted: Bool { self[path: "metadata", "deletionTimestamp"] != nil }

  /// A change of one member of the metadata; nil removes it.
  mutating func setMetadata(_ name: String, _ value: JSONValue?) {
    var metadata = self["metadata"] ?? [:]
    metadata[name] = value
    self["metadata"] = metadata
  }
}

/// Rules for names (apimachinery, `validation.IsDNS1123Subdomain`) and what the server makes up by itself.
enum ObjectMetadata {
  /// Letters and digits that cannot form words (apimachinery, `rand.String`).
  private static let suffixAlphabet = Array("bcdfghjklmnpqrstvwxz2456789")

  /// A name from `generateName`: five random characters more.
  static func generatedName(from prefix: String) -> String {
    prefix + String((0..<5).compactMap { _ in suffixAlphabet.randomElement() })
  }

  /// Now, in whole seconds (RFC 3339).
  static var now: JSONValue {
    .string(Date().formatted(.iso8601))
  }

  static func nameErrors(in object: JSONValue) -> [FieldError] {
    let name = object.name
    guard !name.isEmpty else { return [.required("metadata.name", "name or generateName is required")] }
    let pattern = "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"
    guard name.utf8.count <= 253 else {
      return [.invalid("metadata.name", "\"\(name)\"", "must be no more than 253 characters")]
    }
    guard name.range(of: "^\(pattern)$", options: .regularExpression) == nil else { return [] }
    let rule =
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end "
      + "with an alphanumeric character (e.g. 'example.com', regex used for validation is '\(pattern)')"
    return [.invalid("metadata.name", "\"\(name)\"", rule)]
  }
}

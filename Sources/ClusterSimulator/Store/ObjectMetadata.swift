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

  /// Labels; empty if there are none.
  var labels: [String: String] {
    self[path: "metadata", "labels"]?.object?.compactMapValues(\.string) ?? [:]
  }

  /// UIDs of the owners.
  var ownerUIDs: [String] {
    (self[path: "metadata", "ownerReferences"]?.array ?? []).compactMap { $0["uid"]?.string }
  }

  var hasFinalizers: Bool { !(self[path: "metadata", "finalizers"]?.array ?? []).isEmpty }

  var isBeingDeleted: Bool { self[path: "metadata", "deletionTimestamp"] != nil }

  /// Sets one member of the metadata; nil removes it.
  mutating func setMetadata(_ name: String, _ value: JSONValue?) {
    var metadata = self["metadata"] ?? [:]
    metadata[name] = value
    self["metadata"] = metadata
  }
}

/// Values that the server generates.
enum ObjectMetadata {
  /// Letters and digits that do not form words (apimachinery, `rand.String`).
  private static let suffixAlphabet = Array("bcdfghjklmnpqrstvwxz2456789")

  /// A name from `generateName`, with five random characters appended.
  static func generatedName(from prefix: String) -> String {
    prefix + String((0..<5).compactMap { _ in suffixAlphabet.randomElement() })
  }

  /// The current time in whole seconds (RFC 3339).
  static var now: JSONValue {
    .string(Date().formatted(.iso8601))
  }
}

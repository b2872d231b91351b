extension JSONValue {
  /// This document after a JSON merge patch (RFC 7396): `null` removes a member, objects are merged, anything else
  /// replaces.
  public func merging(_ patch: JSONValue) -> JSONValue {
    guard case .object(let changes) = patch else { return patch }
    var members = object ?? [:]
    for (key, change) in changes {
      members[key] = change.isNull ? nil : (members[key] ?? .null).merging(change)
    }
    return .object(members)
  }

  /// The smallest merge patch that turns this document into another; nil if they are equal.
  ///
  /// A merge patch cannot write `null` into an object (RFC 7396, section 1): such a member of the target is lost.
  public func mergePatch(to target: JSONValue) -> JSONValue? {
    guard self != target else { return nil }
    guard case .object(let old) = self, case .object(let new) = target else { return target }
    var patch: [String: JSONValue] = [:]
    for key in old.keys where new[key] == nil { patch[key] = .null }
    for (key, value) in new {
      guard let previous = old[key] else {
        patch[key] = value
        continue
      }
      patch[key] = previous.mergePatch(to: value)
    }
    return .object(patch)
  }
}

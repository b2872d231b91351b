import Foundation
import JSON

/// Rules for metadata (apimachinery, `validation.ValidateObjectMeta`), with the messages of kube-apiserver 1.20.
enum MetadataRules {
  static func errors(in object: JSONValue) -> [FieldError] {
    nameErrors(in: object) + labelErrors(in: object) + annotationErrors(in: object) + ownerErrors(in: object)
  }

  // MARK: Names

  private static let subdomain = "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"

  private static let subdomainRule =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end "
    + "with an alphanumeric character (e.g. 'example.com', regex used for validation is '\(subdomain)')"

  private static func nameErrors(in object: JSONValue) -> [FieldError] {
    let name = object.name
    guard !name.isEmpty else { return [.required("metadata.name", "name or generateName is required")] }
    guard name.utf8.count <= 253 else {
      return [.invalid("metadata.name", "\"\(name)\"", "must be no more than 253 characters")]
    }
    return matches(name, subdomain) ? [] : [.invalid("metadata.name", "\"\(name)\"", subdomainRule)]
  }

  // MARK: Labels and annotations

  private static let qualified = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"

  private static let nameRule =
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
    + "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '\(qualified)')"

  private static let valueRule =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end "
    + "with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
    + "'(\(qualified))?')"

  private static func labelErrors(in object: JSONValue) -> [FieldError] {
    object.labels.sorted { $0.key < $1.key }.flatMap { key, value -> [FieldError] in
      let keyErrors = keyRules(brokenBy: key).map { FieldError.invalid("metadata.labels", "\"\(key)\"", $0) }
      return keyErrors + valueRules(brokenBy: value).map { .invalid("metadata.labels", "\"\(value)\"", $0) }
    }
  }

  private static func annotationErrors(in object: JSONValue) -> [FieldError] {
    let annotations = object[path: "metadata", "annotations"]?.object ?? [:]
    // Prefixes of annotations may contain capital letters, those of labels may not.
    return annotations.keys.sorted().flatMap { key in
      keyRules(brokenBy: key.lowercased()).map { .invalid("metadata.annotations", "\"\(key)\"", $0) }
    }
  }

  private static func valueRules(brokenBy value: String) -> [String] {
    if value.utf8.count > 63 { return ["must be no more than 63 characters"] }
    return value.isEmpty || matches(value, qualified) ? [] : [valueRule]
  }

  private static func keyRules(brokenBy key: String) -> [String] {
    let parts = key.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count <= 2, let name = parts.last else {
      return ["a qualified name \(nameRule) with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"]
    }
    if parts.count == 2, !matches(parts[0], subdomain) { return ["prefix part \(subdomainRule)"] }
    if name.isEmpty { return ["name part must be non-empty", "name part \(nameRule)"] }
    if name.utf8.count > 63 { return ["name part must be no more than 63 characters"] }
    return matches(name, qualified) ? [] : ["name part \(nameRule)"]
  }

  // MARK: Owners

  private static func ownerErrors(in object: JSONValue) -> [FieldError] {
    let owners = object[path: "metadata", "ownerReferences"]?.array ?? []
    let needed = [("apiVersion", "version"), ("kind", "kind"), ("name", "name"), ("uid", "uid")]
    return owners.flatMap { owner in
      needed.filter { (owner[$0.0]?.string ?? "").isEmpty }.map { field, what in
        FieldError.invalid("metadata.ownerReferences.\(field)", "\"\"", "\(what) must not be empty")
      }
    }
  }

  private static func matches(_ text: String, _ pattern: String) -> Bool {
    text.range(of: "^(\(pattern))$", options: .regularExpression) != nil
  }
}

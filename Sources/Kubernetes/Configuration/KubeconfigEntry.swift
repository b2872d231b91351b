import Foundation
import JSON

/// One cluster, user or context of a kubeconfig, with its location for errors.
struct KubeconfigEntry {
  let file: String
  /// Field of the file that contains the values, for example `users[admin].user`; empty for the file itself.
  let field: String
  let values: JSONValue

  func error(_ name: String, _ reason: String) -> KubernetesError {
    .configuration("kubeconfig \(file): \(path(name)): \(reason)")
  }

  private func path(_ name: String) -> String { field.isEmpty ? name : "\(field).\(name)" }

  /// A string; nil if missing, null or empty.
  func string(_ name: String) throws -> String? {
    guard let value = values[name], !value.isNull else { return nil }
    guard let text = value.string else { throw error(name, "must be a string") }
    return text.isEmpty ? nil : text
  }

  /// A boolean; nil if missing or null.
  func flag(_ name: String) throws -> Bool? {
    guard let value = values[name], !value.isNull else { return nil }
    guard let flag = value.bool else { throw error(name, "must be true or false") }
    return flag
  }

  /// A mapping; without values if missing or null.
  func mapping(_ name: String) throws -> KubeconfigEntry {
    let value = values[name] ?? .null
    guard value.isNull || value.object != nil else { throw error(name, "must be a mapping") }
    return KubeconfigEntry(file: file, field: path(name), values: value)
  }

  /// The mappings of a list that are told apart by `name`; none if the list is missing or null. As for kubectl, one of
  /// them may lack a name, and none has the name of another, even if they are equal.
  func namedElements(_ list: String) throws -> [KubeconfigEntry] {
    guard let value = values[list], !value.isNull else { return [] }
    guard let elements = value.array else { throw error(list, "must be a list") }
    var names: Set<String> = []
    return try elements.enumerated().map { index, element in
      guard element.isNull || element.object != nil else { throw error("\(list)[\(index)]", "must be a mapping") }
      let numbered = KubeconfigEntry(file: file, field: path("\(list)[\(index)]"), values: element)
      let name = try numbered.string("name") ?? ""
      guard names.insert(name).inserted else {
        throw error(list, "the name \(name.debugDescription) occurs twice; rename or remove one of the two")
      }
      return KubeconfigEntry(
        file: file,
        field: name.isEmpty ? numbered.field : path("\(list)[\(name)]"),
        values: element
      )
    }
  }

  /// A file; a relative path is relative to the kubeconfig's folder.
  func file(_ name: String) throws -> WatchedFile? {
    guard let path = try string(name) else { return nil }
    let folder = URL(fileURLWithPath: file).deletingLastPathComponent()
    return WatchedFile(path: URL(fileURLWithPath: path, relativeTo: folder).path)
  }

  /// PEM, from `name-data` in base64, else from the file in `name`.
  func pem(_ name: String) throws -> PEMSource? {
    guard let text = try string(name + "-data") else { return try file(name).map { .file($0) } }
    guard let data = Data(base64Encoded: text, options: .ignoreUnknownCharacters) else {
      throw error(name + "-data", "must be base64")
    }
    guard String(decoding: data, as: UTF8.self).contains("-----BEGIN ") else {
      throw error(name + "-data", "must be base64 of PEM")
    }
    return .inline([UInt8](data))
  }

  /// - Throws: an error for the first of these fields that is set.
  func refuse(_ names: [String], because reason: String) throws {
    for name in names where values[name].map({ !$0.isNull && $0 != "" }) ?? false { throw error(name, reason) }
  }
}

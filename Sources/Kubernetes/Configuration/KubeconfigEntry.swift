import Foundation
import JSON

/// One cluster, user or context of a kubeconfig, with its location for errors.
struct KubeconfigEntry {
  let file: String
  /// Field of the file that contains the values, for example `users[admin].user`; empty for the file itself.
  let field: String
  let values: JSONValue

  func error(_ name: String, _ reason: String) -> KubernetesError {
    .configuration("kubeconfig \(file): \(field.isEmpty ? name : "\(field).\(name)"): \(reason)")
  }

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

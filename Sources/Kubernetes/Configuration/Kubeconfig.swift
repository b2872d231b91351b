import Foundation
import JSON
import YAML

/// The merged content of kubeconfig files. If several files define the same cluster, user, context or current-context,
/// the first wins. Within one file a name must be unique, as for kubectl.
struct Kubeconfig {
  private var currentContext: String?
  private var clusters: [String: KubeconfigEntry] = [:]
  private var users: [String: KubeconfigEntry] = [:]
  private var contexts: [String: KubeconfigEntry] = [:]
  private let paths: [String]

  /// - Parameter paths: files that must exist; nil for the existing files of those in the environment.
  init(paths: [String]?, environment: [String: String]) throws {
    let candidates = paths ?? Self.defaultPaths(environment)
    let present = candidates.filter { FileManager.default.fileExists(atPath: $0) }
    let missing = paths == nil && !present.isEmpty ? [] : candidates.filter { !present.contains($0) }
    guard missing.isEmpty, !candidates.isEmpty else {
      throw KubernetesError.configuration("kubeconfig \(missing.joined(separator: ", ")): no such file")
    }
    self.paths = present
    for path in present { try merge(fileAt: path) }
  }

  /// The context of this name; nil for the current context.
  func context(named name: String?) throws -> KubeconfigEntry {
    guard let name = name ?? currentContext, !name.isEmpty else {
      throw error("current-context", "is missing; \(Self.allowed(contexts))")
    }
    guard let context = contexts[name] else {
      throw error("contexts", "there is no context \(name.debugDescription); \(Self.allowed(contexts))")
    }
    return context
  }

  func cluster(of context: KubeconfigEntry) throws -> KubeconfigEntry {
    guard let name = try context.string("cluster") else { throw context.error("cluster", "is missing") }
    guard let cluster = clusters[name] else {
      throw context.error("cluster", "there is no cluster \(name.debugDescription); \(Self.allowed(clusters))")
    }
    return cluster
  }

  /// Nil for a context without a user.
  func user(of context: KubeconfigEntry) throws -> KubeconfigEntry? {
    guard let name = try context.string("user") else { return nil }
    guard let user = users[name] else {
      throw context.error("user", "there is no user \(name.debugDescription); \(Self.allowed(users))")
    }
    return user
  }

  private static func defaultPaths(_ environment: [String: String]) -> [String] {
    let named = (environment["KUBECONFIG"] ?? "").split(separator: ":").map(String.init)
    if !named.isEmpty { return named }
    return ["\(environment["HOME"] ?? "")/.kube/config"]
  }

  private static func allowed(_ entries: [String: KubeconfigEntry]) -> String {
    entries.isEmpty ? "none is defined" : "allowed: " + entries.keys.sorted().joined(separator: ", ")
  }

  private func error(_ field: String, _ reason: String) -> KubernetesError {
    .configuration("kubeconfig \(paths.joined(separator: ", ")): \(field): \(reason)")
  }

  private mutating func merge(fileAt path: String) throws {
    let document: JSONValue
    do {
      let text = String(decoding: try WatchedFile(path: path).bytes(), as: UTF8.self)
      document = try YAML.parse(text, duplicateKeys: .lastWins)
    } catch let error as YAMLError {
      throw KubernetesError.configuration("kubeconfig \(path): \(error)")
    }
    if document.isNull { return }
    guard document.object != nil else {
      throw KubernetesError.configuration("kubeconfig \(path): must be a mapping with clusters, users and contexts")
    }
    let root = KubeconfigEntry(file: path, field: "", values: document)
    if let name = try root.string("current-context"), currentContext == nil { currentContext = name }
    try Self.merge("clusters", member: "cluster", of: root, into: &clusters)
    try Self.merge("users", member: "user", of: root, into: &users)
    try Self.merge("contexts", member: "context", of: root, into: &contexts)
    // Nothing in them counts here, but kubectl refuses the file.
    _ = try root.namedElements("extensions")
    _ = try root.mapping("preferences").namedElements("extensions")
  }

  private static func merge(
    _ list: String,
    member: String,
    of root: KubeconfigEntry,
    into entries: inout [String: KubeconfigEntry]
  ) throws {
    for element in try root.namedElements(list) {
      let entry = try element.mapping(member)
      _ = try entry.namedElements("extensions")
      let name = try element.string("name") ?? ""
      if entries[name] == nil { entries[name] = entry }
    }
  }
}

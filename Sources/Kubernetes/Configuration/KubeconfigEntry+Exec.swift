import Foundation
import JSON

extension KubeconfigEntry {
  /// The exec plugin of a user; nil if there is none.
  /// - Parameter cluster: cluster information for the plugin, passed if it requests it (`provideClusterInfo`).
  func execPlugin(cluster: JSONValue) throws -> ExecPlugin? {
    guard let value = values["exec"], !value.isNull else { return nil }
    guard value.object != nil else { throw error("exec", "must be a mapping") }
    let exec = KubeconfigEntry(file: file, field: "\(field).exec", values: value)
    guard let command = try exec.string("command") else { throw exec.error("command", "is missing") }
    let version = try exec.execVersion()
    try exec.checkInteractiveMode(version)
    return ExecPlugin(
      source: "kubeconfig \(file): \(exec.field)",
      version: version,
      command: exec.resolved(command),
      arguments: try exec.strings("args"),
      environment: try exec.variables("env"),
      cluster: try exec.flag("provideClusterInfo") == true ? cluster : nil,
      installHint: try exec.string("installHint")
    )
  }

  private func execVersion() throws -> ExecPlugin.Version {
    guard let version = ExecPlugin.Version(rawValue: try string("apiVersion") ?? "") else {
      throw error("apiVersion", "must be one of \(ExecPlugin.Version.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return version
  }

  /// Plugins never get a terminal.
  private func checkInteractiveMode(_ version: ExecPlugin.Version) throws {
    switch try string("interactiveMode") {
    case "Never", "IfAvailable": break
    case nil where version == .v1beta1: break
    case "Always":
      throw error("interactiveMode", "Always is not supported: there is no terminal; allowed: Never, IfAvailable")
    default: throw error("interactiveMode", "must be Never or IfAvailable")
    }
  }

  /// A path with a slash is relative to the kubeconfig's folder; a bare name is searched in `PATH`.
  private func resolved(_ command: String) -> String {
    guard command.contains("/") else { return command }
    let folder = URL(fileURLWithPath: file).deletingLastPathComponent()
    return URL(fileURLWithPath: command, relativeTo: folder).path
  }

  private func strings(_ name: String) throws -> [String] {
    guard let value = values[name], !value.isNull else { return [] }
    guard let elements = value.array, elements.allSatisfy({ $0.string != nil }) else {
      throw error(name, "must be a list of strings")
    }
    return elements.compactMap(\.string)
  }

  private func variables(_ name: String) throws -> [String: String] {
    guard let value = values[name], !value.isNull else { return [:] }
    var variables: [String: String] = [:]
    for element in value.array ?? [.null] {
      guard let key = element["name"]?.string, !key.isEmpty, !key.contains("="), let value = element["value"]?.string
      else {
        throw error(name, "must be a list of mappings with name and value")
      }
      variables[key] = value
    }
    return variables
  }
}

import Foundation
import JSON

/// The `volumes` of a service (https://docs.docker.com/reference/compose-file/services/#volumes).
struct ComposeMounts {
  private static let configuration = "/milvus/configs/milvus.yaml"

  private struct Mount {
    /// On the host, or the name of a volume; nil for a volume without a name.
    let source: String?
    let target: String
    let isLong: Bool

    init?(_ entry: JSONValue) {
      if let target = entry["target"]?.string {
        (source, self.target, isLong) = (entry["source"]?.string, target, true)
        return
      }
      guard let parts = entry.string.map(ComposePort.parts) else { return nil }
      (source, target, isLong) = parts.count > 1 ? (parts[0], parts[1], false) : (nil, parts[0], false)
    }
  }

  private let service: ComposeServices.Service
  private let entries: [JSONValue]
  private let mounts: [Mount]
  /// That of the Compose file.
  private let folder: URL

  init(_ service: ComposeServices.Service, folder: URL) {
    self.service = service
    self.folder = folder
    entries = service.value["volumes"]?.array ?? []
    mounts = entries.compactMap(Mount.init)
  }

  /// The list with the mounts that it lacks; nil where it lacks none.
  /// - Throws: `CommandFailure` with the place of a mount that shows another milvus.yaml.
  func adding(folders: [String], milvusYaml: String, _ file: SourceFile) throws -> JSONValue? {
    var added: [JSONValue] = []
    for folder in folders where !mounts.contains(where: { folder == $0.target || folder.hasPrefix($0.target + "/") }) {
      added.append(entry(base + "/tls", folder))
    }
    if let index = mounts.firstIndex(where: {
      Self.configuration == $0.target || Self.configuration.hasPrefix($0.target + "/")
    }) {
      let shown = mounts[index].source.map { $0 + Self.configuration.dropFirst(mounts[index].target.count) }
      if let shown, !isSame(shown, milvusYaml) {
        throw file.failure(
          "service \(service.name) mounts \(shown) as its milvus.yaml, not \(milvusYaml)",
          at: "\(service.field).volumes[\(index)]"
        )
      }
    } else {
      added.append(entry(path(of: milvusYaml), Self.configuration))
    }
    return added.isEmpty ? nil : .array(entries + added)
  }

  private func entry(_ source: String, _ target: String) -> JSONValue {
    guard let last = mounts.last, last.isLong else { return .string(source + ":" + target) }
    return ["type": "bind", "source": .string(source), "target": .string(target)]
  }

  /// The folder of the Compose file as other mounts of the service write it: `${DOCKER_VOLUME_DIRECTORY:-.}` or `.`.
  private var base: String {
    let variable = mounts.lazy.compactMap(\.source).first { $0.hasPrefix("${") && $0.contains(":-.}") }
    return variable.map { String($0.prefix { $0 != "}" }) + "}" } ?? "."
  }

  private func path(of file: String) -> String {
    let (path, parent) = (URL(filePath: file).standardizedFileURL.path, folder.standardizedFileURL.path)
    let prefix = parent.hasSuffix("/") ? parent : parent + "/"
    return path.hasPrefix(prefix) ? base + "/" + path.dropFirst(prefix.count) : path
  }

  private func isSame(_ source: String, _ file: String) -> Bool {
    var source = source
    if source.hasPrefix("${"), let end = source.firstIndex(of: "}") {
      let value = source[..<end].split(separator: ":-", maxSplits: 1).dropFirst().first
      // Without a default, nobody knows here where it is.
      guard let value else { return URL(filePath: source).lastPathComponent == URL(filePath: file).lastPathComponent }
      source = String(value + source[source.index(after: end)...])
    }
    let path = source.hasPrefix("/") ? URL(filePath: source) : folder.appending(path: source)
    return path.standardizedFileURL.path == URL(filePath: file).standardizedFileURL.path
  }
}

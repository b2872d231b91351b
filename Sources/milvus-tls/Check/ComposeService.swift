import Foundation
import JSON

/// A service of a Compose file that runs Milvus.
struct ComposeService {
  /// A folder or file of the host in the container.
  struct Mount {
    /// As it is written, without its target.
    let source: String
    let target: String
    /// Where it is written.
    let field: String
    /// On this machine; nil for a volume of Docker.
    let url: URL?
  }

  private static let configurationFolder = "/milvus/configs/"

  let name: String
  /// The section of a Milvus resource for what it runs.
  let section: String
  let mounts: [Mount]
  private let configuration: Mount?
  private let value: JSONValue

  /// Nil for a service that does not run Milvus.
  init?(name: String, _ value: JSONValue, folder: URL) {
    guard let section = Self.section(of: value) else { return nil }
    (self.name, self.section, self.value) = (name, section, value)
    let all = (value["volumes"]?.array ?? []).enumerated().compactMap { index, entry in
      Self.mount(entry, field: "services.\(name).volumes.\(index)", folder: folder)
    }
    let isConfiguration = { (mount: Mount) in mount.target == Self.configurationFolder + "milvus.yaml" }
    configuration = all.last(where: isConfiguration)
    mounts = all.filter { !isConfiguration($0) }
  }

  /// The milvus.yaml of the host that it mounts; nil where it has its image's.
  var configurationPath: String? { configuration?.url?.standardizedFileURL.path }

  /// `milvus run querynode`
  private static func section(of service: JSONValue) -> String? {
    let words = ["entrypoint", "command"]
      .flatMap { service[$0]?.array?.compactMap(\.string) ?? service[$0]?.string.map { [$0] } ?? [] }
      .flatMap { $0.split { " \t\n\"'".contains($0) } }
    guard let run = words.indices.first(where: { words[$0] == "run" && $0 > 0 && words[$0 - 1].hasSuffix("milvus") }),
      words.indices.contains(run + 1)
    else { return nil }
    let role = String(words[run + 1])
    let sections = [
      "standalone", "proxy", "mixCoord", "rootCoord", "dataCoord", "queryCoord", "indexCoord", "queryNode", "dataNode",
      "indexNode", "streamingNode",
    ]
    return role == "mixture" ? "mixCoord" : sections.first { $0.lowercased() == role.lowercased() }
  }

  private static func mount(_ entry: JSONValue, field: String, folder: URL) -> Mount? {
    if let source = entry["source"]?.string, let target = entry["target"]?.string {
      let url = entry["type"]?.string == "volume" ? nil : url(of: source, in: folder)
      return Mount(source: source, target: target, field: field, url: url)
    }
    // A default in a variable has a colon too: ${DOCKER_VOLUME_DIRECTORY:-.}/tls:/milvus/tls:ro
    guard let match = entry.string?.wholeMatch(of: /((?:\$\{[^}]*\}|[^:])+):([^:]+)(?::[^:]*)?/) else { return nil }
    let source = String(match.1)
    let isHost = source.hasPrefix(".") || source.hasPrefix("/") || source.hasPrefix("~") || source.hasPrefix("$")
    return Mount(source: source, target: String(match.2), field: field, url: isHost ? url(of: source, in: folder) : nil)
  }

  /// A variable stands for its default, and for the folder of the file without one.
  private static func url(of source: String, in folder: URL) -> URL {
    let path = source.replacing(/\$\{[^}:]*(?::?-([^}]*))?[^}]*\}/) { $0.output.1.map(String.init) ?? "." }
    return path.hasPrefix("/") ? URL(filePath: path) : folder.appending(path: path)
  }

  /// As a section of a Milvus resource.
  var component: JSONValue {
    var component: JSONValue = [
      "env": .array(
        environment.map { name, value in ["name": .string(name), "value": .string(value)] }
      ),
      "volumes": .array(mounts.map(\.volume)),
      "volumeMounts": .array(mounts.map(\.volumeMount)),
    ]
    // A variable says nothing of the version.
    if let image = value["image"]?.string, !image.contains("$") { component["image"] = .string(image) }
    return component
  }

  private var environment: [(String, String)] {
    if let members = value["environment"]?.object {
      return members.sorted { $0.key < $1.key }.map { ($0, $1.string ?? ($1.isNull ? "" : $1.description)) }
    }
    return (value["environment"]?.array ?? []).compactMap(\.string).map { text in
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      return (parts[0], parts.count == 2 ? parts[1] : "")
    }
  }

  /// The field of the Compose file for one of the section: `env[NAME]`.
  func field(_ field: Substring) -> String {
    guard field.hasPrefix("env[") else { return "services.\(name).\(field)" }
    let variable = field.dropFirst("env[".count).prefix { $0 != "]" }
    let entries = value["environment"]?.array ?? []
    let index = entries.firstIndex { $0.string == String(variable) || $0.string?.hasPrefix("\(variable)=") == true }
    return "services.\(name).environment." + (index.map { "\($0)" } ?? String(variable))
  }
}

extension ComposeService.Mount {
  private var isFile: Bool {
    ["pem", "key", "crt", "cer", "yaml", "yml"].contains(URL(filePath: target).pathExtension)
  }

  private var volumeName: String { "mount-" + source + target }

  /// As a Secret's name, which messages quote.
  var secretName: String { source.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? source }

  fileprivate var volume: JSONValue {
    url == nil
      ? ["name": .string(volumeName), "persistentVolumeClaim": ["claimName": .string(source)]]
      : ["name": .string(volumeName), "secret": ["secretName": .string(secretName)]]
  }

  fileprivate var volumeMount: JSONValue {
    var mount: JSONValue = ["name": .string(volumeName), "mountPath": .string(target)]
    if isFile { mount["subPath"] = .string(URL(filePath: source).lastPathComponent) }
    return mount
  }

  /// The files in it as a Secret; nil where it is not on this machine.
  var folderSecret: JSONValue? {
    guard let url else { return nil }
    let names = isFile ? [""] : (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
    let files = names.compactMap { name -> (String, JSONValue)? in
      let file = name.isEmpty ? url : url.appending(path: name)
      guard let contents = try? InputFile.contents(of: file.path) else { return nil }
      return (file.lastPathComponent, .string(Data(contents).base64EncodedString()))
    }
    guard !files.isEmpty else { return nil }
    return [
      "metadata": ["name": .string(secretName)],
      "data": .object(Dictionary(files, uniquingKeysWith: { first, _ in first })),
    ]
  }
}

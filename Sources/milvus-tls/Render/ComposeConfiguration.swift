import JSON
import MilvusTLS
import YAML

/// A milvus.yaml, and the services that read it, as a Milvus resource that says the same.
struct ComposeConfiguration {
  /// What the milvus.yaml of Milvus's releases has where nobody configured TLS: it is replaced.
  private static let shipped: [JSONPointer: [JSONValue]] = {
    var shipped: [JSONPointer: [JSONValue]] = [
      "/common/security/tlsMode": [0], "/common/security/internaltlsEnabled": [false],
    ]
    for (key, name) in [("serverPemPath", "server.pem"), ("serverKeyPath", "server.key"), ("caPemPath", "ca.pem")] {
      for section in ["tls", "internaltls"] {
        shipped[JSONPointer([section, key])] = [.string(name), .string("configs/cert/" + name)]
      }
    }
    return shipped
  }()

  private let source: SourceFile
  private let services: ComposeServices
  /// The file without what is replaced.
  private let configuration: JSONValue

  /// - Throws: `CommandFailure` for a file that is not one mapping.
  init(_ source: SourceFile, _ services: ComposeServices) throws {
    (self.source, self.services) = (source, services)
    guard source.editor.documents.count == 1 else { throw source.failure("milvus.yaml is one document", at: "", in: 1) }
    var configuration = source.editor.documents[0]
    guard configuration.isNull || configuration.object != nil else {
      throw source.failure("milvus.yaml must be a mapping", at: "")
    }
    for (place, values) in Self.shipped {
      if let value = configuration[place], values.contains(value) { configuration[place] = nil }
    }
    self.configuration = configuration.isNull ? [:] : configuration
  }

  /// The release with its TLS.
  /// - Parameter flags: as `spec` of a MilvusTLS.
  /// - Throws: `CommandFailure` with the place of what contradicts the TLS.
  func rendered(_ flags: JSONValue) throws -> RenderedMilvus {
    var overrides = flags
    let isPathWritten = ["tls", "internaltls"].contains { configuration[path: $0, "serverPemPath"]?.string != nil }
    if !isPathWritten { overrides[JSONPointer(["mount", "path"])] = "/milvus/tls" }
    let isInternal = flags["internal"] != nil || configuration[path: "common", "security", "internaltlsEnabled"] == true
    if isInternal, flags[path: "internal", "serverName"] == nil, configuration[path: "internaltls", "sni"] == nil {
      // The CommonName of the manual's certificates.
      overrides[JSONPointer(["internal", "serverName"])] = "localhost"
    }
    let milvus: JSONValue = [
      "metadata": ["name": "compose"],
      "spec": ["mode": .string(services.mode), "config": configuration, "components": services.components],
    ]
    do {
      return try RenderedMilvus(milvus, overrides: overrides)
    } catch let problem as RenderedMilvus.Problem {
      if let field = problem.field, field.hasPrefix("spec.components.") { throw services.failure(problem) }
      throw source.failure(problem, field: { $0.hasPrefix("spec.config.") ? String($0.dropFirst(12)) : $0 })
    }
  }

  /// What milvus.yaml has to be.
  func change(for rendered: RenderedMilvus) -> YAMLEditor.Change {
    let standing = source.editor.documents[0]
    let config = rendered.resource[path: "spec", "config"] ?? [:]
    guard let additions = configuration.mergePatch(to: config) else { return YAMLEditor.Change(target: standing) }
    return YAMLEditor.Change(target: standing.merging(additions))
  }
}

import Foundation
import JSON
import MilvusTLS

/// The services of a Compose file that run Milvus.
struct ComposeServices {
  /// A service, and the component of Milvus that it runs.
  struct Service {
    let name: String
    /// As in `milvus run proxy`.
    let role: String
    let value: JSONValue

    var servesClients: Bool { role == "standalone" || role == "proxy" }
    var field: String { "services.\(name)" }
  }

  /// Sections of a Milvus resource by role.
  private static let sections = [
    "standalone": "standalone", "proxy": "proxy", "mixture": "mixCoord", "mixcoord": "mixCoord",
    "rootcoord": "rootCoord", "datacoord": "dataCoord", "querycoord": "queryCoord", "indexcoord": "indexCoord",
    "querynode": "queryNode", "datanode": "dataNode", "indexnode": "indexNode", "streamingnode": "streamingNode",
  ]

  private let source: SourceFile
  let services: [Service]

  /// - Throws: `CommandFailure` with the place of what is no Compose file, or of a service that cannot be told.
  init(_ source: SourceFile) throws {
    self.source = source
    guard let all = source.editor.documents[0]["services"]?.object else {
      throw source.failure("not a Compose file: services must be a mapping", at: "services")
    }
    var services: [Service] = []
    for (name, value) in all.sorted(by: { $0.key < $1.key }) {
      guard let role = Self.role(of: value) else {
        if Self.isMilvus(value) {
          throw source.failure(
            "cannot tell which component service \(name) runs; its command must be milvus run <component>",
            at: "services.\(name)\(value["command"] == nil ? "" : ".command")"
          )
        }
        continue
      }
      guard Self.sections[role] != nil else {
        throw source.failure("milvus run \(role): unknown component", at: "services.\(name).command")
      }
      services.append(Service(name: name, role: role, value: value))
    }
    guard services.contains(where: \.servesClients) else {
      throw source.failure("no service runs milvus run standalone or milvus run proxy", at: "services")
    }
    self.services = services
  }

  private static func role(of service: JSONValue) -> String? {
    let words =
      ["entrypoint", "command"].flatMap { key in
        service[key]?.array?.compactMap(\.string) ?? service[key]?.string.map { [$0] } ?? []
      }
      .flatMap { $0.split { " \t\n\"'".contains($0) } }
    guard let run = words.indices.first(where: { words[$0] == "run" && $0 > 0 && words[$0 - 1].hasSuffix("milvus") })
    else { return nil }
    return words.indices.contains(run + 1) ? String(words[run + 1]) : nil
  }

  private static func isMilvus(_ service: JSONValue) -> Bool {
    let image = service["image"]?.string?.split(separator: "/").last ?? ""
    return image.split(separator: ":").first == "milvus"
  }

  // MARK: The Milvus

  var mode: String { services.contains { $0.role == "proxy" } ? "cluster" : "standalone" }

  /// `spec.components` of a Milvus that runs the same.
  var components: JSONValue {
    var components: JSONValue = [:]
    for service in services {
      let section = Self.sections[service.role] ?? service.role
      var component: JSONValue = ["env": Self.environment(service.value["environment"])]
      component["image"] = service.value["image"].flatMap { $0.string?.contains("$") ?? true ? nil : $0 }
      if components[section] == nil { components[section] = component }
    }
    return components
  }

  private static func environment(_ value: JSONValue?) -> JSONValue {
    let pairs: [(String, JSONValue?)] =
      value?.object?.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
      ?? (value?.array ?? []).compactMap(\.string).map { text in
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        return (String(parts[0]), parts.count == 2 ? .string(String(parts[1])) : nil)
      }
    return .array(
      pairs.map { name, value in
        ["name": .string(name), "value": .string(value.map { $0.string ?? $0.description } ?? "")]
      }
    )
  }

  /// A problem with a field that comes from a service.
  func failure(_ problem: RenderedMilvus.Problem) -> CommandFailure {
    source.failure(problem) { field in
      for service in services {
        let prefix = "spec.components.\(Self.sections[service.role] ?? service.role)."
        guard field.hasPrefix(prefix) else { continue }
        let rest = field.dropFirst(prefix.count)
        guard rest.hasPrefix("env[") else { return "\(service.field).\(rest)" }
        return "\(service.field).environment." + rest.dropFirst(4).prefix { $0 != "]" }
      }
      return field
    }
  }

  // MARK: The result

  /// What the Compose file has to be.
  /// - Parameter milvusYaml: its path, as the user wrote it.
  /// - Throws: `CommandFailure` with the place of a mount or port that is in the way.
  func target(for rendered: RenderedMilvus, milvusYaml: String) throws -> JSONValue {
    var target = source.editor.documents[0]
    guard rendered.external != .disabled || rendered.isInternalEnabled else { return target }
    let paths = ["tls", "internaltls"].compactMap {
      rendered.resource[path: "spec", "config", $0, "serverPemPath"]?.string
    }
    let folders = Set(paths.map { String($0[..<($0.lastIndex(of: "/") ?? $0.startIndex)]) }).sorted()
    for service in services where service.servesClients || rendered.isInternalEnabled {
      let place = JSONPointer(["services", service.name])
      let mounts = ComposeMounts(service, folder: source.folder)
      var changed = service.value
      if let volumes = try mounts.adding(folders: folders, milvusYaml: milvusYaml, source) {
        changed["volumes"] = volumes
      }
      if service.servesClients, rendered.external != .disabled {
        if let port = rendered.restPort { try publish(port, &changed, service, among: target["services"]) }
        if let test = changed[path: "healthcheck", "test"] {
          let ports = [19530] + (rendered.restPort.map { [$0] } ?? [])
          changed[JSONPointer(["healthcheck", "test"])] = Self.withoutTLS(test, ports: ports)
        }
      }
      target[place] = changed
    }
    return target
  }

  /// Publishes REST where gRPC is published, in the same form.
  /// - Parameter all: every service, as it is so far.
  private func publish(
    _ port: Int,
    _ service: inout JSONValue,
    _ description: Service,
    among all: JSONValue?
  ) throws {
    guard let ports = service["ports"]?.array else { return }
    let published = ports.map(ComposePort.init)
    guard let grpc = published.first(where: { $0.container?.contains(19530) ?? false }),
      !published.contains(where: { $0.container?.contains(port) ?? false })
    else { return }
    let added = grpc.moved(to: port)
    let isTaken = { (service: JSONValue) in
      (service["ports"]?.array ?? []).contains { ComposePort($0).host?.contains(port) ?? false }
    }
    let others = (all?.object ?? [:]).sorted { $0.key < $1.key }
    if ComposePort(added).host != nil, let other = others.first(where: { isTaken($0.value) }) {
      throw source.failure(
        "host port \(port) for REST is published by service \(other.key) already; choose another with --rest-port, "
          + "or publish \(port) of service \(description.name) in the file",
        at: "\(description.field).ports"
      )
    }
    service["ports"] = .array(ports + [added])
  }

  /// A health check that asks a port which gets TLS asks the port that never has it.
  private static func withoutTLS(_ test: JSONValue, ports: [Int]) -> JSONValue {
    if let words = test.array { return .array(words.map { withoutTLS($0, ports: ports) }) }
    guard var text = test.string else { return test }
    for port in ports {
      while let start = text.range(of: "http://[^/ :]+:\(port)[^ \"']*", options: .regularExpression) {
        text.replaceSubrange(start, with: "http://localhost:9091/healthz")
      }
    }
    return .string(text)
  }
}

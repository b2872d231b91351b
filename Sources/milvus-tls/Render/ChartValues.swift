import JSON
import MilvusTLS
import YAML

/// Values of the chart `milvus`, as a Milvus resource that says the same.
struct ChartValues {
  private static let userConfiguration = JSONPointer(["extraConfigFiles", "user.yaml"])

  private let source: SourceFile
  private let release: String
  private let namespace: String
  private let values: JSONValue
  /// What the chart merges into milvus.yaml.
  private let configuration: JSONValue

  /// - Throws: `CommandFailure` with the place of a value that the chart does not take.
  init(_ source: SourceFile, release: String, namespace: String) throws {
    (self.source, self.release, self.namespace) = (source, release, namespace)
    values = source.editor.documents[0]
    guard values.isNull || values.object != nil else { throw source.failure("values must be a mapping", at: "") }
    if let name = values["customConfigMap"]?.string, !name.isEmpty {
      throw source.failure("the chart ignores extraConfigFiles beside customConfigMap", at: "customConfigMap")
    }
    let places: [(JSONPointer, String)] = [
      (["extraConfigFiles"], "mapping"), (["volumes"], "list"), (["volumeMounts"], "list"), (["proxy"], "mapping"),
      (["standalone"], "mapping"),
    ].map { (JSONPointer($0.0), $0.1) }
    for (place, kind) in places {
      guard let value = values[place], !value.isNull else { continue }
      guard (kind == "list" ? value.array != nil : value.object != nil) else {
        throw source.failure("\(place.fieldPath) must be a \(kind)", at: place.fieldPath)
      }
    }
    configuration = try Self.configuration(values[Self.userConfiguration] ?? .null, source)
  }

  private static func configuration(_ value: JSONValue, _ source: SourceFile) throws -> JSONValue {
    let field = userConfiguration.fieldPath
    if value.isNull { return [:] }
    guard let text = value.string else { throw source.failure("user.yaml must be a string (|)", at: field) }
    do {
      let configuration = try YAML.parse(text)
      guard configuration.isNull || configuration.object != nil else {
        throw source.failure("user.yaml must hold a mapping", at: field)
      }
      return configuration.isNull ? [:] : configuration
    } catch let error as YAMLError {
      throw source.failure("user.yaml, \(error)", at: field)
    }
  }

  // MARK: The Milvus

  /// The release with its TLS.
  /// - Parameter flags: as `spec` of a MilvusTLS.
  /// - Throws: `CommandFailure` with the place of what contradicts the TLS.
  func rendered(_ flags: JSONValue) throws -> RenderedMilvus {
    var overrides = flags
    let isInternal = flags["internal"] != nil || configuration[path: "common", "security", "internaltlsEnabled"] == true
    if isInternal, flags[path: "internal", "serverName"] == nil, configuration[path: "internaltls", "sni"] == nil {
      overrides[JSONPointer(["internal", "serverName"])] = .string("\(fullName).\(namespace).svc")
    }
    let secretName = proxyTLS?["secretName"]?.string
    if let secretName { overrides[JSONPointer(["certificate", "secretName"])] = .string(secretName) }
    // The Secret of proxy.tls has no CA.
    let layout: SecretLayout? = secretName == nil ? nil : [.certificate: "tls.crt", .privateKey: "tls.key"]
    let rendered = try source.rendering(field: field) {
      try RenderedMilvus(milvus, overrides: overrides, layout: layout)
    }
    if secretName != nil, rendered.external == .twoWay || rendered.isInternalEnabled {
      throw source.failure(
        "the Secret of proxy.tls has no CA certificate, which TLS \(rendered.external.rawValue) needs; "
          + "set proxy.tls.enabled to false and use a Secret with ca.pem",
        at: "proxy.tls"
      )
    }
    try checkComponents(rendered)
    return rendered
  }

  /// The chart puts global lists behind those of a component: a name or path that both have makes pods that no server
  /// accepts.
  private func checkComponents(_ rendered: RenderedMilvus) throws {
    for (list, key) in [("volumes", "name"), ("volumeMounts", "mountPath")] {
      let added = (rendered.resource[path: "spec", "components", list]?.array ?? []).filter { entry in
        values[list]?.array?.contains(entry) != true
      }
      for (section, value) in (values.object ?? [:]).sorted(by: { $0.key < $1.key }) {
        let own = value[list]?.array ?? []
        guard let both = added.first(where: { entry in own.contains { $0[key] == entry[key] } }) else { continue }
        throw source.failure(
          "TLS for all components needs \(list) \(both[key]?.string ?? "") at the top level; move it from \(section)",
          at: "\(section).\(list)"
        )
      }
    }
  }

  /// `proxy.tls`, where the chart makes a Secret of it.
  private var proxyTLS: JSONValue? {
    guard let tls = values[path: "proxy", "tls"], tls["enabled"] == true else { return nil }
    return tls
  }

  private var isCluster: Bool { values[path: "cluster", "enabled"]?.bool ?? true }
  private var serving: String { isCluster ? "proxy" : "standalone" }

  private var milvus: JSONValue {
    var components: JSONValue = [:]
    components["volumes"] = values["volumes"].flatMap { $0.isNull ? nil : $0 }
    components["volumeMounts"] = values["volumeMounts"].flatMap { $0.isNull ? nil : $0 }
    if let image = values[path: "image", "all"], let tag = image["tag"]?.string {
      components["image"] = .string((image["repository"]?.string ?? "milvusdb/milvus") + ":" + tag)
    }
    let own = values[serving]
    var component: JSONValue = [:]
    // The chart adds the volumes of the proxy to the global ones.
    if let volumes = own?["volumes"]?.array, !volumes.isEmpty {
      component["volumes"] = .array(volumes + (values["volumes"]?.array ?? []))
    }
    component["volumeMounts"] = own?["volumeMounts"].flatMap { $0.isNull ? nil : $0 }
    component["env"] = own?["extraEnv"].flatMap { $0.isNull ? nil : $0 }
    if component != [:] { components[serving] = component }
    return [
      "metadata": ["name": .string(release), "namespace": .string(namespace)],
      "spec": [
        "mode": .string(isCluster ? "cluster" : "standalone"), "config": configuration, "components": components,
      ],
    ]
  }

  /// The value that a field of the Milvus comes from.
  private func field(_ field: String) -> String {
    let origins = [
      ("spec.config", Self.userConfiguration.fieldPath), ("spec.components.\(serving).env", "\(serving).extraEnv"),
      ("spec.components.image", "image.all.tag"), ("spec.components.", ""),
    ]
    for (prefix, origin) in origins where field.hasPrefix(prefix) { return origin + field.dropFirst(prefix.count) }
    return field
  }

  private var chart: String { values["nameOverride"]?.string.flatMap { $0.isEmpty ? nil : $0 } ?? "milvus" }

  /// The name of the chart's Service.
  private var fullName: String {
    values["fullnameOverride"]?.string.flatMap { $0.isEmpty ? nil : $0 }
      ?? (release.contains(chart) ? release : "\(release)-\(chart)")
  }

  // MARK: Results

  /// What the values have to be.
  func change(for rendered: RenderedMilvus) -> YAMLEditor.Change {
    var target = values.isNull ? [:] : values
    for name in ["volumes", "volumeMounts"] {
      let list = rendered.resource[path: "spec", "components", name]
      if let list, list != values[name] { target[name] = list }
    }
    let config = rendered.resource[path: "spec", "config"] ?? [:]
    let embedded = config == configuration ? [:] : [Self.userConfiguration: config]
    return YAMLEditor.Change(target: embedded.isEmpty && target == [:] ? values : target, embedded: embedded)
  }

  /// A Service for REST: the chart's has no port for it.
  func restService(_ port: Int) -> JSONValue {
    let labels: JSONValue = [
      "app.kubernetes.io/name": .string(chart), "app.kubernetes.io/instance": .string(release),
    ]
    return [
      "apiVersion": "v1", "kind": "Service",
      "metadata": ["name": .string(fullName + "-rest"), "namespace": .string(namespace), "labels": labels],
      "spec": [
        "type": "ClusterIP", "selector": labels.merging(["component": .string(serving)]),
        "ports": [["name": "rest", "port": .integer(port), "protocol": "TCP", "targetPort": .integer(port)]],
      ],
    ]
  }
}

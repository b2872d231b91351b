import Foundation
import JSON
import MilvusTLS
import YAML

/// Judges values of the published chart `milvus` as the Milvus that they make.
struct ChartCheck {
  private let release: ReleaseCheck
  /// Where `proxy.tls` is enabled; nil where it is not.
  private let proxyTLS: FilePlace?

  private static let userConfiguration = "extraConfigFiles.user.yaml"
  /// - Parameter secrets: those of all files; the namespace of the release is not known.
  /// - Throws: `CommandFailure` if `user.yaml` is no YAML.
  init(_ file: CheckedFile, secrets: [CheckedObject]) throws {
    guard let document = file.documents.first(where: { !$0.value.isNull }) else {
      throw CommandFailure("\(file.name): has no values")
    }
    let values = document.value
    let embedded: (text: String, places: YAMLPlaces)?
    var configuration: JSONValue
    do {
      embedded = try document.places.embedded(at: Self.userConfiguration)
      configuration = try embedded.map { try YAML.parse($0.text) } ?? [:]
    } catch let error as YAMLError {
      throw CommandFailure("\(file.name):\(error.line):\(error.column): user.yaml: \(error.message)")
    }
    if configuration.isNull { configuration = [:] }
    let proxyTLS = values[path: "proxy", "tls"].flatMap { $0["enabled"]?.bool == true ? $0 : nil }
    let isCluster = values[path: "cluster", "enabled"]?.bool ?? true
    let serving = isCluster ? "proxy" : "standalone"
    let names = [("env", "extraEnv"), ("\(serving).env", "\(serving).extraEnv"), ("image", "image.all.tag"), ("", "")]
    let place = { (field: String) -> FilePlace in
      if field.hasPrefix("spec.config"), let embedded {
        let rest = String(field.dropFirst("spec.config.".count))
        return FilePlace(file: file.name, place: embedded.places.place(of: rest))
      }
      var value = field.hasPrefix("spec.config") ? "proxy.tls" : ""
      for (name, own) in names where field.hasPrefix("spec.components." + name) && value.isEmpty {
        value = own + field.dropFirst("spec.components.".count + name.count)
      }
      return FilePlace(file: file.name, place: document.places.place(of: value))
    }
    var check = ReleaseCheck(
      milvus: Self.milvus(values, configuration, isCluster: isCluster, serving: serving),
      origin: ReleaseOrigin(
        place: place,
        placeOfText: { text in
          let found =
            embedded?.places.place(ofText: text) ?? document.places.place(ofText: text, under: "secretName")
            ?? document.places.place(ofText: text)
          return found.map { FilePlace(file: file.name, place: $0) }
        },
        words: { Self.words($0, serving: serving) }
      ),
      secrets: secrets
    )
    if let proxyTLS { check.folders = Self.secret(of: proxyTLS).map { [$0] } ?? [] }
    release = check
    self.proxyTLS = proxyTLS.map { _ in
      FilePlace(file: file.name, place: document.places.place(of: "proxy.tls.enabled"))
    }
  }

  func findings(at now: Date) throws -> [Finding] {
    var findings = try release.findings(at: now)
    if let proxyTLS, !release.requestsTLS(at: now) {
      findings.append(
        Finding(
          .warning,
          ConditionType.misplaced.rawValue,
          "proxy.tls makes a Secret and nothing else: Milvus serves without TLS",
          mend:
            "Write common.security.tlsMode and the paths under tls into extraConfigFiles.\"user.yaml\", and mount the Secret.",
          in: proxyTLS.file,
          at: proxyTLS.place
        )
      )
    }
    return findings
  }

  /// The operator is no part of a chart's release.
  private static func words(_ message: String, serving: String) -> String {
    let words = message.replacing("spec.config.", with: "")
      .replacing("spec.components.\(serving).env[", with: "\(serving).extraEnv[")
      .replacing("spec.components.env[", with: "extraEnv[").replacing("spec.components.", with: "")
    return words.components(separatedBy: "; nothing is issued or changed").first ?? words
  }

  private static func milvus(
    _ values: JSONValue,
    _ configuration: JSONValue,
    isCluster: Bool,
    serving: String
  ) -> JSONValue {
    var components: JSONValue = [:]
    func list(_ value: JSONValue?) -> JSONValue? { value?.array.flatMap { $0.isEmpty ? nil : .array($0) } }
    components["volumes"] = list(values["volumes"])
    components["volumeMounts"] = list(values["volumeMounts"])
    components["env"] = list(values["extraEnv"])
    if let tag = values[path: "image", "all", "tag"]?.string {
      components["image"] = .string(
        (values[path: "image", "all", "repository"]?.string ?? "milvusdb/milvus") + ":" + tag
      )
    }
    let own = values[serving]
    var component: JSONValue = [:]
    // The chart adds the volumes of a component to the global ones.
    if let volumes = list(own?["volumes"])?.array {
      component["volumes"] = .array(volumes + (values["volumes"]?.array ?? []))
    }
    component["volumeMounts"] = list(own?["volumeMounts"])
    component["env"] = list(own?["extraEnv"])
    if component != [:] { components[serving] = component }
    return [
      "metadata": ["name": "my-release"],
      "spec": [
        "mode": .string(isCluster ? "cluster" : "standalone"), "config": configuration, "components": components,
      ],
    ]
  }

  /// The Secret that the chart makes; nil where the values do not hold its files.
  private static func secret(of proxyTLS: JSONValue) -> JSONValue? {
    guard let name = proxyTLS["secretName"], let certificate = proxyTLS["crt"], let key = proxyTLS["key"] else {
      return nil
    }
    return ["metadata": ["name": name], "data": ["tls.crt": certificate, "tls.key": key]]
  }
}

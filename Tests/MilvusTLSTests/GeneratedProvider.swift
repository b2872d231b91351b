import JSON
import TestSupport

/// A Milvus whose author provides the files of its TLS himself, in one of the ways that real clusters have. The same
/// one for the same seed.
struct GeneratedProvider {
  enum Visibility: CaseIterable {
    /// A Secret that exists shows every file.
    case provided
    /// A Secret that does not exist would show every file.
    case awaited
    /// No Secret or ConfigMap shows the files: a driver, a claim, an init container, an injector, or the image.
    case hidden
  }

  /// Secrets that the author's volumes name, all with the manual's file names.
  static let secretNames = ["certs", "prod-tls", "my-release-certs"]

  let visibility: Visibility
  private(set) var annotations: [String: String] = [:]
  private(set) var spec: JSONValue = [:]
  private(set) var secretName = ""
  /// Secrets of other programs, some with the names that the operator would use.
  private(set) var unrelatedSecrets: [String] = []
  private var generator: SeededGenerator

  init(seed: UInt64) {
    generator = SeededGenerator(seed: seed)
    visibility = Visibility.allCases[Int.random(in: 0..<3, using: &generator)]
    secretName = any(Self.secretNames)
    for name in ["certs-ca", "my-release-certs-ca", "certs", "certs-client"] where name != secretName && maybe(15) {
      unrelatedSecrets.append(name)
    }
    let folder = any(["/milvus/tls", "/certs", "/etc/ssl/milvus", "/milvus/configs/cert", "/vault/secrets"])
    let (volume, mounts) = provider(of: folder)
    spec["config"] = config(folder)
    var lists: JSONValue = [:]
    if let volume { lists["volumes"] = .array([volume] + unrelatedVolumes) }
    if !mounts.isEmpty { lists["volumeMounts"] = .array(mounts + unrelatedMounts(beside: folder)) }
    if maybe(15) {
      spec["mode"] = "cluster"
      let components = ["proxy", "mixCoord", "queryNode", "dataNode", "streamingNode"]
      spec["components"] = .object(Dictionary(uniqueKeysWithValues: components.map { ($0, lists) }))
      spec[JSONPointer(["components", "image"])] = "milvusdb/milvus:v2.6.4"
    } else if maybe(30) {
      spec["mode"] = "standalone"
      spec["components"] = ["standalone": lists]
    } else {
      spec["mode"] = any(["standalone", "cluster"])
      spec["components"] = lists
    }
    if maybe(40) {
      let mode = spec[path: "config", "common", "security", "tlsMode"]?.integer
      annotations["tls.milvus.io/external"] = mode == 2 ? "TwoWay" : "OneWay"
      if maybe(40) { annotations["tls.milvus.io/internal"] = "true" }
    }
  }

  /// Whether the Milvus's own configuration alone asks.
  var asksByConfigurationAlone: Bool { annotations.isEmpty }

  private mutating func config(_ folder: String) -> JSONValue {
    var config: JSONValue = [:]
    let internally = maybe(40)
    if internally { config[JSONPointer(["common", "security", "internaltlsEnabled"])] = true }
    if !internally || maybe(60) { config[JSONPointer(["common", "security", "tlsMode"])] = maybe(50) ? 1 : 2 }
    for section in ["tls", "internaltls"] where section == "tls" || internally {
      for (key, file) in [
        ("serverPemPath", "server.pem"), ("serverKeyPath", "server.key"), ("caPemPath", "ca.pem"),
      ] { config[JSONPointer([section, key])] = .string("\(folder)/\(file)") }
    }
    return config
  }

  private mutating func provider(of folder: String) -> (volume: JSONValue?, mounts: [JSONValue]) {
    let files = ["server.pem", "server.key", "ca.pem"]
    var volume: JSONValue = ["name": "provided"]
    var roots = [folder]
    if visibility == .hidden {
      guard maybe(75) else { return (nil, []) }  // the image has them, or an injector brings them
      let sources: [(String, JSONValue)] = [
        ("csi", ["driver": "csi.cert-manager.io", "readOnly": true]), ("emptyDir", ["medium": "Memory"]),
        ("persistentVolumeClaim", ["claimName": "tls-files"]), ("hostPath", ["path": "/etc/milvus"]),
        ("ephemeral", ["volumeClaimTemplate": [:]]), ("nfs", ["server": "files", "path": "/tls"]),
        ("projected", ["sources": [["serviceAccountToken": ["path": "token"]]]]),
        ("projected", ["sources": [["clusterTrustBundle": ["name": "company", "path": "ca.pem"]]]]),
        ("secret", ["secretName": .string(secretName), "items": [["key": "tls.crt", "path": "else.pem"]]]),
      ]
      let (kind, source) = any(sources)
      volume[kind] = source
      // A volume may be mounted above the files, too.
      let above = folder.split(separator: "/").dropLast().map { "/\($0)" }.joined()
      if !above.isEmpty, maybe(40) { roots = [above] }
    } else {
      let items: JSONValue = .array(files.map { ["key": .string($0), "path": .string($0)] })
      var secret: JSONValue = ["secretName": .string(secretName)]
      var source: JSONValue = ["name": .string(secretName)]
      if maybe(30) { (secret["items"], source["items"]) = (items, items) }
      if maybe(20) { (secret["optional"], source["optional"]) = (true, true) }
      if maybe(50) { volume["secret"] = secret } else { volume["projected"] = ["sources": [["secret": source]]] }
    }
    let single = roots == [folder] && maybe(25)
    guard single else { return (volume, roots.map { mount("provided", $0) }) }
    return (
      volume,
      files.map { file in mount("provided", "\(folder)/\(file)").merging(["subPath": .string(file)]) }
    )
  }

  private let unrelatedVolumes: [JSONValue] = [
    ["name": "cache", "emptyDir": [:]], ["name": "settings", "configMap": ["name": "settings"]],
  ]

  private mutating func unrelatedMounts(beside folder: String) -> [JSONValue] {
    [mount("cache", any(["/cache", "\(folder)/cache", "/milvus/tls/cache"])), mount("settings", "/settings")]
  }

  private func mount(_ volume: String, _ path: String) -> JSONValue {
    ["name": .string(volume), "mountPath": .string(path)]
  }

  private mutating func maybe(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &generator) < percent }

  private mutating func any<Value>(_ values: [Value]) -> Value {
    values[Int.random(in: 0..<values.count, using: &generator)]
  }
}

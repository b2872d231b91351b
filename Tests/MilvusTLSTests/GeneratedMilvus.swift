import JSON
import TestSupport

/// Milvus resources as people might write them, the same ones for the same seed.
struct GeneratedMilvus: RandomNumberGenerator {
  private var generator: SeededGenerator

  init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  mutating func next() -> UInt64 { generator.next() }

  mutating func annotations() -> [String: String] {
    var annotations: [String: String] = [:]
    if maybe(70) { annotations["tls.milvus.io/external"] = any("OneWay", "TwoWay", "Disabled") }
    if maybe(50) || annotations.isEmpty { annotations["tls.milvus.io/internal"] = any("true", "true", "false") }
    return annotations
  }

  /// - Parameter asks: whether its configuration may ask for TLS by itself.
  mutating func spec(asks: Bool) -> JSONValue {
    var spec: JSONValue = [:]
    if maybe(60) { spec["mode"] = any("cluster", "standalone") }
    if maybe(60) { spec["config"] = config(asks: asks) }
    if maybe(80) { spec["components"] = components() }
    return spec
  }

  private mutating func config(asks: Bool) -> JSONValue {
    var config: JSONValue = [:]
    func key(_ path: String...) -> JSONPointer { JSONPointer(path) }
    if asks, maybe(40) { config[key("common", "security", "tlsMode")] = any(0, 1, 2, "1", 7) }
    if asks, maybe(30) { config[key("common", "security", "internaltlsEnabled")] = any(true, false, "true") }
    if maybe(20) { config[key("common", "security", "authorizationEnabled")] = true }
    if maybe(20) { config[key("proxy", "http", "port")] = any(8080, 9999, "8081", 19530) }
    if maybe(10) { config[key("proxy", "http", "enabled")] = false }
    if maybe(20) { config[key("internaltls", "sni")] = any("localhost", "search.example.com") }
    if maybe(10) { config["tls"] = any([:], .object(["minVersion": "1.3"])) }
    if maybe(10) { config[key("common", "tls", "serverPemPath")] = "/x/server.pem" }
    for section in ["tls", "internaltls"] {
      for member in ["serverPemPath", "serverKeyPath", "caPemPath"] where maybe(15) {
        let folder: JSONValue = any("/certs", "/milvus/tls", "/a", "")
        let file: JSONValue = any("server.pem", "server.key", "ca.pem", "other.crt")
        config[key(section, member)] = .string((folder.string ?? "") + "/" + (file.string ?? ""))
      }
    }
    return config
  }

  private mutating func components() -> JSONValue {
    var components = lists()
    for section in ["proxy", "standalone", "queryNode", "mixCoord", "futureNode"] where maybe(25) {
      components[section] = lists()
      if maybe(30) { components[section]?["replicas"] = 2 }
      if maybe(15) { components[section]?["serviceRestfulPort"] = any(8080, 1234) }
      if maybe(15) { components[section]?["podAnnotations"] = ["a": "b"] }
    }
    if maybe(20) { components["podAnnotations"] = any([:], .object(["team": "search"])) }
    if maybe(20) { components["image"] = any("milvusdb/milvus:v2.5.4", "milvusdb/milvus:v2.4.0", "milvus:latest") }
    return components
  }

  private mutating func lists() -> JSONValue {
    let volumes: [JSONValue] = [
      ["name": "data", "emptyDir": [:]], ["name": "certs", "secret": ["secretName": "certs"]],
      ["name": "tls", "secret": ["secretName": "certs"]], ["name": "certs", "emptyDir": [:]],
      ["name": "tls", "secret": ["secretName": "certs", "items": [["key": "server.pem", "path": "other.crt"]]]],
      ["name": "settings", "configMap": ["name": "settings"]],
    ]
    let mounts: [JSONValue] = [
      ["name": "data", "mountPath": "/data"], ["name": "certs", "mountPath": "/certs"],
      ["name": "tls", "mountPath": "/milvus/tls", "readOnly": true], ["name": "settings", "mountPath": "/a"],
      ["name": "tls", "mountPath": "/certs/server.pem", "subPath": "server.pem"],
    ]
    var lists: JSONValue = [:]
    if maybe(40) { lists["volumes"] = some(of: volumes, by: "name") }
    if maybe(40) { lists["volumeMounts"] = some(of: mounts, by: "mountPath") }
    return lists
  }

  private mutating func some(of elements: [JSONValue], by key: String) -> JSONValue {
    var names: Set<JSONValue> = []
    let chosen = elements.shuffled(using: &self).prefix(Int.random(in: 0...3, using: &self))
    return .array(chosen.filter { names.insert($0[key] ?? .null).inserted })
  }

  private mutating func maybe(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }

  private mutating func any<Value>(_ values: Value...) -> Value {
    values[Int.random(in: 0..<values.count, using: &self)]
  }
}

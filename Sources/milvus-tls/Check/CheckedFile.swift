import Foundation
import JSON
import MilvusTLS
import YAML

/// A file that is judged, with its kind, which its contents say.
struct CheckedFile {
  enum Kind: String {
    case resources, values, compose, configuration, certificate, kubeconfig, log
  }

  /// A document with its places.
  struct Document {
    let value: JSONValue
    let places: YAMLPlaces
  }

  /// As the user wrote it; `-` for standard input.
  let path: String
  let contents: [UInt8]
  let kind: Kind
  /// None for certificates and logs.
  let documents: [Document]

  /// Whether it holds anything that has rules here. Folders of manifests hold other objects too.
  var isJudged: Bool {
    kind != .resources || documents.flatMap { Self.objects(in: $0.value) }.contains(where: Self.isJudged)
  }

  /// For people.
  var name: String { path == "-" ? "<stdin>" : path }

  /// - Throws: `CommandFailure` for a file that cannot be read, is no YAML, or is none of the kinds.
  init(reading path: String) throws {
    self.path = path
    contents =
      try path == "-" ? InputFile.standardInput(kind: Self.allowed) : InputFile.contents(of: path, kind: Self.allowed)
    let name = path == "-" ? "<stdin>" : path
    if Self.isPEM(contents) {
      (kind, documents) = (.certificate, [])
      return
    }
    guard let text = String(validating: contents, as: UTF8.self) else { throw CommandFailure(Self.unknown(name)) }
    if LogCheck.isLog(text) {
      (kind, documents) = (.log, [])
      return
    }
    do {
      documents = zip(try YAML.parseAll(text), try YAMLPlaces.all(text)).map(Document.init)
    } catch let error as YAMLError {
      throw CommandFailure("\(name):\(error.line):\(error.column): \(error.message)")
    }
    guard let kind = Self.kind(of: documents.map(\.value)) else { throw CommandFailure(Self.unknown(name)) }
    self.kind = kind
  }

  private static let allowed =
    "with Milvus resources, chart values, a Compose file, milvus.yaml, certificates in PEM, a kubeconfig or a log of Milvus"

  static func unknown(_ name: String) -> String { "\(name): cannot be judged: name a file \(allowed)" }

  /// A byte order mark does not hide what it is.
  private static func isPEM(_ bytes: [UInt8]) -> Bool {
    String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).contains {
      $0.drop { $0 == "\u{FEFF}" }.hasPrefix("-----BEGIN ")
    }
  }

  /// Whether an object is part of a Milvus, or becomes a Secret.
  private static func isJudged(_ object: JSONValue) -> Bool {
    let kind = object["kind"]?.string ?? ""
    let group = object["apiVersion"]?.string?.split(separator: "/").first ?? ""
    return ["milvus.io", "tls.milvus.io"].contains(group) || ["ConfigMap", "Certificate"].contains(kind)
      || kind.hasSuffix("Secret")
  }

  private static func objects(in document: JSONValue) -> [JSONValue] {
    document["kind"]?.string?.hasSuffix("List") == true ? document["items"]?.array ?? [] : [document]
  }

  private static func kind(of documents: [JSONValue]) -> Kind? {
    let objects = documents.flatMap(objects)
    if objects.contains(where: { $0["apiVersion"] != nil && $0["kind"] != nil }) {
      if objects.allSatisfy({ $0["kind"] == "Config" && $0["clusters"] != nil }) { return .kubeconfig }
      return .resources
    }
    guard documents.count(where: { !$0.isNull }) == 1, let members = documents.first(where: { !$0.isNull })?.object
    else { return nil }
    if members["services"]?.object != nil { return .compose }
    let ofChart = ["extraConfigFiles", "volumes", "volumeMounts", "cluster", "image", "service", "standalone"]
    if ofChart.contains(where: { members[$0] != nil }) || members["proxy"]?["tls"] != nil { return .values }
    let names = Set(members.keys.map { $0.lowercased().prefix { $0 != "." } }.map(String.init))
    let ofMilvus: Set = ["common", "tls", "internaltls", "proxy", "etcd", "minio", "log", "mq", "localstorage"]
    return names.isDisjoint(with: ofMilvus) ? nil : .configuration
  }
}

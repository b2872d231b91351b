import Foundation
import JSON
import PKI

/// The files of a Milvus container at its start: those mounted from Secrets, and the certificates in its image.
struct ContainerFiles: Sendable, Equatable {
  /// Go's error message for a file.
  struct Failure: Error, Equatable {
    let text: String

    init(_ text: String) {
      self.text = text
    }
  }

  /// Contents in base64, as in Secrets, by absolute path.
  private var mounted: [String: String] = [:]

  init() {}

  /// Adds the files of a Secret volume that are mounted into the container.
  mutating func add(_ secret: JSONValue, of volume: JSONValue, to container: JSONValue?) {
    let data = secret["data"]?.object ?? [:]
    let keys = volume["secret"]?["items"]?.array?.compactMap { item -> (key: String, path: String)? in
      guard let key = item["key"]?.string, let path = item["path"]?.string else { return nil }
      return (key, path)
    }
    for (key, path) in keys ?? data.keys.map({ (key: $0, path: $0) }) {
      guard let content = data[key]?.string else { continue }
      for mount in container?["volumeMounts"]?.array ?? [] where mount["name"] == volume["name"] {
        if let place = Self.place(of: path, at: mount) { mounted[place] = content }
      }
    }
  }

  private static func place(of file: String, at mount: JSONValue) -> String? {
    guard var folder = mount["mountPath"]?.string else { return nil }
    if let part = mount["subPath"]?.string { return part == file ? folder : nil }
    while folder.hasSuffix("/") { folder.removeLast() }
    return "\(folder)/\(file)"
  }

  /// Go's `os.ReadFile`.
  func text(at path: String) throws(Failure) -> String {
    // Working directory of Milvus.
    let place = path.hasPrefix("/") ? path : "/milvus/\(path)"
    if let content = mounted[place] {
      return String(decoding: Data(base64Encoded: content) ?? Data(), as: UTF8.self)
    }
    guard let text = MilvusImage.files[place] else { throw Failure("open \(path): no such file or directory") }
    return text
  }

  /// Go's `tls.LoadX509KeyPair`.
  func keyPair(certificate: String, key: String) throws(Failure) -> TLSServerSettings {
    let (certificateText, keyText) = (try text(at: certificate), try text(at: key))
    guard certificateText.contains("-----BEGIN CERTIFICATE-----") else {
      throw Failure("tls: failed to find any PEM data in certificate input")
    }
    guard keyText.contains("PRIVATE KEY-----") else { throw Failure("tls: failed to find any PEM data in key input") }
    guard let chain = try? Certificate.chain(pem: certificateText) else { throw Failure("x509: malformed certificate") }
    guard let key = try? PrivateKey(pem: keyText) else { throw Failure("tls: failed to parse private key") }
    guard chain.first?.matches(key) == true else { throw Failure("tls: private key does not match public key") }
    return TLSServerSettings(chain: chain, key: key)
  }

  /// Go's `AppendCertsFromPEM`; empty if it finds none.
  func authorities(at path: String) throws(Failure) -> [Certificate] {
    let text = try text(at: path)
    return (try? Certificate.chain(pem: text)) ?? []
  }
}

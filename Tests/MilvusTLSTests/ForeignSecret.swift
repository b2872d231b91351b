import Foundation
import JSON
import PKI

/// A Secret that the operator under test did not make. Its certificates are made when a test runs, so that no key lies
/// in the repository.
///
/// Annotations say what is in it: `test/keys`, the keys of certificate, private key and authority in this order (an
/// empty one is missing, further ones hold other files); `test/configMap`, a ConfigMap that gets the authority in place
/// of the Secret, as `name/key`; `test/names`, the DNS names, the first one the common name;
/// `test/faults`, what is wrong (``Fault``).
struct ForeignSecret {
  enum Fault: String, CaseIterable {
    case expired, notYetValid, mismatch, otherAuthority, clientOnly, garbage
    /// An RSA key of 1024 bits.
    case weakKey
    /// Signed with SHA-1.
    case sha1
    /// A byte order mark before the certificate.
    case byteOrderMark
    /// The key on one line, as a folded YAML scalar makes it.
    case oneLine
    /// The key before the certificate, in one file.
    case combined
  }

  let name: String
  /// The role and the Milvus in the labels of a Secret that the operator made for another Milvus.
  let role: String?
  let milvus: String?
  /// The ConfigMap that holds the authority; nil where the Secret does.
  private let configMap: (name: String, key: String)?
  private let keys: [String]
  private let names: [String]
  private let faults: Set<Fault>

  private static let defaultNames = ["", ".default", ".default.svc", ".default.svc.cluster.local"].map {
    "my-release-milvus" + $0
  }

  init(_ json: JSONValue) throws {
    let metadata = json["metadata"] ?? [:]
    func list(_ annotation: String) -> [String]? {
      metadata["annotations"]?[annotation]?.string?.split(separator: ",", omittingEmptySubsequences: false)
        .map { $0.trimmingCharacters(in: .whitespaces) }
    }
    guard let name = metadata["name"]?.string else { throw GoldenCase.Malformed("a Secret without a name") }
    self.name = name
    role = metadata["labels"]?["tls.milvus.io/role"]?.string
    milvus = metadata["labels"]?["tls.milvus.io/milvus"]?.string
    guard let keys = list("test/keys") else {
      throw GoldenCase.Malformed("Secret \(name) needs the annotation test/keys")
    }
    self.keys = keys
    configMap = list("test/configMap")?.first.map { $0.split(separator: "/").map(String.init) }.flatMap {
      $0.count == 2 ? ($0[0], $0[1]) : nil
    }
    names = list("test/names") ?? Self.defaultNames + ["localhost"]
    faults = Set(
      try (list("test/faults") ?? []).map { text in
        guard let fault = Fault(rawValue: text) else { throw GoldenCase.Malformed("Secret \(name): no fault \(text)") }
        return fault
      }
    )
  }

  /// The files by key.
  func data() throws -> [String: String] { try objects().data }

  /// The files by key, and the ConfigMap beside them.
  func objects() throws -> (data: [String: String], configMap: JSONValue?) {
    var files = try faults.contains(.garbage) ? ["not a certificate", "not a key", "not an authority"] : makeFiles()
    let map = configMap.map { map -> JSONValue in
      let authority = files.removeLast()
      return ["metadata": ["name": .string(map.name)], "data": [map.key: .string(authority)]]
    }
    let contents = zip(keys, files + Array(repeating: "another file", count: max(0, keys.count - files.count)))
    return (Dictionary(uniqueKeysWithValues: contents.filter { !$0.0.isEmpty }), map)
  }

  private func makeFiles() throws -> [String] {
    let key = try faults.contains(.weakKey) ? OpenSSLProgram.weakKey() : PrivateKey(generating: .ecdsa(.p256))
    let authority = try Self.makeAuthority()
    let request = try LeafRequest(
      purpose: faults.contains(.clientOnly) ? .client : .server,
      subject: DistinguishedName(commonName: names[0]),
      dnsNames: names,
      validity: validity
    )
    let certificate =
      try faults.contains(.sha1)
      ? OpenSSLProgram.sign(request, key: key, by: authority) : authority.issue(request, key: key).pem
    let shownKey = try faults.contains(.mismatch) ? PrivateKey(generating: .ecdsa(.p256)) : key
    let shownAuthority = try faults.contains(.otherAuthority) ? Self.makeAuthority() : authority
    var (text, keyText) = (certificate, try shownKey.pem())
    if faults.contains(.byteOrderMark) { text = "\u{FEFF}" + text }
    if faults.contains(.combined) { text = keyText + text }
    if faults.contains(.oneLine) { keyText = keyText.split(separator: "\n").joined(separator: " ") }
    return [text, keyText, shownAuthority.certificate.pem]
  }

  private var validity: Validity {
    let year = 365 * 86400.0
    if faults.contains(.expired) { return Validity(from: World.now - 2 * year, duration: year) }
    if faults.contains(.notYetValid) { return Validity(from: World.now + year, duration: year) }
    return Validity(from: World.now - year / 4, duration: year)
  }

  private static func makeAuthority() throws -> CertificateAuthority {
    try .selfSigned(
      subject: DistinguishedName(commonName: "authority of the company"),
      algorithm: .ecdsa(.p256),
      validity: Validity(from: World.now - 3 * 365 * 86400, duration: 10 * 365 * 86400)
    )
  }
}

import Foundation
import JSON
import PKI

/// What the operator keeps of a Secret: certificates and findings, never a private key.
public struct ObservedSecret: Sendable, Equatable {
  /// The contents of a Secret that the operator wrote, or why they cannot be used.
  public enum Contents: Sendable, Equatable {
    case certificate(CertificateContents)
    /// Keys that the role needs and the Secret lacks.
    case incomplete(missing: [String])
    /// A certificate or key that does not parse, with the reason.
    case unreadable(String)
    /// The private key is not the certificate's.
    case mismatched
    /// A CA whose certificate is missing or does not parse, and whose private key is good: the fingerprint of the key's
    /// public half, and what is wrong.
    case certificateLost(key: String, problem: String)
  }

  public struct CertificateContents: Sendable, Equatable {
    /// The certificate itself, first of its chain.
    public let certificate: Certificate
    /// What follows it in its file.
    public var intermediates: [Certificate] = []
    /// What `ca.pem` holds.
    public let authorities: [Certificate]
    /// SHA-256 over those of the certificate's and the authorities' PEM text, as hexadecimal: the pods' annotation.
    public let digest: String
  }

  public let namespace: String
  public let name: String
  public let resourceVersion: String
  /// Whether it is the operator's: it carries a role, no other owner than a Milvus, and no data of another writer.
  public let isManaged: Bool
  /// Whether it carries a role, and no other owner than a Milvus.
  private let isOurs: Bool
  /// The field managers that wrote data into a Secret of the operator.
  public let otherWriters: [String]
  /// The Milvus in its labels, whoever wrote its data.
  private let labelledMilvus: String?
  /// Whether `app.kubernetes.io/managed-by` names the operator.
  let hasManagerLabel: Bool
  /// The field managers that a Secret has which the operator never wrote to.
  private let restorers: [String]
  /// The Milvus that it belongs to; nil unless the operator wrote it.
  public let milvus: String?
  /// UID of that Milvus, from the owner reference.
  public let ownerUID: String?
  public let ownerReferences: [JSONValue]
  /// Nil unless the operator wrote it.
  public let role: SecretRole?
  public let contents: Contents
  /// The request for a rotation that it was written for (for an authority, of the authority); nil for none.
  public let rotation: String?
  /// Since when `ca.pem` holds what it holds; nil where nobody noted it.
  let trustedSince: Date?
  /// Fingerprints of the CAs that the operator wrote into `ca.pem`; nil where nobody noted them.
  private let trusted: [String]?
  /// Digest of what a person specified when the certificate was issued; nil where nobody noted it.
  let specified: String?
  /// The certificate of the CA that is about to take over; nil while none is.
  let next: Certificate?
  /// Whether it has any entry of the next CA, usable or not.
  let hasNextEntries: Bool
  /// Why the CA rotation began.
  let replacementReason: String?
  /// The Certificate that cert-manager wrote it for.
  let certManagerCertificate: String?
  /// What the data of an unmanaged Secret holds, by entry; empty for the operator's own.
  let files: [String: SecretFile]

  /// Takes what is needed from a Secret; nil where metadata that every stored object has is missing.
  public init?(_ object: JSONValue) {
    guard let resourceVersion = object[path: "metadata", "resourceVersion"]?.string else { return nil }
    self.init(object, resourceVersion: resourceVersion)
  }

  /// Takes what is needed from a Secret that is yet to be written.
  public init?(unwritten object: JSONValue) {
    self.init(object, resourceVersion: "")
  }

  private init?(_ object: JSONValue, resourceVersion: String) {
    guard let metadata = object["metadata"], let namespace = metadata["namespace"]?.string,
      let name = metadata["name"]?.string
    else { return nil }
    self.namespace = namespace
    self.name = name
    self.resourceVersion = resourceVersion
    let labels = metadata["labels"]
    ownerReferences = metadata["ownerReferences"]?.array ?? []
    ownerUID = ownerReferences.first { $0["kind"]?.string == "Milvus" }?["uid"]?.string
    // Tools overwrite `app.kubernetes.io/managed-by`; a Secret of another owner was only copied with its labels.
    let role = labels?[Labels.role]?.string.flatMap(SecretRole.init)
    otherWriters = role.map { Self.dataWriters(of: object, role: $0) } ?? []
    isOurs = role != nil && (ownerUID != nil || ownerReferences.isEmpty)
    isManaged = isOurs && otherWriters.isEmpty
    labelledMilvus = labels?[Labels.milvus]?.string
    self.role = isManaged ? role : nil
    milvus = isManaged ? labels?[Labels.milvus]?.string : nil
    hasManagerLabel = labels?[Labels.managedBy]?.string == Labels.manager
    let managers = (metadata["managedFields"]?.array ?? []).compactMap { $0["manager"]?.string }.unique
    restorers = managers.contains(Labels.manager) ? [] : managers
    contents = role.map { Self.contents(of: object["data"]?.object ?? [:], role: $0) } ?? .incomplete(missing: [])
    let annotations = metadata["annotations"]
    certManagerCertificate = annotations?["cert-manager.io/certificate-name"]?.string
    rotation =
      annotations?[role == .authority ? Annotations.rotateAuthority : Annotations.rotate]?.string
    trustedSince = annotations?[Annotations.trustedSince]?.string.flatMap(Date.init(kubernetesTime:))
    trusted = annotations?[Annotations.trusted]?.string.map { $0.split(separator: ",").map(String.init) }
    specified = annotations?[Annotations.specified]?.string
    replacementReason = annotations?[Annotations.replacementReason]?.string
    let data = object["data"]?.object ?? [:]
    next = role == .authority ? Self.next(in: data) : nil
    hasNextEntries =
      role == .authority
      && [SecretEntry.nextAuthorityCertificate, SecretEntry.nextAuthorityKey].contains { data[$0] != nil }
    files = isManaged ? [:] : (object["data"]?.object ?? [:]).mapValues(SecretFile.init(base64:))
  }

  /// Whether its labels and owner say that it is a Milvus's.
  func isLabelled(for milvus: ObservedMilvus) -> Bool {
    isOurs && labelledMilvus == milvus.name && (ownerUID == nil || ownerUID == milvus.uid)
  }

  /// The merge patch that gives a Secret of the operator back what it has lost: its owner, as in a restored backup, or
  /// the label that a tool overwrote; nil where it has both.
  public func adoption(by milvus: ObservedMilvus) -> JSONValue? {
    guard isManaged, ownerUID == nil || !hasManagerLabel else { return nil }
    var patch: JSONValue = ["metadata": ["labels": [Labels.managedBy: .string(Labels.manager)]]]
    if ownerUID == nil {
      // Whoever restored it wrote its data, and does not provide it.
      if !restorers.isEmpty {
        patch[JSONPointer(["metadata", "annotations", Annotations.restoredBy])] = .string(
          restorers.joined(separator: ",")
        )
      }
      patch[JSONPointer(["metadata", "ownerReferences"])] = .array(ownerReferences + [milvus.ownerReference])
    }
    return patch
  }

  /// The certificates of a Secret that the operator wrote; nil where they cannot be used.
  var certificateContents: CertificateContents? {
    guard case .certificate(let contents) = contents else { return nil }
    return contents
  }

  /// The CA of an authority's Secret, whoever keeps it; nil where it cannot be read.
  var authorityCertificate: Certificate? {
    if isManaged { return certificateContents?.certificate }
    return files[SecretEntry.authorityCertificate]?.certificates.first
  }

  /// Whether the operator may have written a CA into `ca.pem`.
  func wasTrusted(_ authority: Certificate) -> Bool { trusted?.contains(authority.sha256Fingerprint) ?? true }

  private static func text(_ key: String, of data: [String: JSONValue]) -> String? {
    data[key]?.string.flatMap { Data(base64Encoded: $0) }.map { String(decoding: $0, as: UTF8.self) }
  }

  /// The next authority; one that is damaged is none, and is made again.
  private static func next(in data: [String: JSONValue]) -> Certificate? {
    guard let certificateText = text(SecretEntry.nextAuthorityCertificate, of: data),
      let keyText = text(SecretEntry.nextAuthorityKey, of: data),
      let certificate = try? Certificate.chain(pem: certificateText).first,
      (try? certificate.matches(keyPEM: keyText)) == true
    else { return nil }
    return certificate
  }

  private static func contents(of data: [String: JSONValue], role: SecretRole) -> Contents {
    let contents = entries(of: data, role: role)
    guard role == .authority, let problem = contents.certificateProblem,
      let key = text(role.privateKeyEntry, of: data).flatMap({ try? PrivateKey(pem: $0) }),
      let fingerprint = try? key.publicKeyFingerprint()
    else { return contents }
    return .certificateLost(key: fingerprint, problem: problem)
  }

  private static func entries(of data: [String: JSONValue], role: SecretRole) -> Contents {
    let text = { (key: String) in Self.text(key, of: data) }
    guard let certificateText = text(role.certificateEntry), let keyText = text(role.privateKeyEntry),
      let authorityText = text(SecretEntry.authorityCertificate)
    else {
      let keys = [role.certificateEntry, role.privateKeyEntry, SecretEntry.authorityCertificate].unique
      return .incomplete(missing: keys.filter { text($0) == nil })
    }
    do {
      let chain = try Certificate.chain(pem: certificateText)
      guard let certificate = chain.first else {
        return .unreadable("\(role.certificateEntry) holds no certificate")
      }
      let authorities = try Certificate.chain(pem: authorityText)
      guard try certificate.matches(keyPEM: keyText) else { return .mismatched }
      let digest = try SecretFile.digest(of: [certificateText, authorityText].map { Array($0.utf8) })
      return .certificate(
        CertificateContents(
          certificate: certificate,
          intermediates: Array(chain.dropFirst()),
          authorities: authorities,
          digest: digest
        )
      )
    } catch {
      return .unreadable("\(error)")
    }
  }
}

extension ObservedSecret.Contents {
  /// What is wrong with the certificate; nil where it can be read.
  fileprivate var certificateProblem: String? {
    switch self {
    case .certificate, .mismatched, .certificateLost: nil
    case .incomplete(let missing): "Secret lacked " + missing.joined(separator: ", ")
    case .unreadable(let problem): problem
    }
  }
}

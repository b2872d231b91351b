import Foundation
import MilvusTLS
import PKI

/// What a report says of one MilvusTLS, or of a Milvus without one.
struct ReportRelease {
  let namespace: String
  /// Of the Milvus.
  let name: String
  /// Nil for a Milvus without one.
  let milvusTLS: ObservedMilvusTLS?
  let certificates: [ReportCertificate]
  /// Every CA that signs or is trusted, each once.
  let authorities: [Certificate]
  /// The CA that signs.
  let signing: Certificate?
  /// The CA that is about to take over.
  let next: Certificate?

  /// A Milvus without a MilvusTLS.
  init(_ milvus: ObservedMilvus) {
    (namespace, name, milvusTLS) = (milvus.namespace, milvus.name, nil)
    (certificates, authorities, signing, next) = ([], [], nil, nil)
  }

  /// - Parameter secrets: those of its namespace that could be read, by name.
  init(_ milvusTLS: ObservedMilvusTLS, secrets: [String: ReportSecret], now: Date) {
    (namespace, name, self.milvusTLS) = (milvusTLS.namespace, milvusTLS.milvusName, milvusTLS)
    let known = Self.certificates(of: milvusTLS, secrets).map { certificate in
      var certificate = certificate
      if let secret = secrets[certificate.secretName] { certificate.take(secret) }
      if certificate.isRenewed(by: milvusTLS.status) { certificate.take(RenewalForecast(milvusTLS), now: now) }
      return certificate
    }
    let authority = known.first { $0.role == .authority }
    signing = authority?.certificate
    next = authority.flatMap { secrets[$0.secretName]?.next?.certificates.first }
    certificates = known + (next.map { [ReportCertificate(next: $0, in: authority?.secretName ?? "")] } ?? [])
    var seen: Set<Certificate> = []
    authorities = ([signing, next].compactMap(\.self) + known.flatMap(\.trusted)).filter { seen.insert($0).inserted }
  }

  var status: MilvusTLSStatus { milvusTLS?.status ?? MilvusTLSStatus() }

  /// Whether the status is about an earlier generation of the spec; it then proves nothing about the current one.
  var isStale: Bool { milvusTLS.map { ($0.status.observedGeneration ?? $0.generation) < $0.generation } ?? false }

  /// Conditions of TLS that waits or needs attention, beside `Ready`, `Verified` and `PlaintextExposed`.
  var waiting: [Condition] {
    status.conditions.filter {
      $0.status == .true && ![.ready, .verified, .plaintextExposed].contains($0.type)
    }
  }

  /// The certificate that ends first; nil where none is known.
  var firstToEnd: ReportCertificate? {
    certificates.filter { $0.notAfter != nil }.min {
      ($0.notAfter ?? .distantFuture, $0.title) < ($1.notAfter ?? .distantFuture, $1.title)
    }
  }

  /// The CA or intermediate that issued a certificate, of all that are known; nil for none of them.
  func issuer(of certificate: ReportCertificate) -> Certificate? {
    guard let leaf = certificate.certificate else { return nil }
    return (certificate.intermediates + authorities).first { leaf.isIssued(by: $0) }
  }

  /// The CA at which the chain of a certificate ends; nil for none that is known.
  func authority(of certificate: ReportCertificate) -> Certificate? {
    guard let leaf = certificate.certificate else { return nil }
    return authorities.first { authority in
      ([leaf] + certificate.intermediates).contains { $0.isIssued(by: authority) }
    }
  }

  /// The certificates that the status names, and those that the operator labelled for this Milvus.
  private static func certificates(
    of milvusTLS: ObservedMilvusTLS,
    _ secrets: [String: ReportSecret]
  ) -> [ReportCertificate] {
    let status = milvusTLS.status
    var certificates: [ReportCertificate] = []
    func isKnown(_ name: String, _ role: SecretRole) -> Bool {
      certificates.contains { $0.secretName == name && $0.role == role }
    }
    func add(
      _ role: SecretRole,
      _ title: String,
      _ name: String,
      from: String? = nil,
      until: String? = nil,
      due: String? = nil
    ) {
      guard !isKnown(name, role) else { return }
      var certificate = ReportCertificate(role, title: title, secretName: name)
      certificate.notBefore = from.flatMap(Date.init(kubernetesTime:))
      certificate.notAfter = until.flatMap(Date.init(kubernetesTime:))
      certificate.due = due.flatMap(Date.init(kubernetesTime:))
      certificates.append(certificate)
    }
    if let authority = status.authority { add(.authority, "CA", authority.secretName, until: authority.notAfter) }
    if let server = status.certificate {
      let (begin, end) = (server.notBefore, server.notAfter)
      add(.server, "Server", server.secretName, from: begin, until: end, due: server.renewalTime)
    }
    for client in status.clients {
      let end = client.unlistedSince == nil ? "" : " (unlisted)"
      add(.client, "Client \(client.name)\(end)", client.secretName, until: client.notAfter)
    }
    for secret in secrets.values.sorted(by: { $0.name < $1.name }) where secret.milvus == milvusTLS.milvusName {
      switch secret.role {
      case .authority: add(.authority, "CA", secret.name)
      case .server: add(.server, "Server", secret.name)
      case .client: add(.client, "Client in \(secret.name)", secret.name)
      case nil: break
      }
    }
    return certificates
  }
}

extension ReportCertificate {
  /// The CA that is about to take over.
  fileprivate init(next certificate: Certificate, in secretName: String) {
    self.init(.authority, title: "Next CA", secretName: secretName)
    take(certificate)
  }

  /// Whether the operator renews it.
  fileprivate func isRenewed(by status: MilvusTLSStatus) -> Bool {
    switch role {
    case .authority: status.authority?.source == .operator
    case .server: status.certificate?.source == .operator
    case .client: status.certificate?.source == .operator && !title.hasSuffix("(unlisted)")
    }
  }
}

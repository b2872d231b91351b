import Foundation
import PKI

/// What is wrong with a provided Secret, finding by finding.
struct SecretAudit {
  /// What keeps Milvus from starting with it, or its components from talking to each other.
  private(set) var faults: [String] = []
  /// What else its owner should know.
  private(set) var warnings: [String] = []
  /// When the findings change by themselves.
  private(set) var changes: [Date] = []

  private let files: AuditedFiles
  /// Nil where the files are judged without a Milvus.
  private let intent: TLSIntent?
  private let purpose: Purpose
  private let now: Date

  /// - Parameter isRenewed: whether somebody, cert-manager for one, renews it.
  init(of files: AuditedFiles, for intent: TLSIntent, isRenewed: Bool, now: Date) {
    self.init(of: files, for: intent, purpose: .server, isRenewed: isRenewed, now: now)
  }

  /// Judges the files that are there, without a Milvus.
  init(of files: AuditedFiles, purpose: Purpose, now: Date) {
    self.init(of: files, for: nil, purpose: purpose, isRenewed: false, now: now)
  }

  private init(of files: AuditedFiles, for intent: TLSIntent?, purpose: Purpose, isRenewed: Bool, now: Date) {
    self.files = files
    self.intent = intent
    self.purpose = purpose
    self.now = now
    checkFiles()
    guard let server = file(.certificate).flatMap({ try? GoServerCertificate($0.pem) }) else { return }
    let certificate = server.leaf.certificate
    checkKey(of: server.leaf)
    checkDates(of: server.leaf, isRenewed: isRenewed)
    checkPurpose(of: server)
    // Dates have a finding of their own.
    let date = max(certificate.notBefore, min(now, certificate.notAfter))
    checkHandshake(of: server, at: date)
    checkChain(of: server, at: date)
    if purpose == .server, server.isFor(.server) { checkNames(of: server.leaf) }
    checkStrength(of: certificate)
  }

  /// The findings of both.
  func merging(_ other: SecretAudit) -> SecretAudit {
    var both = self
    both.faults = (faults + other.faults).unique
    both.warnings = (warnings + other.warnings).unique
    both.changes += other.changes
    return both
  }

  private func file(_ file: CertificateFile) -> SecretFile? { files.files[file]?.content }

  private func name(_ file: CertificateFile) -> String { files.files[file]?.name ?? file.defaultName }

  private func missing(_ file: CertificateFile) -> String {
    guard let entry = files.files[file]?.entry else { return "the Secret has no \(file.defaultName)" }
    return "\(entry.object) has no \(entry.key)"
  }

  private mutating func checkFiles() {
    for file in CertificateFile.allCases {
      let isRequired = intent?.requiredFiles.contains(file) ?? (files.files[file] != nil)
      guard let pem = self.file(file)?.pem else {
        if isRequired { faults.append(missing(file)) }
        continue
      }
      do {
        switch file {
        case .certificate: _ = try GoServerCertificate(pem)
        case .privateKey: try pem.checkKey()
        case .authority:
          guard isRequired || !pem.isEmpty else { continue }
          try pem.checkTrusted()
        }
        let passedOver = (file == .authority ? pem.ignored : []) + [pem.passedOver].compactMap(\.self)
        warnings += passedOver.map { "\(name(file)) \($0)" }
      } catch {
        // One-way TLS alone does not read the CA.
        if isRequired { faults.append("\(name(file)) \(error)") } else { warnings.append("\(name(file)) \(error)") }
      }
    }
  }

  private mutating func checkKey(of certificate: GoCertificate) {
    guard let isKey = try? file(.privateKey)?.pem.holdsKey(of: certificate), !isKey else { return }
    faults.append("\(name(.privateKey)) is not the private key of \(name(.certificate))")
  }

  private mutating func checkDates(of certificate: GoCertificate, isRenewed: Bool) {
    let warning = RenewalSchedule.warningTime(of: certificate.certificate)
    // It is valid until the end of its last second.
    let end = certificate.notAfter + 1
    changes = ([certificate.notBefore, end] + (isRenewed ? [] : [warning])).filter { $0 > now }
    if certificate.notBefore > now {
      faults.append("\(name(.certificate)) is not valid before \(certificate.notBefore.kubernetesTime)")
    } else if certificate.notAfter < now {
      faults.append("\(name(.certificate)) expired at \(certificate.notAfter.kubernetesTime)")
    } else if warning <= now, !isRenewed {
      warnings.append(
        "\(name(.certificate)) expires at \(certificate.notAfter.kubernetesTime) and is not renewed by this operator"
      )
    }
  }

  private mutating func checkPurpose(of server: GoServerCertificate) {
    guard !server.isFor(purpose) else { return }
    let usage = purpose == .server ? "serverAuth" : "clientAuth"
    faults.append("\(name(.certificate)) is no \(purpose) certificate: its extendedKeyUsage lacks \(usage)")
  }

  /// A server that no client can connect to is no better than one that does not start.
  private mutating func checkHandshake(of server: GoServerCertificate, at date: Date) {
    do {
      try server.checkForAnyClient(at: date)
    } catch {
      faults.append("\(name(.certificate)) \(error)")
    }
  }

  /// With external TLS alone, `ca.pem` may hold another CA: Milvus verifies clients with it, and clients can trust the
  /// server's CA by other means. A client's own CA is what Milvus trusts.
  private mutating func checkChain(of server: GoServerCertificate, at date: Date) {
    guard let authorities = file(.authority)?.pem.trusted, !authorities.isEmpty else { return }
    do {
      // The purpose has a finding of its own.
      try server.checkChain(to: authorities, purpose: server.isFor(purpose) ? purpose : nil, at: date)
    } catch {
      let finding = "\(name(.certificate)) is not verified by \(name(.authority)): it \(error)"
      if intent?.isInternalEnabled ?? (purpose == .client) {
        faults.append(finding)
      } else if !files.hasSeparateAuthority {
        warnings.append(finding)
      }
    }
  }

  private mutating func checkNames(of certificate: GoCertificate) {
    guard let intent else { return checkHasNames(certificate) }
    let names = "its names are " + (certificate.dnsNames + certificate.ipAddresses).joined(separator: ", ")
    if intent.isInternalEnabled, !certificate.covers(intent.serverName) {
      faults.append("\(name(.certificate)) does not cover internaltls.sni (\(intent.serverName)); \(names)")
    }
    let service = ClientService.name(of: intent.milvus)
    let reachable = intent.dnsNames.filter { $0 == service || $0.hasPrefix(service + ".") }
    if intent.external != .disabled, !reachable.contains(where: certificate.covers) {
      warnings.append("\(name(.certificate)) covers no name of Service \(service); \(names)")
    }
  }

  private mutating func checkHasNames(_ certificate: GoCertificate) {
    guard certificate.dnsNames.isEmpty, certificate.ipAddresses.isEmpty else { return }
    let cause = certificate.version < 3 ? "is X.509 version \(certificate.version), which has no names" : "has no names"
    warnings.append(
      "\(name(.certificate)) \(cause) (subjectAltName): internal TLS and clients that ignore the common name refuse it"
    )
  }

  private mutating func checkStrength(of certificate: Certificate) {
    if case .rsa(let bits) = certificate.publicKeyAlgorithm, bits < 2048 {
      warnings.append("\(name(.certificate)) has a weak key: RSA of \(bits) bits, under 2048")
    }
    let signature = certificate.signatureAlgorithm.lowercased()
    if signature.contains("sha1") || signature.contains("md5") {
      warnings.append("\(name(.certificate)) is signed with \(certificate.signatureAlgorithm), which clients refuse")
    }
  }
}

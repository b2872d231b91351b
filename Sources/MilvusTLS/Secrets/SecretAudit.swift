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
  private let intent: TLSIntent
  private let now: Date

  /// - Parameter isRenewed: whether somebody, cert-manager for one, renews it.
  init(of files: AuditedFiles, for intent: TLSIntent, isRenewed: Bool, now: Date) {
    self.files = files
    self.intent = intent
    self.now = now
    checkFiles()
    guard let chain = certificates(.certificate), let certificate = chain.first else { return }
    checkKey(of: certificate)
    checkDates(of: certificate, isRenewed: isRenewed)
    checkPurpose(of: certificate)
    checkChain(chain)
    checkNames(of: certificate)
    checkStrength(of: certificate)
  }

  private func certificates(_ file: CertificateFile) -> [Certificate]? {
    guard case .certificates(let chain, _) = self.file(file) else { return nil }
    return chain
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
      switch (self.file(file), file) {
      case (.unreadable(let problem), _): faults.append("\(name(file)): \(problem)")
      case (.privateKey, .certificate), (.privateKey, .authority):
        faults.append("\(name(file)) holds a private key instead of a certificate")
      case (.certificates, .privateKey): faults.append("\(name(file)) holds a certificate instead of a private key")
      case (nil, _) where intent.requiredFiles.contains(file): faults.append(missing(file))
      default: break
      }
    }
  }

  private mutating func checkKey(of certificate: Certificate) {
    guard case .privateKey(let fingerprint) = file(.privateKey),
      (try? certificate.publicKeyFingerprint()) != fingerprint
    else { return }
    faults.append("\(name(.privateKey)) is not the private key of \(name(.certificate))")
  }

  private mutating func checkDates(of certificate: Certificate, isRenewed: Bool) {
    let warning = RenewalSchedule.warningTime(of: certificate)
    changes = ([certificate.notBefore, certificate.notAfter] + (isRenewed ? [] : [warning])).filter { $0 > now }
    if certificate.notBefore > now {
      faults.append("\(name(.certificate)) is not valid before \(certificate.notBefore.kubernetesTime)")
    } else if certificate.notAfter <= now {
      faults.append("\(name(.certificate)) expired at \(certificate.notAfter.kubernetesTime)")
    } else if warning <= now, !isRenewed {
      warnings.append(
        "\(name(.certificate)) expires at \(certificate.notAfter.kubernetesTime) and is not renewed by this operator"
      )
    }
  }

  private mutating func checkPurpose(of certificate: Certificate) {
    guard !certificate.isForServers else { return }
    faults.append("\(name(.certificate)) is no server certificate: its extendedKeyUsage lacks serverAuth")
  }

  /// With external TLS alone, `ca.pem` may hold another CA: Milvus verifies clients with it, and clients can trust the
  /// server's CA by other means.
  private mutating func checkChain(_ chain: [Certificate]) {
    guard let certificate = chain.first, let authorities = certificates(.authority) else { return }
    // Dates have a finding of their own.
    let date = max(certificate.notBefore, min(now, certificate.notAfter - 1))
    do {
      try ChainVerifier.verify(
        leaf: certificate,
        intermediates: Array(chain.dropFirst()),
        authorities: authorities,
        purpose: certificate.isForClientsAlone ? .client : .server,
        at: date
      )
    } catch  where certificate.isForServers || certificate.isForClientsAlone {
      let finding = "\(name(.certificate)) is not verified by \(name(.authority)): \(error)"
      if intent.isInternalEnabled {
        faults.append(finding)
      } else if !files.hasSeparateAuthority {
        warnings.append(finding)
      }
    } catch {
      // The purpose has a finding of its own.
    }
  }

  private mutating func checkNames(of certificate: Certificate) {
    guard certificate.isForServers else { return }
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

extension Certificate {
  fileprivate var isForClientsAlone: Bool {
    !isForServers && extendedKeyUsages?.contains(.clientAuth) == true
  }

  fileprivate var isForServers: Bool {
    extendedKeyUsages.map { $0.contains(.serverAuth) || $0.contains(.any) } ?? true
  }

  /// Whether a peer that was reached at a name takes this certificate for it.
  fileprivate func covers(_ name: String) -> Bool {
    let check: ()? = try? ChainVerifier.verify(
      leaf: self,
      authorities: [self],
      purpose: .server,
      name: name,
      at: notBefore
    )
    return check != nil
  }
}

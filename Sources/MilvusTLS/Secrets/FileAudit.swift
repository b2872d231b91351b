import Foundation
import PKI

/// What Milvus and its peers object to in certificate files, judged without a Milvus by the rules for provided Secrets.
public struct FileAudit: Sendable, Equatable {
  /// A file, or an entry of a Secret.
  public struct File: Sendable, Equatable {
    /// For messages: `server.pem`.
    public let name: String
    public let contents: [UInt8]

    public init(name: String, contents: [UInt8]) {
      self.name = name
      self.contents = contents
    }
  }

  /// What a Milvus, or a peer of it, refuses.
  public private(set) var faults: [String]
  /// What else their owner should know.
  public private(set) var warnings: [String]

  /// Audits the certificate of a server or a client.
  /// - Parameters:
  ///   - certificate: the chain, the own certificate first.
  ///   - privateKey: nil where it is not at hand; it is not judged then.
  ///   - authority: the CAs that the other side trusts; nil where they are not at hand.
  ///   - purpose: the side of the connection that it is for.
  public init(certificate: File, privateKey: File?, authority: File?, purpose: Purpose, now: Date) {
    let files: [CertificateFile: File?] = [
      .certificate: certificate, .privateKey: privateKey, .authority: authority,
    ]
    let audited = files.compactMapValues(\.self).mapValues { file in
      AuditedFiles.File(
        name: file.name,
        entry: .secret("", key: file.name),
        content: SecretFile(bytes: file.contents)
      )
    }
    let audit = SecretAudit(of: AuditedFiles(files: audited), purpose: purpose, now: now)
    faults = audit.faults.unique
    warnings = audit.warnings.unique
  }

  /// Audits a file of CAs that servers or clients trust.
  /// - Parameter privateKey: of one of the CAs; nil where it is not at hand.
  public init(authority: File, privateKey: File?, now: Date) {
    (faults, warnings) = ([], [])
    let pem = GoPEMFile(authority.contents)
    do {
      try pem.checkTrusted()
    } catch {
      faults.append("\(authority.name) \(error)")
    }
    warnings += (pem.ignored + [pem.passedOver].compactMap(\.self)).map { "\(authority.name) \($0)" }
    let current = pem.trusted.filter { $0.notBefore <= now && now <= $0.notAfter }
    for trusted in pem.trusted {
      let subject = "\(authority.name): the CA \(trusted.certificate.subject)"
      if !trusted.certificate.isAuthority {
        warnings.append("\(subject) cannot sign certificates: it needs CA:TRUE and the usage keyCertSign")
      }
      if current.contains(trusted) {
        guard RenewalSchedule.warningTime(of: trusted.certificate) <= now else { continue }
        warnings.append("\(subject) expires at \(trusted.notAfter.kubernetesTime)")
        continue
      }
      let finding =
        trusted.notBefore > now
        ? "\(subject) is not valid before \(trusted.notBefore.kubernetesTime)"
        : "\(subject) expired at \(trusted.notAfter.kubernetesTime)"
      // The others of a bundle are still good.
      if current.isEmpty { faults.append(finding) } else { warnings.append(finding) }
    }
    if let privateKey { checkKey(privateKey, of: pem.trusted, in: authority.name) }
  }

  private mutating func checkKey(_ file: File, of authorities: [GoCertificate], in name: String) {
    let pem = GoPEMFile(file.contents)
    do {
      let owners = try authorities.filter { (authority) throws(GoRefusal) in try pem.holdsKey(of: authority) }
      if owners.isEmpty, !authorities.isEmpty {
        faults.append("\(file.name) is not the private key of any certificate in \(name)")
      }
    } catch {
      faults.append("\(file.name) \(error)")
    }
  }
}

import Foundation
import PKI

/// The certificates that a Milvus is configured with.
struct InstalledCertificates {
  let source: MilvusTLSStatus.Source
  let secretName: String
  let server: ObservedSecret.CertificateContents
  /// What is served for the components, where it is another certificate.
  var internalServer: ObservedSecret.CertificateContents?
  /// Since when `ca.pem` holds what it holds; nil where nobody noted it.
  var trustedSince: Date?
  /// When the server certificate is renewed; nil where somebody else renews it.
  var renewalTime: Date?
  /// The value of the annotation that its rotation was requested with.
  var rotation: String?
  /// The CA that issued it; nil where somebody else keeps it.
  var authority: MilvusTLSStatus.Authority?
  var clients: [Client] = []

  struct Client {
    let name: String
    let secretName: String
    let certificate: Certificate
  }
}

extension InstalledCertificates {
  /// What the operator issued; nil where the server certificate is not there.
  init?(_ certificates: CertificateSet) {
    guard let contents = certificates.server.contents else { return nil }
    let server = certificates.server
    self.init(
      source: .operator,
      secretName: server.desired.secretName,
      server: contents,
      trustedSince: server.secret?.trustedSince,
      renewalTime: RenewalSchedule.renewalTime(of: contents.certificate, renewBefore: server.desired.renewBefore),
      rotation: server.secret?.rotation,
      authority: certificates.rotation.map {
        MilvusTLSStatus.Authority(
          secretName: certificates.authority.desired.secretName,
          source: certificates.keepsAuthority ? .operator : .secret,
          serialNumber: $0.issuer.certificate.serialNumber,
          notAfter: $0.issuer.certificate.notAfter.kubernetesTime,
          rotation: certificates.authority.secret?.rotation,
          phase: $0.phase
        )
      },
      clients: certificates.clients.compactMap { entry in
        entry.contents.map {
          Client(
            name: entry.desired.client ?? "",
            secretName: entry.desired.secretName,
            certificate: $0.certificate
          )
        }
      }
    )
  }

  /// What somebody provides in several objects; nil where a certificate cannot be read.
  init?(_ provided: ProvidedFiles, _ intent: TLSIntent) {
    let sections = intent.sections.map(\.name)
    guard let first = sections.first, let server = provided.contents(in: first),
      let object = provided.files(in: first).files[.certificate]?.entry.object
    else { return nil }
    self.init(source: .secret, secretName: object.name, server: server)
    internalServer = sections.count > 1 ? provided.contents(in: "internaltls") : nil
  }

  /// The certificate that is served for the components: the same as for clients as a rule.
  var internalCertificate: Certificate { (internalServer ?? server).certificate }

  /// The handshakes that prove these certificates at work.
  func handshakes(with endpoints: [Endpoint]) -> TLSPlan.Handshakes {
    let isOwn = source == .operator
    return TLSPlan.Handshakes(
      endpoints: endpoints,
      // SecretAudit checks that provided certificates chain to their CA; with external TLS alone they need not.
      authorities: isOwn
        ? server.authorities
        : [server, internalServer].compactMap(\.self).flatMap { $0.authorities + [$0.certificate] }.unique,
      client: clients.first.map {
        TLSPlan.Handshakes.ClientSecret(
          name: $0.secretName,
          certificateEntry: isOwn ? SecretEntry.clientCertificate : SecretEntry.kubernetesCertificate,
          privateKeyEntry: isOwn ? SecretEntry.clientKey : SecretEntry.kubernetesKey
        )
      }
    )
  }
}

extension MilvusTLSStatus.Certificate {
  /// - Parameter digest: what the pods carry that use it; nil before the Milvus was configured with it.
  init(_ installed: InstalledCertificates, digest: String?) {
    self.init(installed.server.certificate, in: installed.secretName, source: installed.source, digest: digest)
    renewalTime = installed.renewalTime?.kubernetesTime
    rotation = installed.rotation
  }

  /// - Parameter digest: what the pods carry that use it; nil before the Milvus was configured with it.
  init(_ certificate: Certificate, in secretName: String, source: MilvusTLSStatus.Source, digest: String?) {
    self.init(
      secretName: secretName,
      source: source,
      serialNumber: certificate.serialNumber,
      notBefore: certificate.notBefore.kubernetesTime,
      notAfter: certificate.notAfter.kubernetesTime,
      renewalTime: nil,
      dnsNames: certificate.dnsNames,
      digest: digest,
      rotation: nil
    )
  }
}

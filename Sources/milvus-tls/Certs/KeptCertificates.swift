import Foundation
import MilvusTLS
import PKI

/// What a folder holds from `certs create` or gen.sh.
struct KeptCertificates {
  /// The CAs in ca.pem.
  let authorities: [Certificate]
  /// Nil where there is none.
  let server: Certificate?
  /// Nil where there is none.
  let client: Certificate?
  /// Whether it has signing requests, the older manual's form.
  let hasRequests: Bool

  private let folder: CertificateFolder

  /// - Throws: `CommandFailure` that names the file.
  init(in folder: CertificateFolder) throws {
    self.folder = folder
    authorities = try Self.certificates(FileName.authorityCertificate, in: folder)
    server = try Self.leaf(.server, in: folder)
    client = try Self.leaf(.client, in: folder)
    hasRequests = [Purpose.server, .client].contains { folder.holds(FileName.leaf($0).request) }
  }

  /// What ca.key holds; nil where there is none.
  var authorityKeyText: String? {
    get throws {
      guard folder.holds(FileName.authorityKey) else { return nil }
      return String(decoding: try InputFile.contents(of: folder.path(of: FileName.authorityKey)), as: UTF8.self)
    }
  }

  /// The CA that ca.key belongs to.
  /// - Throws: `CommandFailure` if its key cannot be used, or the CA is not valid.
  func authority(at now: Date) throws -> CertificateAuthority {
    let path = folder.path(of: FileName.authorityKey)
    let key = try Self.naming(path, advice: Self.replacement) {
      try PrivateKey(pem: String(decoding: try InputFile.contents(of: path), as: UTF8.self))
    }
    let bundle = folder.path(of: FileName.authorityCertificate)
    guard let certificate = authorities.first(where: { $0.matches(key) }) else {
      throw CommandFailure("\(path) is not the private key of a certificate in \(bundle); \(Self.replacement)")
    }
    guard certificate.notAfter > now else {
      throw CommandFailure(
        "\(bundle): the CA \(certificate.subject) expired at \(certificate.notAfter.kubernetesTime): use --authority to make a new one"
      )
    }
    guard certificate.notBefore <= now else {
      throw CommandFailure(
        "\(bundle): the CA \(certificate.subject) is not valid before \(certificate.notBefore.kubernetesTime): check the clock"
      )
    }
    return try Self.naming(bundle, advice: Self.replacement) {
      try CertificateAuthority(certificate: certificate, key: key)
    }
  }

  /// What peers need beside a certificate that a CA has issued: the CA and those above it, as far as ca.pem has them,
  /// without the root; empty for a root, which gen.sh makes.
  func intermediates(from authority: Certificate) -> [Certificate] {
    var chain: [Certificate] = []
    var next: Certificate? = authority
    while let current = next, !current.isIssued(by: current), !chain.contains(current) {
      chain.append(current)
      next = authorities.first { current.isIssued(by: $0) }
    }
    return chain
  }

  private static let replacement = "restore it from a backup, or use --authority to make a new CA"

  /// The content of ca.srl; nil where there is none.
  /// - Throws: `CommandFailure` if it is no serial number.
  func lastSerialNumber() throws -> SerialNumber? {
    guard folder.holds(FileName.serialNumber) else { return nil }
    let path = folder.path(of: FileName.serialNumber)
    let text = String(decoding: try InputFile.contents(of: path), as: UTF8.self)
    guard let number = SerialNumber(hexadecimal: text.trimmingCharacters(in: .whitespacesAndNewlines)) else {
      throw CommandFailure(
        "\(path) must hold a serial number of up to 40 hexadecimal digits: remove it to continue with a random one"
      )
    }
    return number
  }

  private static func leaf(_ purpose: Purpose, in folder: CertificateFolder) throws -> Certificate? {
    let name = FileName.leaf(purpose).certificate
    return folder.holds(name) ? try certificates(name, in: folder).first : nil
  }

  private static func certificates(_ name: String, in folder: CertificateFolder) throws -> [Certificate] {
    let path = folder.path(of: name)
    return try naming(path, advice: "restore it from a backup") {
      try Certificate.chain(pem: String(decoding: try InputFile.contents(of: path), as: UTF8.self))
    }
  }

  /// Adds the path to an error of PKI, which knows none.
  private static func naming<Result>(_ path: String, advice: String, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as PKIError {
      throw CommandFailure("\(path): cannot \(error); \(advice)")
    }
  }
}

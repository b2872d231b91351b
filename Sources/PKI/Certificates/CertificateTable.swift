import Synchronization

/// The certificates that somebody keeps, by the digest of their encoding: the same bytes are parsed once, and the
/// authority that many Secrets hold is in memory once.
///
/// It keeps nothing alive.
final class CertificateTable: Sendable {
  static let shared = CertificateTable()

  private struct Entry {
    weak var contents: Certificate.Contents?
  }

  private struct Entries {
    var byDigest: [SHA256Digest: Entry] = [:]
    /// Entries of certificates that nobody keeps any more are removed when there are this many.
    var limit = 1024
  }

  private let entries = Mutex(Entries())

  /// The number of entries, those included that nobody keeps any more.
  var count: Int { entries.withLock { $0.byDigest.count } }

  /// The certificate that has these bytes.
  /// - Parameter parse: reads them where nobody keeps that certificate.
  func certificate(_ der: [UInt8], parse: () throws -> Certificate) throws -> Certificate {
    let digest = try SHA256Digest(of: der)
    if let contents = entries.withLock({ $0.byDigest[digest]?.contents }) { return Certificate(contents) }
    let certificate = try parse()
    // Some bytes hold more than the certificate.
    if certificate.der == der { note(certificate, digest) }
    return certificate
  }

  /// Remembers a certificate that was issued.
  func note(_ certificate: Certificate) throws {
    note(certificate, try SHA256Digest(of: certificate.der))
  }

  private func note(_ certificate: Certificate, _ digest: SHA256Digest) {
    entries.withLock { entries in
      entries.byDigest[digest] = Entry(contents: certificate.contents)
      guard entries.byDigest.count >= entries.limit else { return }
      entries.byDigest = entries.byDigest.filter { $0.value.contents != nil }
      entries.limit = max(1024, 2 * entries.byDigest.count)
    }
  }
}

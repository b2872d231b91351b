import Foundation
import MilvusTLS
import PKI

/// Issues the certificates of a folder, and counts their serial numbers as `openssl x509 -CAcreateserial` does.
struct LeafIssuer {
  let authority: CertificateAuthority
  /// The serial number that was issued last; nil for none, and the next one is random.
  private(set) var lastSerialNumber: SerialNumber?
  /// Serial numbers that the CA has given out, beside the last.
  private let used: Set<SerialNumber>
  /// What follows the certificate in its file.
  private let intermediates: [Certificate]
  private let now: Date
  /// Whether signing requests are written too.
  private let writesRequests: Bool

  /// - Parameters:
  ///   - certificates: some that the CA has issued; their numbers are not used again.
  ///   - intermediates: what peers need beside the certificates.
  init(
    _ authority: CertificateAuthority,
    after lastSerialNumber: SerialNumber? = nil,
    beside certificates: [Certificate] = [],
    intermediates: [Certificate] = [],
    writesRequests: Bool,
    now: Date
  ) {
    self.authority = authority
    self.lastSerialNumber = lastSerialNumber
    used = Set(([authority.certificate] + certificates).compactMap { SerialNumber(hexadecimal: $0.serialNumber) })
    self.intermediates = intermediates
    self.writesRequests = writesRequests
    self.now = now
  }

  /// The files of a new key and its certificate, the key first.
  /// - Throws: `PKIError`.
  mutating func issue(_ plan: LeafPlan) throws -> [NewFile] {
    let request = try plan.distinct(from: authority.certificate).request(at: now)
    let key = try PrivateKey(generating: plan.algorithm)
    let certificate = try authority.issue(request, key: key, serialNumber: nextSerialNumber)
    lastSerialNumber = SerialNumber(hexadecimal: certificate.serialNumber)
    let names = FileName.leaf(plan.purpose)
    return [
      NewFile(names.key, try key.pem(), isPrivate: true),
      NewFile(names.certificate, ([certificate] + intermediates).map(\.pem).joined()),
    ] + (writesRequests ? [NewFile(names.request, try request.signingRequest(key: key))] : [])
  }

  /// `ca.srl`, once something is issued.
  var serialFile: NewFile? { lastSerialNumber.map { NewFile(FileName.serialNumber, "\($0)\n") } }

  private var nextSerialNumber: SerialNumber? {
    var next = lastSerialNumber?.next
    while let candidate = next, used.contains(candidate) { next = candidate.next }
    return next
  }
}

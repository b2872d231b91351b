import Foundation
import PKI

/// The common name of a server certificate as one of its alternative names: peers ignore the common name itself.
struct CommonName {
  let dnsNames: [String]
  let ipAddresses: [String]

  /// - Parameter text: a DNS name or an IP address; any other text, such as `Milvus server`, is none of the names.
  init(_ text: String) {
    dnsNames = Self.isName(text, asAddress: false) ? [text] : []
    ipAddresses = Self.isName(text, asAddress: true) ? [text] : []
  }

  private static func isName(_ text: String, asAddress: Bool) -> Bool {
    let validity = Validity(from: Date(timeIntervalSince1970: 0), duration: 86400)
    let request = try? LeafRequest(
      purpose: .server,
      subject: DistinguishedName(),
      dnsNames: asAddress ? [] : [text],
      ipAddresses: asAddress ? [text] : [],
      validity: validity
    )
    return request != nil
  }
}

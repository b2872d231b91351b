import Foundation
import PKI

/// A CA that signs leaves, with what peers need to verify these.
public struct IssuingAuthority: Sendable, Equatable {
  /// The certificate whose key signs.
  public let certificate: Certificate
  /// The intermediate CAs between a leaf and a root, the signing one first: they follow the leaf in its file. Empty
  /// where a root signs.
  public let intermediates: [Certificate]
  /// The roots: what peers trust.
  public let roots: [Certificate]

  /// A root that signs leaves itself.
  init(root: Certificate) {
    certificate = root
    intermediates = []
    roots = [root]
  }

  /// A CA from a file in any order, whose first certificate signs.
  /// - Returns: nil where no root among them leads to it.
  init?(chain: [Certificate]) {
    guard let first = chain.first else { return nil }
    var path = [first]
    while let last = path.last, !last.isIssued(by: last) {
      guard let next = chain.first(where: { last.isIssued(by: $0) && !path.contains($0) }) else { return nil }
      path.append(next)
    }
    certificate = first
    intermediates = path.dropLast()
    roots = path.suffix(1)
  }

  /// When the first of them expires: no leaf is good for longer.
  var notAfter: Date { (intermediates + roots).map(\.notAfter).min() ?? certificate.notAfter }
}

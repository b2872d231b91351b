import Foundation

/// A certificate that Go's crypto/x509 reads, with what Go takes from it.
///
/// Go and OpenSSL differ in what they read, what they ignore and what they refuse. Milvus is a program in Go.
public struct GoCertificate: Sendable, Hashable {
  /// The certificate as the rest of the module reads it.
  public let certificate: Certificate
  /// DNS names of the subject alternative name extension.
  public var dnsNames: [String] { extensions.names(.dns) }
  /// IP addresses of that extension, as dotted decimal or RFC 5952.
  public var ipAddresses: [String] { extensions.addresses }
  /// First second of its validity.
  public let notBefore: Date
  /// Last second of its validity.
  public let notAfter: Date

  let signedPart: [UInt8]
  let signature: [UInt8]
  let signatureAlgorithm: GoSignatureAlgorithm
  /// X.509 version, 1 to 3; only version 3 has names and purposes.
  public let version: Int
  /// Encoded names; Go compares them octet by octet.
  let issuer: [UInt8]
  let subject: [UInt8]
  let publicKey: GoPublicKey
  /// The encoded SubjectPublicKeyInfo.
  let publicKeyInformation: [UInt8]
  let extensions: GoExtensions

  /// Reads one certificate.
  ///
  /// - Throws: ``GoRefusal`` if Go refuses it.
  public init(der: [UInt8]) throws(GoRefusal) {
    var input = DERReader(der)
    var outer = try input.read(Tag.sequence, "certificate")
    guard input.isEmpty else { throw GoRefusal("is malformed (extra bytes follow the certificate)") }
    let signed = try outer.element(Tag.sequence, "tbsCertificate")
    var fields = signed.reader
    version = try Self.version(&fields)
    try Self.checkSerialNumber(&fields)
    let inner = try fields.element(Tag.sequence, "signature algorithm")
    let repeated = try outer.element(Tag.sequence, "signature algorithm")
    guard inner.content.elementsEqual(repeated.content) else {
      throw GoRefusal("names two different signature algorithms")
    }
    signatureAlgorithm = GoSignatureAlgorithm(try AlgorithmIdentifier(inner.reader, "signature algorithm"))
    issuer = try Self.name(&fields, "issuer")
    var dates = try fields.read(Tag.sequence, "validity")
    notBefore = try GoTime.read(&dates)
    notAfter = try GoTime.read(&dates)
    subject = try Self.name(&fields, "subject")
    let information = try fields.element(Tag.sequence, "subjectPublicKeyInfo")
    publicKeyInformation = Array(information.encoding)
    publicKey = try GoPublicKey(information.reader)
    extensions = try Self.extensions(&fields, version: version)
    let signature = try outer.bitString("signature")
    signedPart = Array(signed.encoding)
    self.signature = Array(signature.octets)
    do {
      certificate = try Certificate(der: der, names: (extensions.names(.dns), extensions.addresses))
    } catch {
      throw GoRefusal("cannot be read: \(error)")
    }
  }

  /// Whether it names itself as its issuer.
  public var isSelfIssued: Bool { issuer == subject }

  /// RFC 5280, 4.1.2.1: 0 is version 1.
  private static func version(_ fields: inout DERReader) throws(GoRefusal) -> Int {
    guard var outer = try fields.readOptional(Tag.constructed(0), "version") else { return 1 }
    let number = try outer.smallInteger("version")
    guard outer.isEmpty, (0...2).contains(number) else {
      throw GoRefusal("has an X.509 version that does not exist: issue it as version 3")
    }
    return number + 1
  }

  private static func checkSerialNumber(_ fields: inout DERReader) throws(GoRefusal) {
    let number = try fields.integer("serial number")
    guard let first = number.first, first < 0x80 else {
      throw GoRefusal("has a negative serial number, which Go refuses: issue it again with a positive one")
    }
  }

  /// A distinguished name, every value of which has to be text of its type.
  private static func name(_ fields: inout DERReader, _ part: String) throws(GoRefusal) -> [UInt8] {
    let element = try fields.element(Tag.sequence, part)
    var sets = element.reader
    while !sets.isEmpty {
      var set = try sets.read(Tag.set, part)
      while !set.isEmpty {
        var attribute = try set.read(Tag.sequence, part)
        _ = try attribute.objectIdentifier(part)
        let value = try attribute.element(part)
        guard isText(value.content, tag: value.tag) else {
          throw GoRefusal(
            "has characters in its \(part) that the type of the value does not allow: issue it with UTF-8"
          )
        }
      }
    }
    return Array(element.encoding)
  }

  private static func isText(_ octets: ArraySlice<UInt8>, tag: UInt8) -> Bool {
    switch tag {
    case Tag.teletexString: true
    // `*` and `&` are not in the type, and common.
    case Tag.printableString:
      octets.allSatisfy { isPrintable($0) || $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "&") }
    case Tag.utf8String: String(validating: octets, as: UTF8.self) != nil
    case Tag.bmpString: octets.count.isMultiple(of: 2)
    case Tag.ia5String: octets.allSatisfy { $0 < 0x80 }
    case Tag.numericString: octets.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x20 }
    default: false
    }
  }

  private static func isPrintable(_ octet: UInt8) -> Bool {
    switch octet {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "'")...UInt8(ascii: ")"),
      UInt8(ascii: "+")...UInt8(ascii: "/"):
      true
    default: " :=?".utf8.contains(octet)
    }
  }

  /// Go reads extensions of version 3 alone.
  private static func extensions(_ fields: inout DERReader, version: Int) throws(GoRefusal) -> GoExtensions {
    guard version > 1 else { return GoExtensions() }
    _ = try fields.readOptional(Tag.context(1), "issuerUniqueID")
    _ = try fields.readOptional(Tag.context(2), "subjectUniqueID")
    guard version == 3, var outer = try fields.readOptional(Tag.constructed(3), "extensions") else {
      return GoExtensions()
    }
    return try GoExtensions(try outer.read(Tag.sequence, "extensions"))
  }
}

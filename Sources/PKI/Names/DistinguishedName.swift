/// Name of a certificate's subject or issuer (RFC 5280, 4.1.2.4).
///
/// Created from the six attributes below, or read from a certificate with any attributes.
public struct DistinguishedName: Sendable, Hashable, CustomStringConvertible {
  /// Type and value of one attribute.
  public struct Attribute: Sendable, Hashable {
    /// Short name (`CN`, `O`, `emailAddress`), or the dotted object identifier if there is none.
    public let type: String
    /// Value as Unicode text.
    public let value: String
  }

  /// In encoding order, most general first; multi-valued relative names are flattened.
  public let attributes: [Attribute]

  /// A name from the attributes that are not empty, encoded in the usual order: C, ST, L, O, OU, CN.
  ///
  /// - Throws: ``PKIError`` that names the attribute: a country that is not two ASCII letters, a value over the upper
  ///   bound of RFC 5280, appendix A (64 characters; 128 for province and locality), or a control character.
  public init(
    commonName: String = "",
    country: String = "",
    province: String = "",
    locality: String = "",
    organization: String = "",
    organizationalUnit: String = ""
  ) throws {
    let isLetter = { (scalar: Unicode.Scalar) in scalar.isASCII && scalar.properties.isAlphabetic }
    guard country.isEmpty || (country.unicodeScalars.count == 2 && country.unicodeScalars.allSatisfy(isLetter)) else {
      throw Self.refusal("country \(country.debugDescription) is not a two-letter code of ISO 3166")
    }
    attributes = try [
      Self.attribute("C", "country", country, limit: 2),
      Self.attribute("ST", "province", province, limit: 128),
      Self.attribute("L", "locality", locality, limit: 128),
      Self.attribute("O", "organization", organization, limit: 64),
      Self.attribute("OU", "organizational unit", organizationalUnit, limit: 64),
      Self.attribute("CN", "common name", commonName, limit: 64),
    ].compactMap(\.self)
  }

  init(attributes: [Attribute]) {
    self.attributes = attributes
  }

  /// CN; empty if there is none.
  public var commonName: String { value(of: "CN") }
  /// C; empty if there is none.
  public var country: String { value(of: "C") }
  /// ST; empty if there is none.
  public var province: String { value(of: "ST") }
  /// L; empty if there is none.
  public var locality: String { value(of: "L") }
  /// O; empty if there is none.
  public var organization: String { value(of: "O") }
  /// OU; empty if there is none.
  public var organizationalUnit: String { value(of: "OU") }

  /// Whether the name has no attributes.
  public var isEmpty: Bool { attributes.isEmpty }

  /// Text form of RFC 4514, most specific attribute first: `CN=milvus,O=Example\, Inc.`.
  public var description: String {
    attributes.reversed().map { "\($0.type)=\(Self.escape($0.value))" }.joined(separator: ",")
  }

  /// Name of the subject in messages.
  var label: String { isEmpty ? "without a subject" : description }

  private func value(of type: String) -> String {
    attributes.first { $0.type == type }?.value ?? ""
  }

  private static func attribute(_ type: String, _ name: String, _ value: String, limit: Int) throws -> Attribute? {
    guard !value.isEmpty else { return nil }
    let length = value.unicodeScalars.count
    guard length <= limit else {
      throw refusal(
        "\(name) has \(length) characters, over the \(limit) that RFC 5280 allows: \(String(value.prefix(80)).debugDescription)"
      )
    }
    guard !value.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
      throw refusal("\(name) contains a control character")
    }
    return Attribute(type: type, value: value)
  }

  private static func refusal(_ reason: String) -> PKIError {
    PKIError(operation: "make a distinguished name", reason: reason)
  }

  /// RFC 4514, 2.4.
  private static func escape(_ value: String) -> String {
    var result = ""
    for (index, scalar) in value.unicodeScalars.enumerated() {
      let isFirst = index == 0
      let isLast = index == value.unicodeScalars.count - 1
      switch scalar {
      case "\"", "+", ",", ";", "<", ">", "\\": result += "\\"
      case "#" where isFirst: result += "\\"
      case " " where isFirst || isLast: result += "\\"
      case _ where scalar.properties.generalCategory == .control:
        // Keeps a name from a provided certificate on one line.
        result += Array(String(scalar).utf8).map { "\\" + [$0].hexadecimal }.joined()
        continue
      default: break
      }
      result.unicodeScalars.append(scalar)
    }
    return result
  }
}

import COpenSSL

/// An elliptic curve that Go supports.
enum GoCurve: Sendable, Hashable, CaseIterable {
  case p224
  case p256
  case p384
  case p521

  private static let identifiers: [[UInt8]: GoCurve] = [
    ObjectIdentifier.encode([1, 3, 132, 0, 33]): .p224,
    ObjectIdentifier.encode([1, 2, 840, 10045, 3, 1, 7]): .p256,
    ObjectIdentifier.encode([1, 3, 132, 0, 34]): .p384,
    ObjectIdentifier.encode([1, 3, 132, 0, 35]): .p521,
  ]

  /// - Parameter identifier: the content of its object identifier.
  init?(_ identifier: [UInt8]) {
    guard let curve = Self.identifiers[identifier] else { return nil }
    self = curve
  }

  /// The name of any curve, for messages.
  static func name(_ identifier: [UInt8]) -> String {
    name(algorithm: ObjectIdentifier.text(identifier))
  }

  /// The name of any algorithm or curve, from its dotted object identifier.
  static func name(algorithm text: String) -> String {
    let number = OBJ_txt2nid(text)
    return number == NID_undef ? text : OBJ_nid2sn(number).map { String(cString: $0) } ?? text
  }

  /// Octets of a coordinate, and of a private key.
  var size: Int {
    switch self {
    case .p224: 28
    case .p256: 32
    case .p384: 48
    case .p521: 66
    }
  }

  private var number: Int32 {
    switch self {
    case .p224: NID_secp224r1
    case .p256: NID_X9_62_prime256v1
    case .p384: NID_secp384r1
    case .p521: NID_secp521r1
    }
  }

  /// Whether the octets are an uncompressed point of the curve.
  func contains(_ point: [UInt8]) -> Bool {
    guard point.count == 1 + 2 * size, point.first == 4 else { return false }
    return withGroup { group in
      guard let copy = EC_POINT_new(group) else { return false }
      defer { EC_POINT_free(copy) }
      return EC_POINT_oct2point(group, copy, point, point.count, nil) == 1
    }
  }

  /// The uncompressed public point of a private key; nil for a key that is not under the order of the curve, and for 0.
  func publicPoint(privateKey: [UInt8]) -> [UInt8]? {
    withGroup { group in
      guard let scalar = BN_bin2bn(privateKey, Int32(privateKey.count), nil), let point = EC_POINT_new(group) else {
        return nil
      }
      defer {
        BN_clear_free(scalar)
        EC_POINT_free(point)
      }
      guard BN_cmp(scalar, EC_GROUP_get0_order(group)) < 0,
        EC_POINT_mul(group, point, scalar, nil, nil, nil) == 1
      else { return nil }
      var octets = [UInt8](repeating: 0, count: 1 + 2 * size)
      let count = EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, &octets, octets.count, nil)
      return count == octets.count ? octets : nil
    }
  }

  private func withGroup<Result>(_ body: (OpaquePointer) -> Result) -> Result {
    defer { ERR_clear_error() }
    guard let group = EC_GROUP_new_by_curve_name(number) else {
      preconditionFailure("OpenSSL has every curve of NIST")
    }
    defer { EC_GROUP_free(group) }
    return body(group)
  }
}

import COpenSSL

/// Names of ASN.1 object identifiers.
enum ObjectName {
  /// OpenSSL's short name (`CN`), or the dotted form.
  static func short(_ object: OpaquePointer) -> String {
    let identifier = OBJ_obj2nid(object)
    guard identifier != NID_undef, let name = OBJ_nid2sn(identifier) else { return text(object) }
    return String(cString: name)
  }

  /// OpenSSL's long name (`ecdsa-with-SHA256`), or the dotted form.
  static func long(_ object: OpaquePointer) -> String {
    let identifier = OBJ_obj2nid(object)
    guard identifier != NID_undef, let name = OBJ_nid2ln(identifier) else { return text(object) }
    return String(cString: name)
  }

  private static func text(_ object: OpaquePointer) -> String {
    var buffer = [UInt8](repeating: 0, count: 256)
    let length = buffer.withUnsafeMutableBytes { OBJ_obj2txt($0.baseAddress, Int32($0.count), object, 1) }
    return String(decoding: buffer.prefix(Int(max(0, length))).prefix { $0 != 0 }, as: UTF8.self)
  }
}

import COpenSSL

extension [UInt8] {
  /// Copies the content of an ASN.1 string, including its OpenSSL aliases (INTEGER, OCTET STRING, IA5String).
  init(_ string: UnsafePointer<ASN1_STRING>) {
    self.init(UnsafeBufferPointer(start: ASN1_STRING_get0_data(string), count: Int(ASN1_STRING_length(string))))
  }

  /// Lower-case hexadecimal, two digits per octet.
  var hexadecimal: String {
    let digits = Array<Character>("0123456789abcdef")
    return String(flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }
}

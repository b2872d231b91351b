import COpenSSL

/// The numbers of an RSA private key, and whether they fit as Go wants them to.
struct RSANumbers {
  private let modulus: [UInt8]
  private let exponent: Int
  private let privateExponent: [UInt8]
  private let primes: [[UInt8]]
  /// d mod (p - 1), d mod (q - 1) and the inverse of q mod p; Go computes them where one is missing.
  private let remainders: [[UInt8]]

  /// Reads what follows the public exponent; nil for what is no key.
  init?(modulus: [UInt8], exponent: Int, _ fields: inout DERReader) {
    guard let privateExponent = try? fields.positiveInteger(""), let first = try? fields.positiveInteger(""),
      let second = try? fields.positiveInteger("")
    else { return nil }
    var remainders: [[UInt8]] = []
    while remainders.count < 3, fields.isNext(Tag.integer) {
      guard let remainder = try? fields.positiveInteger("") else { return nil }
      remainders.append(remainder)
    }
    guard fields.hasHeaderOrNothing else { return nil }
    var primes = [first, second]
    if fields.isNext(Tag.sequence) {
      guard var others = try? fields.read(Tag.sequence, "") else { return nil }
      while !others.isEmpty {
        guard var other = try? others.read(Tag.sequence, ""), let prime = try? other.positiveInteger(""),
          (try? other.integer("")) != nil, (try? other.integer("")) != nil
        else { return nil }
        primes.append(prime)
      }
    }
    self.modulus = modulus
    self.exponent = exponent
    self.privateExponent = privateExponent
    self.primes = primes
    self.remainders = remainders
  }

  /// What Go checks of a key: that it decrypts what it encrypts, and is not one that is known to be easily broken.
  var areConsistent: Bool {
    guard modulus.last.map({ $0 & 1 == 1 }) == true, (3...Int(Int32.max)).contains(exponent), exponent & 1 == 1 else {
      return false
    }
    let arithmetic = BigNumbers()
    let (n, d) = (arithmetic.number(modulus), arithmetic.number(privateExponent))
    guard arithmetic.isLess(d, n) else { return false }
    // A key of more than two primes is used by its exponent alone; Go tries each signature.
    guard primes.count == 2 else {
      return primes.allSatisfy { $0 != [1] } && arithmetic.areCoprime(primes) && arithmetic.areInverse(exponent, d, n)
    }
    let (p, q, e) = (arithmetic.number(primes[0]), arithmetic.number(primes[1]), arithmetic.number(exponent))
    guard primes.allSatisfy({ $0 != [1] && $0.last.map { $0 & 1 == 1 } == true }),
      arithmetic.isEqual(arithmetic.product(p, q), n)
    else { return false }
    let hasAll = remainders.count == 3
    for (prime, index) in [(p, 0), (q, 1)] {
      let order = arithmetic.minusOne(prime)
      let remainder = hasAll ? arithmetic.number(remainders[index]) : arithmetic.remainder(d, order)
      guard arithmetic.isLess(remainder, order),
        arithmetic.isOne(arithmetic.remainder(arithmetic.product(remainder, e), order))
      else { return false }
    }
    if hasAll {
      let inverse = arithmetic.number(remainders[2])
      guard arithmetic.isLess(inverse, p), arithmetic.isOne(arithmetic.remainder(arithmetic.product(inverse, q), p))
      else {
        return false
      }
    }
    return arithmetic.distanceBits(p, q) > modulus.bitCount / 2 - 100 && privateExponent.bitCount > modulus.bitCount / 2
  }
}

/// Arithmetic with numbers of any size over OpenSSL, which are overwritten when it ends: they are parts of keys.
private final class BigNumbers {
  private let context = BN_CTX_new()
  private var numbers: [OpaquePointer?] = []

  deinit {
    numbers.forEach(BN_clear_free)
    BN_CTX_free(context)
    ERR_clear_error()
  }

  private func new() -> OpaquePointer? {
    let number = BN_new()
    numbers.append(number)
    return number
  }

  func number(_ octets: [UInt8]) -> OpaquePointer? {
    let number = new()
    BN_bin2bn(octets, Int32(octets.count), number)
    return number
  }

  func number(_ value: Int) -> OpaquePointer? {
    let number = new()
    BN_set_word(number, UInt(value))
    return number
  }

  func product(_ left: OpaquePointer?, _ right: OpaquePointer?) -> OpaquePointer? {
    let result = new()
    BN_mul(result, left, right, context)
    return result
  }

  func remainder(_ number: OpaquePointer?, _ modulus: OpaquePointer?) -> OpaquePointer? {
    let result = new()
    BN_div(nil, result, number, modulus, context)
    return result
  }

  func areCoprime(_ numbers: [[UInt8]]) -> Bool {
    let product = number(1)
    for one in numbers.map(number) {
      let divisor = new()
      BN_gcd(divisor, product, one, context)
      guard isOne(divisor) else { return false }
      BN_mul(product, product, one, context)
    }
    return true
  }

  /// Whether what one exponent encrypts, the other decrypts.
  func areInverse(_ exponent: Int, _ other: OpaquePointer?, _ modulus: OpaquePointer?) -> Bool {
    let (message, result) = (number(2), new())
    BN_mod_exp(result, message, number(exponent), modulus, context)
    BN_mod_exp(result, result, other, modulus, context)
    return isEqual(result, message)
  }

  func minusOne(_ number: OpaquePointer?) -> OpaquePointer? {
    let result = new()
    BN_sub(result, number, BN_value_one())
    return result
  }

  func isEqual(_ left: OpaquePointer?, _ right: OpaquePointer?) -> Bool { BN_cmp(left, right) == 0 }

  func isLess(_ left: OpaquePointer?, _ right: OpaquePointer?) -> Bool { BN_cmp(left, right) < 0 }

  func isOne(_ number: OpaquePointer?) -> Bool { BN_is_one(number) == 1 }

  /// The length in bits of the difference.
  func distanceBits(_ left: OpaquePointer?, _ right: OpaquePointer?) -> Int {
    let result = new()
    BN_sub(result, left, right)
    return Int(BN_num_bits(result))
  }
}

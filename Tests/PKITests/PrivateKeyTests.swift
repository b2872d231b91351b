import PKI
import Testing

@Suite struct PrivateKeyTests {
  static let algorithms: [PrivateKey.Algorithm] = [
    .ecdsa(.p256), .ecdsa(.p384), .rsa(bits: 2048), .rsa(bits: 3072), .rsa(bits: 4096), .ed25519,
  ]

  @Test(arguments: algorithms) func aKeyComesBackFromItsPKCS8Text(algorithm: PrivateKey.Algorithm) throws {
    let key = try PrivateKey(generating: algorithm)
    let pem = try key.pem()
    #expect(pem.hasPrefix("-----BEGIN PRIVATE KEY-----\n"))
    #expect(pem.hasSuffix("-----END PRIVATE KEY-----\n"))
    let copy = try PrivateKey(pem: pem)
    #expect(copy.algorithm == algorithm)
    #expect(try copy.pem() == pem)
  }

  @Test func twoKeysDiffer() throws {
    #expect(try PrivateKey(generating: .ed25519).pem() != PrivateKey(generating: .ed25519).pem())
  }

  @Test func theOpenSSLCommandReadsOurKeys() throws {
    let openssl = try OpenSSLCommand()
    for algorithm in [PrivateKey.Algorithm.ecdsa(.p384), .rsa(bits: 2048), .ed25519] {
      try openssl.write(PrivateKey(generating: algorithm).pem(), to: "key.pem")
      let result = try openssl("pkey", "-in", "key.pem", "-noout", "-check")
      #expect(result.output.contains("Key is valid"), "\(algorithm): \(result.output)")
    }
  }

  @Test func pkcs1AndSEC1KeysAreReadAndWrittenAsPKCS8() throws {
    let openssl = try OpenSSLCommand()
    _ = try openssl("genrsa", "-traditional", "-out", "rsa.pem", "2048")
    // Writes an EC PARAMETERS block before the key.
    _ = try openssl("ecparam", "-name", "secp384r1", "-genkey", "-out", "ec.pem")
    let rsa = try openssl.read("rsa.pem")
    let ec = try openssl.read("ec.pem")
    #expect(rsa.hasPrefix("-----BEGIN RSA PRIVATE KEY-----"))
    #expect(ec.contains("-----BEGIN EC PRIVATE KEY-----"))
    #expect(try PrivateKey(pem: rsa).algorithm == .rsa(bits: 2048))
    #expect(try PrivateKey(pem: ec).algorithm == .ecdsa(.p384))
    #expect(try PrivateKey(pem: ec).pem().hasPrefix("-----BEGIN PRIVATE KEY-----"))
  }

  @Test func theKeyOfACombinedFileIsFoundBehindItsOtherBlocks() throws {
    let openssl = try OpenSSLCommand()
    let key = try PrivateKey(generating: .ecdsa(.p256))
    let pem = try key.pem()
    try openssl.write(pem, to: "key.pem")
    _ = try openssl("pkey", "-in", "key.pem", "-pubout", "-out", "public.pem")
    let publicKey = try openssl.read("public.pem")
    #expect(publicKey.hasPrefix("-----BEGIN PUBLIC KEY-----"))
    let certificate = try makeAuthority().certificate.pem
    #expect(try PrivateKey(pem: "words\n" + certificate + publicKey + pem + certificate).pem() == pem)
    #expect(failure { try PrivateKey(pem: publicKey + "no PRIVATE KEY-----") }.hasPrefix("read a private key"))
  }

  @Test func keysOfOtherKindsAreReadWithoutAnAlgorithm() throws {
    let openssl = try OpenSSLCommand()
    _ = try openssl("ecparam", "-name", "secp521r1", "-genkey", "-noout", "-out", "p521.pem")
    let key = try PrivateKey(pem: openssl.read("p521.pem"))
    #expect(key.algorithm == nil)
    #expect(key.description == "PrivateKey(other algorithm)")
  }

  @Test func anEncryptedKeyIsRefusedWithoutAsking() throws {
    let openssl = try OpenSSLCommand()
    let made = [
      try openssl("genrsa", "-aes128", "-traditional", "-passout", "pass:hunter22", "-out", "pkcs1.pem", "2048"),
      try openssl("genpkey", "-algorithm", "ED25519", "-aes128", "-pass", "pass:hunter22", "-out", "pkcs8.pem"),
    ]
    #expect(made.allSatisfy { $0.status == 0 })
    for name in ["pkcs1.pem", "pkcs8.pem"] {
      let pem = try openssl.read(name)
      #expect(pem.contains("ENCRYPTED"))
      #expect(failure { try PrivateKey(pem: pem) }.contains("is encrypted"))
    }
  }

  @Test func malformedTextsAreRefused() throws {
    let pem = try PrivateKey(generating: .rsa(bits: 2048)).pem()
    let certificate = try makeAuthority().certificate.pem
    let begin = "-----BEGIN PRIVATE KEY-----\n"
    let end = "-----END PRIVATE KEY-----\n"
    let texts = [
      "", "\0", "nonsense", begin, begin + end, begin + "////\n" + end, begin + "!!!!\n" + end, begin + "AA==\n" + end,
      String(pem.prefix(400)), String(pem.dropLast(27)), certificate,
      pem.replacing("-----BEGIN PRIVATE", with: "-----BEGIN PUBLIC"),
    ]
    for text in texts {
      #expect(failure { try PrivateKey(pem: text) }.hasPrefix("read a private key: "), "\(text)")
    }
    #expect(failure { try PrivateKey(pem: certificate) }.contains("-----BEGIN PRIVATE KEY-----"))
    #expect(
      failure { try PrivateKey(pem: begin + "////\n" + end) }.contains("malformed or of an unknown type: DECODER")
    )
  }

  @Test func everyCutOfAKeyIsAnErrorAndNotACrash() throws {
    let pem = try PrivateKey(generating: .ecdsa(.p256)).pem()
    let whole = pem.utf8.count - 1
    for length in 0..<whole {
      #expect(throws: PKIError.self, "\(length)") { try PrivateKey(pem: String(pem.prefix(length))) }
    }
  }

  @Test func noDescriptionShowsTheKey() throws {
    let key = try PrivateKey(generating: .ecdsa(.p256))
    let pem = try key.pem()
    let body = pem.split(separator: "\n")[1]
    var dumped = ""
    dump(key, to: &dumped)
    #expect(key.description == "PrivateKey(ECDSA P-256)")
    for text in ["\(key)", String(reflecting: key), dumped] {
      #expect(!text.contains(body))
    }
  }

  @Test func noErrorShowsTheKey() throws {
    let pem = try PrivateKey(generating: .ecdsa(.p256)).pem()
    let lines = pem.split(separator: "\n").map(String.init)
    let broken = ([lines[0], lines[1], "????"] + lines.dropFirst(2)).joined(separator: "\n")
    let text = failure { try PrivateKey(pem: broken) }
    #expect(!text.isEmpty)
    #expect(!text.contains(lines[1].prefix(12)))
  }

  @Test func anErrorOfOneCallDoesNotLeakIntoTheNext() throws {
    let junk = "-----BEGIN PRIVATE KEY-----\n////\n-----END PRIVATE KEY-----\n"
    let first = failure { try PrivateKey(pem: junk) }
    let second = failure { try PrivateKey(pem: junk) }
    #expect(first == second)
    #expect(!failure { try Certificate(der: [0]) }.contains("DECODER"))
  }
}

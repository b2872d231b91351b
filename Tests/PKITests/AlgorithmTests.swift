import PKI
import Testing

@Suite struct AlgorithmTests {
  @Test func namesAndSizesOfTheSpecAreRead() throws {
    #expect(try PrivateKey.Algorithm(name: "ECDSA") == .ecdsa(.p256))
    #expect(try PrivateKey.Algorithm(name: "ECDSA", size: 256) == .ecdsa(.p256))
    #expect(try PrivateKey.Algorithm(name: "ECDSA", size: 384) == .ecdsa(.p384))
    #expect(try PrivateKey.Algorithm(name: "RSA") == .rsa(bits: 2048))
    #expect(try PrivateKey.Algorithm(name: "RSA", size: 4096) == .rsa(bits: 4096))
    #expect(try PrivateKey.Algorithm(name: "Ed25519") == .ed25519)
  }

  @Test func aWrongNameOrSizeIsNamedWithTheAllowedOnes() {
    #expect(failure { try PrivateKey.Algorithm(name: "DSA") }.contains("\"DSA\" is unknown: use ECDSA, RSA or Ed25519"))
    #expect(
      failure { try PrivateKey.Algorithm(name: "ECDSA", size: 521) }.contains(
        "521 is not allowed for ECDSA: use 256 or 384"
      )
    )
    #expect(failure { try PrivateKey.Algorithm(name: "RSA", size: 1024) }.contains("use 2048, 3072 or 4096"))
    #expect(failure { try PrivateKey.Algorithm(name: "Ed25519", size: 256) }.contains("omit the size"))
  }

  @Test(arguments: [-1, 0, 512, 1024, 2047, Int.max]) func noRSAKeyOfAnotherSizeIsMade(bits: Int) {
    #expect(failure { try PrivateKey(generating: .rsa(bits: bits)) }.contains("size \(bits) is not allowed for RSA"))
  }
}

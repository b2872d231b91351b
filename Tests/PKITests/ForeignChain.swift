import PKI
import Testing

/// A root, an intermediate and a server leaf made by the `openssl` command, valid for 30 days from now.
struct ForeignChain {
  let root: Certificate
  let intermediate: Certificate
  let intermediateKey: PrivateKey
  let leaf: Certificate

  /// - Parameter authority: the root to use; nil has one made.
  init(root authority: CertificateAuthority? = nil) throws {
    let openssl = try OpenSSLCommand()
    if let authority {
      try openssl.write(authority.certificate.pem, to: "root.pem")
      try openssl.write(authority.key.pem(), to: "root.key")
    } else {
      try Self.expectSuccess(
        openssl(
          "req",
          "-x509",
          "-newkey",
          "ed25519",
          "-nodes",
          "-keyout",
          "root.key",
          "-out",
          "root.pem",
          "-subj",
          "/CN=foreign root"
        )
      )
    }
    try openssl.write("basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n", to: "ca.cnf")
    try openssl.write(
      "extendedKeyUsage=serverAuth\nsubjectAltName=DNS:foreign.example,DNS:part*.foreign.example\n",
      to: "leaf.cnf"
    )
    for (name, issuer, configuration) in [("middle", "root", "ca.cnf"), ("leaf", "middle", "leaf.cnf")] {
      try Self.expectSuccess(
        openssl(
          "req",
          "-newkey",
          "ed25519",
          "-nodes",
          "-keyout",
          "\(name).key",
          "-out",
          "\(name).csr",
          "-subj",
          "/CN=\(name)"
        )
      )
      try Self.expectSuccess(
        openssl(
          "x509",
          "-req",
          "-in",
          "\(name).csr",
          "-CA",
          "\(issuer).pem",
          "-CAkey",
          "\(issuer).key",
          "-CAcreateserial",
          "-extfile",
          configuration,
          "-days",
          "20",
          "-out",
          "\(name).pem"
        )
      )
    }
    root = try Certificate(pem: openssl.read("root.pem"))
    intermediate = try Certificate(pem: openssl.read("middle.pem"))
    intermediateKey = try PrivateKey(pem: openssl.read("middle.key"))
    leaf = try Certificate(pem: openssl.read("leaf.pem"))
  }

  private static func expectSuccess(_ result: OpenSSLCommand.Result) throws {
    try #require(result.status == 0, "\(result.output)")
  }
}

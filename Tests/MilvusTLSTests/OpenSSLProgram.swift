import Foundation
import PKI
import Testing

/// The `openssl` program, for what the module PKI refuses to make.
enum OpenSSLProgram {
  /// An RSA key of 1024 bits, which anybody may break.
  static func weakKey() throws -> PrivateKey {
    try inFolder { folder in
      try run(folder, "genrsa", "-out", "weak.key", "1024")
      return try PrivateKey(pem: String(contentsOf: folder.appending(path: "weak.key"), encoding: .utf8))
    }
  }

  /// Signs a server's certificate with SHA-1.
  /// - Returns: the certificate as PEM.
  static func sign(_ request: LeafRequest, key: PrivateKey, by authority: CertificateAuthority) throws -> String {
    try inFolder { folder in
      func write(_ text: String, to name: String) throws {
        try text.write(to: folder.appending(path: name), atomically: true, encoding: .utf8)
      }
      try write(try key.pem(), to: "leaf.key")
      try write(try authority.key.pem(), to: "ca.key")
      try write(authority.certificate.pem, to: "ca.pem")
      try write("", to: "index.txt")
      try write(
        """
        [ca]
        default_ca = test
        [test]
        new_certs_dir = .
        database = index.txt
        rand_serial = yes
        policy = policy
        x509_extensions = extensions
        [policy]
        commonName = supplied
        [extensions]
        basicConstraints = critical,CA:FALSE
        keyUsage = critical,digitalSignature
        extendedKeyUsage = serverAuth
        subjectAltName = \(request.dnsNames.map { "DNS:" + $0 }.joined(separator: ","))
        """,
        to: "ca.cnf"
      )
      try run(
        folder,
        "req",
        "-new",
        "-key",
        "leaf.key",
        "-subj",
        "/CN=\(request.subject.commonName)",
        "-out",
        "leaf.csr"
      )
      let dates = ["-startdate", time(request.validity.notBefore), "-enddate", time(request.validity.notAfter)]
      let signer = ["-cert", "ca.pem", "-keyfile", "ca.key", "-md", "sha1"]
      let files = ["-in", "leaf.csr", "-out", "leaf.pem"]
      try run(folder, ["ca", "-config", "ca.cnf", "-batch", "-notext"] + signer + dates + files)
      return try String(contentsOf: folder.appending(path: "leaf.pem"), encoding: .utf8)
    }
  }

  /// As in a certificate: `20270115080000Z` (RFC 5280, 4.1.2.5.2).
  private static func time(_ date: Date) -> String {
    date.ISO8601Format().filter { $0.isNumber || $0 == "Z" }
  }

  static func run(_ folder: URL, _ arguments: String...) throws { try run(folder, arguments) }

  static func run(_ folder: URL, _ arguments: [String]) throws {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["timeout", "60", "openssl"] + arguments
    process.currentDirectoryURL = folder
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "openssl \(arguments[0]): \(output)")
  }

  static func inFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "golden-\(UUID().uuidString)")
    let attributes: [FileAttributeKey: Any] = [.posixPermissions: 0o700]
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true, attributes: attributes)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
  }
}

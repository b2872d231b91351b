import Foundation
import PKI

/// An authority that somebody made with the `openssl` program, as the manual's gen.sh does.
struct HandMadeAuthority {
  enum KeyFormat: CaseIterable { case pkcs1, sec1, pkcs8 }

  /// What `ca.pem` and `ca.key` hold.
  let files: [String: String]
  /// The certificates of `ca.pem`.
  let chain: [Certificate]

  /// A root.
  init(_ name: String, _ format: KeyFormat = .pkcs1) throws {
    try self.init { folder in
      try Self.makeKey(format, "ca.key", in: folder)
      let selfSigned = ["req", "-new", "-x509", "-key", "ca.key", "-out", "ca.pem", "-days", "3650"]
      try OpenSSLProgram.run(folder, selfSigned + ["-subj", "/C=US/O=test/CN=\(name)"])
    }
  }

  /// An intermediate of a root, which stands behind it in the file.
  init(_ name: String, under root: HandMadeAuthority) throws {
    try self.init { folder in
      for (file, text) in root.files {
        try text.write(to: folder.appending(path: "root." + file), atomically: true, encoding: .utf8)
      }
      try Self.makeKey(.sec1, "ca.key", in: folder)
      try OpenSSLProgram.run(folder, "req", "-new", "-key", "ca.key", "-subj", "/O=test/CN=\(name)", "-out", "ca.csr")
      let extensions = "basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign\nsubjectKeyIdentifier=hash\n"
      try extensions.write(to: folder.appending(path: "ca.cnf"), atomically: true, encoding: .utf8)
      let sign = ["x509", "-req", "-in", "ca.csr", "-CA", "root.ca.pem", "-CAkey", "root.ca.key", "-CAcreateserial"]
      try OpenSSLProgram.run(folder, sign + ["-days", "3650", "-extfile", "ca.cnf", "-out", "ca.pem"])
    } withRoot: {
      root.files["ca.pem"] ?? ""
    }
  }

  private init(_ make: (URL) throws -> Void, withRoot root: () -> String = { "" }) throws {
    files = try OpenSSLProgram.inFolder { folder in
      try make(folder)
      let read = { (file: String) in try String(contentsOf: folder.appending(path: file), encoding: .utf8) }
      return ["ca.pem": try read("ca.pem") + root(), "ca.key": try read("ca.key")]
    }
    chain = try Certificate.chain(pem: files["ca.pem"] ?? "")
  }

  private static func makeKey(_ format: KeyFormat, _ file: String, in folder: URL) throws {
    switch format {
    case .pkcs1: try OpenSSLProgram.run(folder, "genrsa", "-traditional", "-out", file, "2048")
    case .sec1: try OpenSSLProgram.run(folder, "ecparam", "-genkey", "-name", "prime256v1", "-noout", "-out", file)
    case .pkcs8:
      let curve = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]
      try OpenSSLProgram.run(folder, ["genpkey"] + curve + ["-out", file])
    }
  }
}

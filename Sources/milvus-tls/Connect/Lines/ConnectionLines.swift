import JSON
import MilvusTLS

/// Code that connects with the files in a folder.
struct ConnectionLines: CustomStringConvertible {
  let service: ClientService
  /// Name to verify in the server's certificate.
  let serverName: String
  let folder: PrivateFolder
  /// Names of the files in the folder.
  let names: ClientFileNames
  /// Whether the server requires a client certificate.
  let needsIdentity: Bool
  /// Whether the certificates have keys for Ed25519.
  let usesEd25519: Bool

  /// For Python and REST.
  var description: String {
    let sections = [("Python", ClientProgram.python), ("REST", .curl)]
    return sections.map { title, program in
      "# \(title)\n\(objection(to: program).map { "# \($0)\n" } ?? text(for: program))"
    }
    .joined(separator: "\n")
  }

  /// For one program.
  /// - Throws: `CommandFailure` if it cannot connect.
  func lines(for program: ClientProgram) throws -> String {
    if let objection = objection(to: program) { throw CommandFailure("--for \(program.rawValue): \(objection)") }
    return text(for: program)
  }

  /// Why a program cannot connect; nil where it can.
  private func objection(to program: ClientProgram) -> String? {
    switch program {
    // Their TLS library, BoringSSL, has no Ed25519.
    case .python where usesEd25519: Self.ed25519("pymilvus")
    case .java where usesEd25519: Self.ed25519("milvus-sdk-java")
    case .curl where service.restPort == nil:
      "Service \(service.host) has no REST port: set serviceRestfulPort in the Milvus resource."
    default: nil
    }
  }

  private static func ed25519(_ program: String) -> String {
    "\(program) does not support Ed25519: set another spec.certificate.privateKey.algorithm in the MilvusTLS."
  }

  private func text(for program: ClientProgram) -> String {
    switch program {
    case .python: python
    case .java: java
    case .go: go
    case .node: node
    case .curl: curl
    case .attu: attu
    case .backup: backup
    }
  }
}

// MARK: Parts of the lines

extension ConnectionLines {
  /// Of gRPC.
  var url: String { "https://\(service.host):\(service.port)" }

  var authority: String { Self.literal(folder.path(of: names.authority)) }
  var certificate: String { Self.literal(folder.path(of: names.certificate)) }
  var privateKey: String { Self.literal(folder.path(of: names.privateKey)) }

  /// A JSON string, which is also a string of Python, Java, Go, JavaScript and YAML.
  static func literal(_ text: String) -> String { JSONValue.string(text).description }

  /// A command line for a POSIX shell.
  static func shell(_ words: [String]) -> String {
    words.map { word in
      guard word.wholeMatch(of: /[-A-Za-z0-9_.\/:@%+=,]+/) == nil else { return word }
      return "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
    }
    .joined(separator: " ") + "\n"
  }
}

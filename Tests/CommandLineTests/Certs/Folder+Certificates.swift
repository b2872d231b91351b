import Foundation
import Testing

/// What the `openssl` program and gen.sh make of a folder.
extension Folder {
  /// Runs a program in the folder with no terminal to ask.
  /// - Returns: its status, and what it prints.
  @discardableResult
  func run(_ command: [String]) throws -> (status: Int32, output: String) {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["timeout", "60"] + command
    process.currentDirectoryURL = URL(filePath: path)
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, output)
  }

  /// Runs `openssl`, which has to succeed.
  @discardableResult
  func openssl(_ arguments: String...) throws -> String {
    let (status, output) = try run(["openssl"] + arguments)
    try #require(status == 0, "openssl \(arguments): \(output)")
    return output
  }

  /// `openssl verify` of both certificates, each for its purpose.
  /// - Parameter authorities: the file of trusted CAs, relative to the folder.
  func verify(authorities: String = "ca.pem", strict: Bool = true) throws {
    let options = strict ? ["-x509_strict"] : []
    for name in ["server", "client"] {
      let command =
        ["openssl", "verify"] + options + ["-purpose", "ssl\(name)", "-CAfile", authorities, "\(name).pem"]
      let (status, output) = try run(command)
      #expect(status == 0 && output == "\(name).pem: OK\n", "\(output)")
    }
  }

  /// Whether each private key belongs to its certificate.
  func expectMatchingKeys(_ names: [String] = ["ca", "server", "client"]) throws {
    for name in names {
      let certificate = try openssl("x509", "-in", "\(name).pem", "-noout", "-pubkey")
      #expect(try openssl("pkey", "-in", "\(name).key", "-pubout") == certificate, "\(name)")
    }
  }

  /// Upper-case hexadecimal, as in ca.srl.
  func serialNumber(of name: String) throws -> String {
    try String(openssl("x509", "-in", name, "-noout", "-serial").dropFirst("serial=".count).dropLast())
  }

  func subject(of name: String) throws -> String {
    try String(openssl("x509", "-in", name, "-noout", "-subject", "-nameopt", "RFC2253").dropLast())
  }

  /// Every file with its content and mode.
  func snapshot() throws -> [String: String] {
    try Dictionary(uniqueKeysWithValues: names().map { ($0, "\(try mode($0)) \(try text($0))") })
  }

  var exists: Bool { FileManager.default.fileExists(atPath: path) }
}

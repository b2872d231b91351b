import Foundation
import Testing

/// The manual's gen.sh, in both of its forms.
enum GenScript: String, CaseIterable {
  /// Nine files, with signing requests: no names, no purposes.
  case older
  /// Seven files: one name, every certificate for servers, one subject for all.
  case newer

  /// Runs it in the folder.
  func run(in folder: Folder) throws {
    let configuration = try String(contentsOf: Self.fixtures.appending(path: "openssl.cnf"), encoding: .utf8)
    try folder.write(configuration, to: "openssl.cnf")
    let (status, output) = try folder.run(["sh", "-e", Self.fixtures.appending(path: "\(rawValue).sh").path])
    try #require(status == 0, "\(output)")
    try FileManager.default.removeItem(atPath: "\(folder.path)/openssl.cnf")
  }

  var files: [String] {
    let requests = self == .older ? ["client.csr", "server.csr"] : []
    return (["ca.key", "ca.pem", "ca.srl", "client.key", "client.pem", "server.key", "server.pem"] + requests).sorted()
  }

  private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Fixtures/gen.sh").standardizedFileURL
}

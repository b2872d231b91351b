import Foundation

/// A folder for one test, which does not exist before somebody makes it.
struct Folder {
  let path: String

  init(_ name: String = "certificates") throws {
    let unique = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: unique, withIntermediateDirectories: true)
    path = unique.appending(path: name).path
  }

  func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }

  func text(_ name: String) throws -> String { try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8) }

  func write(_ text: String, to name: String) throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try text.write(toFile: "\(path)/\(name)", atomically: true, encoding: .utf8)
  }

  /// Permissions of a file; of the folder without a name.
  func mode(_ name: String = "") throws -> Int { try attribute(.posixPermissions, name) }

  func inode(_ name: String) throws -> Int { try attribute(.systemFileNumber, name) }

  func remove() {
    try? FileManager.default.removeItem(at: URL(filePath: path).deletingLastPathComponent())
  }

  private func attribute(_ key: FileAttributeKey, _ name: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: "\(path)/\(name)")
    return (attributes[key] as? NSNumber)?.intValue ?? -1
  }
}

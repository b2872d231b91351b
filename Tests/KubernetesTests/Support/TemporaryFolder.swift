import Foundation

/// A folder for one test, removed with it.
final class TemporaryFolder {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  /// Writes a file and gives its path.
  @discardableResult
  func write(_ text: String, to name: String) throws -> String {
    let file = "\(path)/\(name)"
    let folder = URL(fileURLWithPath: file).deletingLastPathComponent()
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: URL(fileURLWithPath: file))
    return file
  }

  /// Turns a symbolic link in one step, as the kubelet turns `..data`.
  func link(_ name: String, to target: String) throws {
    let new = "\(path)/\(name).new"
    try FileManager.default.createSymbolicLink(atPath: new, withDestinationPath: target)
    guard rename(new, "\(path)/\(name)") == 0 else { throw CocoaError(.fileWriteUnknown) }
  }
}

import Foundation

/// A folder for private files: the folder is created with mode 0700, its files have mode 0600.
struct PrivateFolder {
  private static let fileMode: mode_t = 0o600
  private static let folderMode: mode_t = 0o700

  /// Absolute.
  let url: URL

  /// - Parameter path: relative to the working directory, or absolute.
  init(path: String) {
    url = URL(filePath: path, directoryHint: .isDirectory).absoluteURL.standardizedFileURL
  }

  func path(of name: String) -> String { url.appending(path: name).path }

  /// Writes each file whole or not at all. A file with the same contents only gets its mode set.
  /// - Parameter replacing: whether to overwrite files with different contents.
  /// - Throws: `CommandFailure`. If a file is in the way, nothing has been written.
  func write(_ files: [(name: String, contents: Data)], replacing: Bool) throws {
    let present = try files.filter { try isPresent($0.name, $0.contents, replacing: replacing) }.map(\.name)
    try create()
    for file in files {
      if present.contains(file.name) {
        try check(chmod(path(of: file.name), Self.fileMode), file.name)
      } else {
        try write(file.contents, to: file.name, replacing: replacing)
      }
    }
  }

  /// Whether a file has these contents already.
  private func isPresent(_ name: String, _ contents: Data, replacing: Bool) throws -> Bool {
    let path = path(of: name)
    guard (try? FileManager.default.attributesOfItem(atPath: path)) != nil else { return false }
    if FileManager.default.contents(atPath: path) == contents { return true }
    guard replacing else { throw Self.inTheWay(path) }
    return false
  }

  private static func inTheWay(_ path: String) -> CommandFailure {
    CommandFailure("\(path) exists with different contents: use --force to overwrite it, or another --directory")
  }

  private func create() throws {
    guard mkdir(url.path, Self.folderMode) != 0, errno != EEXIST else { return }
    throw failure(errno, at: url.path)
  }

  /// Writes to a temporary file first, so that no reader sees a partial file.
  private func write(_ contents: Data, to name: String, replacing: Bool) throws {
    let temporary = path(of: ".\(name).\(UUID().uuidString)")
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, Self.fileMode)
    try check(descriptor, name)
    defer { unlink(temporary) }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    do {
      try handle.write(contentsOf: contents)
      try handle.synchronize()
      try handle.close()
    } catch {
      throw CommandFailure("\(path(of: name)): \(error.localizedDescription)")
    }
    if replacing { return try check(rename(temporary, path(of: name)), name) }
    // Unlike rename(2), link(2) fails if the file has appeared in the meantime.
    guard link(temporary, path(of: name)) != 0 else { return }
    let code = errno
    throw code == EEXIST ? Self.inTheWay(path(of: name)) : failure(code, at: path(of: name))
  }

  private func check(_ result: Int32, _ name: String) throws {
    let code = errno
    if result < 0 { throw failure(code, at: path(of: name)) }
  }

  private func failure(_ code: Int32, at path: String) -> CommandFailure {
    CommandFailure("\(path): \(String(cString: strerror(code)))")
  }
}

import Foundation

/// A folder for files that are nobody else's business: 0700 where it is made here, its files 0600.
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

  /// Writes files, each whole or not at all; one that is there with the same contents only gets the mode.
  /// - Parameter replacing: whether files with other contents are replaced.
  /// - Throws: `CommandFailure`, before anything is written where a file is in the way.
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
    CommandFailure("\(path) is there with other contents: --force replaces it, --directory names another folder")
  }

  private func create() throws {
    guard mkdir(url.path, Self.folderMode) != 0, errno != EEXIST else { return }
    throw failure(errno, at: url.path)
  }

  /// Fills a file beside it first, so that nobody ever sees half of it.
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
    // Unlike a renaming, it fails where a file has come to be there in the meantime.
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

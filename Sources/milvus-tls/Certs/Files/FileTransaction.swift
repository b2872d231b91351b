import Foundation
import Glibc

/// The steps that put new files into a folder, and the way back.
///
/// All contents are on the disk under temporary names before the first file appears under its own. A file that is
/// replaced stays as `NAME.bak` until all new ones are in place.
struct FileTransaction {
  let folder: CertificateFolder
  let keepsOwners: Bool
  let checkpoint: () throws -> Void

  /// What to do to be back where it began, the last step last.
  private var undoing: [Step] = []

  private enum Step {
    case removeFolder
    case remove(String)
    /// Puts the old file back in place of the new one.
    case restore(String)
  }

  init(folder: CertificateFolder, keepsOwners: Bool, checkpoint: @escaping () throws -> Void) {
    self.folder = folder
    self.keepsOwners = keepsOwners
    self.checkpoint = checkpoint
  }

  static func backup(of name: String) -> String { name + ".bak" }

  /// - Throws: what the checkpoint throws; `CommandFailure`. `undo()` is to be called then.
  mutating func run(_ files: [NewFile], replacing: Bool) throws {
    try createFolder()
    let temporaries = try files.map { file in
      try checkpoint()
      return try writeTemporary(file)
    }
    for (file, temporary) in zip(files, temporaries) {
      try checkpoint()
      if replacing, folder.holds(file.name) {
        try replace(file.name, with: temporary)
      } else {
        try place(temporary, as: file.name)
      }
    }
    try checkpoint()
    try synchronize()
    finish()
  }

  /// Goes back.
  /// - Returns: what cannot be undone, for people.
  mutating func undo() -> [String] {
    var remains: [String] = []
    for step in undoing.reversed() {
      do {
        switch step {
        case .removeFolder: try CommandFailure.check(rmdir(folder.path), at: folder.path)
        case .remove(let name):
          let path = folder.path(of: name)
          // Where its name was taken meanwhile, by a step that is undone, there is nothing to remove.
          if folder.holds(name) { try CommandFailure.check(unlink(path), at: path) }
        case .restore(let name):
          let path = folder.path(of: name)
          try CommandFailure.check(rename(folder.path(of: Self.backup(of: name)), path), at: path)
        }
      } catch {
        remains.append("\(error)")
      }
    }
    undoing = []
    return remains
  }

  private mutating func createFolder() throws {
    if mkdir(folder.path, 0o700) == 0 { return undoing.append(.removeFolder) }
    let code = errno
    var status = stat()
    guard code == EEXIST, stat(folder.path, &status) == 0 else { throw CommandFailure(code, at: folder.path) }
    guard status.st_mode & S_IFMT == S_IFDIR else { throw CommandFailure("\(folder.path): must be a folder") }
  }

  /// - Returns: the name of the file.
  private mutating func writeTemporary(_ file: NewFile) throws -> String {
    let name = ".\(file.name).\(UUID().uuidString)"
    let path = folder.path(of: file.name)
    let mode: mode_t = file.isPrivate ? 0o600 : 0o644
    // What takes the mode of an old file is nobody else's before that.
    let descriptor = try CommandFailure.check(
      open(folder.path(of: name), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, keepsOwners ? 0o600 : mode),
      at: path
    )
    undoing.append(.remove(name))
    defer { close(descriptor) }
    var contents = file.contents
    try contents.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while !rest.isEmpty {
        let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { throw CommandFailure(errno, at: path) }
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      }
    }
    if keepsOwners { try takeOwner(of: file, descriptor, else: mode) }
    try CommandFailure.check(fsync(descriptor), at: path)
    return name
  }

  /// A renewed file is readable for whoever read the old one, a private key for its owner and group at most.
  /// - Parameter mode: for a file that is new.
  private func takeOwner(of file: NewFile, _ descriptor: Int32, else mode: mode_t) throws {
    let path = folder.path(of: file.name)
    var (old, new) = (stat(), stat())
    guard stat(path, &old) == 0 else {
      try CommandFailure.check(fchmod(descriptor, mode), at: path)
      return
    }
    try CommandFailure.check(fstat(descriptor, &new), at: path)
    if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid) {
      try CommandFailure.check(fchown(descriptor, old.st_uid, old.st_gid), at: path)
    }
    try CommandFailure.check(fchmod(descriptor, old.st_mode & (file.isPrivate ? 0o640 : 0o777)), at: path)
  }

  private mutating func replace(_ name: String, with temporary: String) throws {
    let path = folder.path(of: name)
    var status = stat()
    try CommandFailure.check(lstat(path, &status), at: path)
    guard status.st_mode & S_IFMT != S_IFLNK else {
      throw CommandFailure("\(path): is a symbolic link, and would become a file: name the folder that it points into")
    }
    let backup = Self.backup(of: name)
    // Unlike rename(2), link(2) fails if somebody's file has this name.
    try CommandFailure.check(link(path, folder.path(of: backup)), at: folder.path(of: backup))
    undoing.append(.remove(backup))
    try CommandFailure.check(rename(folder.path(of: temporary), path), at: path)
    undoing.append(.restore(name))
  }

  private mutating func place(_ temporary: String, as name: String) throws {
    let path = folder.path(of: name)
    guard link(folder.path(of: temporary), path) == 0 else {
      let code = errno
      throw code == EEXIST ? CommandFailure("\(path) has appeared meanwhile") : CommandFailure(code, at: path)
    }
    undoing.append(.remove(name))
    try CommandFailure.check(unlink(folder.path(of: temporary)), at: folder.path(of: temporary))
  }

  private func synchronize() throws {
    let descriptor = try CommandFailure.check(open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), at: folder.path)
    defer { close(descriptor) }
    try CommandFailure.check(fsync(descriptor), at: folder.path)
  }

  /// All new files are in place: the old ones go.
  private mutating func finish() {
    for case .restore(let name) in undoing { unlink(folder.path(of: Self.backup(of: name))) }
    undoing = []
  }
}

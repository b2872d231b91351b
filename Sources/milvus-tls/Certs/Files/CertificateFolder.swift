import Foundation
import Glibc

/// A folder of certificate files, which are written all together or not at all.
struct CertificateFolder {
  /// As the user wrote it.
  let path: String

  func path(of name: String) -> String { path.hasSuffix("/") ? path + name : "\(path)/\(name)" }

  func holds(_ name: String) -> Bool {
    var status = stat()
    return lstat(path(of: name), &status) == 0
  }

  /// - Throws: `CommandFailure` if one of the files, or what replacing it needs, is in the way.
  func checkFree(for names: [String], replacing: Bool) throws {
    for name in names where holds(name) {
      guard replacing else {
        throw CommandFailure("\(path(of: name)) exists: use --force to overwrite it, or another --out")
      }
      let backup = FileTransaction.backup(of: name)
      guard !holds(backup) else {
        throw CommandFailure(
          "\(path(of: backup)) exists, perhaps the old \(name) from a run that was killed: move it back, or away"
        )
      }
    }
  }

  /// Writes the files. After a fault or a signal the folder is as before.
  /// - Parameters:
  ///   - replacing: whether files of these names are replaced.
  ///   - keepingOwners: whether a file that is replaced gives its owner and mode to the new one.
  ///   - checkpoint: called between the steps; what it throws undoes them.
  /// - Throws: `CommandFailure`.
  func write(
    _ files: [NewFile],
    replacing: Bool,
    keepingOwners: Bool = false,
    checkpoint: @escaping () throws -> Void = Interruption.check
  ) throws {
    try checkFree(for: files.map(\.name), replacing: replacing)
    try Interruption.whileWriting {
      var transaction = FileTransaction(folder: self, keepsOwners: keepingOwners, checkpoint: checkpoint)
      do {
        try transaction.run(files, replacing: replacing)
      } catch {
        let remains = transaction.undo()
        let end = remains.isEmpty ? "no file was changed" : "cannot undo all of it: \(remains.joined(separator: "; "))"
        throw CommandFailure("\(error); \(end)")
      }
    }
  }
}

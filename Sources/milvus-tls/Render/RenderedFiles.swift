import Foundation
import Glibc

/// Files with what they become.
struct RenderedFiles {
  let files: [(source: SourceFile, text: String)]
  /// Whether private keys are added to them.
  var gainKeys = false

  /// Prints or writes them, as the user wants it.
  /// - Throws: `CommandFailure` for a file that cannot be written; then none is changed.
  func deliver(_ options: RenderOptions) throws {
    if options.inPlace { return try write() }
    if options.diff {
      let diffs = files.map { UnifiedDiff($0.source.editor.text, $0.text, name: $0.source.name).text }
      return try StandardOutput.write(diffs.joined())
    }
    guard files.count > 1 else { return try StandardOutput.write(files.map(\.text).joined()) }
    // As `helm template` prints several files.
    try StandardOutput.write(files.map { "---\n# Source: \($0.source.name)\n" + $0.text.endingInLineBreak }.joined())
  }

  private func write() throws {
    var folders: [(folder: CertificateFolder, files: [NewFile])] = []
    for (source, text) in files where text != source.editor.text {
      if gainKeys { try checkPrivate(source.path) }
      let url = URL(filePath: source.path).resolvingSymlinksInPath()
      let file = NewFile(url.lastPathComponent, text, isPrivate: gainKeys)
      let path = url.deletingLastPathComponent().path
      if let index = folders.firstIndex(where: { $0.folder.path == path }) {
        folders[index].files.append(file)
      } else {
        folders.append((CertificateFolder(path: path), [file]))
      }
    }
    Interruption.handle()
    try Interruption.whileWriting { try Self.write(folders[...]) }
  }

  /// A file keeps its mode: keys are not for everybody who may read it.
  private func checkPrivate(_ path: String) throws {
    var status = stat()
    try CommandFailure.check(stat(path, &status), at: path)
    guard status.st_mode & (S_IRGRP | S_IROTH) == 0 else {
      throw CommandFailure("\(path): group or others can read it, and private keys come into it: use chmod 600 first")
    }
  }

  /// Puts the files of the first folder in place, then those of the others: what fails there takes the first back.
  private static func write(_ folders: ArraySlice<(folder: CertificateFolder, files: [NewFile])>) throws {
    guard let (folder, files) = folders.first else { return }
    let names = files.map(\.name)
    try folder.checkFree(for: names, replacing: true)
    var transaction = FileTransaction(folder: folder, keepsOwners: true) {
      try Interruption.check()
      // A file that is replaced has a backup until the transaction ends.
      guard names.allSatisfy({ folder.holds(FileTransaction.backup(of: $0)) }) else { return }
      try write(folders.dropFirst())
    }
    do {
      try transaction.run(files, replacing: true)
    } catch {
      let remains = transaction.undo()
      guard !remains.isEmpty else { throw error }
      throw CommandFailure("\(error); cannot undo all of it: \(remains.joined(separator: "; "))")
    }
  }
}

extension String {
  fileprivate var endingInLineBreak: String { isEmpty || hasSuffix("\n") ? self : self + "\n" }
}

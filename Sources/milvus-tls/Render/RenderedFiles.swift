import Foundation

/// Files with what they become.
struct RenderedFiles {
  let files: [(source: SourceFile, text: String)]

  /// Prints or writes them, as the user wants it.
  /// - Throws: `CommandFailure` for a file that cannot be written; then none is changed.
  func deliver(_ options: RenderOptions) throws {
    if options.inPlace { return try write() }
    if options.diff {
      return put(files.map { UnifiedDiff($0.source.editor.text, $0.text, name: $0.source.name).text }.joined())
    }
    guard files.count > 1 else { return put(files.map(\.text).joined()) }
    // As `helm template` prints several files.
    put(files.map { "---\n# Source: \($0.source.name)\n" + $0.text.endingInLineBreak }.joined())
  }

  private func put(_ text: String) {
    FileHandle.standardOutput.write(Data(text.utf8))
  }

  /// Every file is complete under another name before the first takes the place of its source.
  private func write() throws {
    let changed = files.filter { $0.text != $0.source.editor.text }
    var finished: [(temporary: URL, file: URL)] = []
    defer { for file in finished { try? FileManager.default.removeItem(at: file.temporary) } }
    for (source, text) in changed {
      let file = URL(filePath: source.path).resolvingSymlinksInPath()
      let temporary = file.deletingLastPathComponent().appending(
        path: ".\(file.lastPathComponent).\(UUID().uuidString)"
      )
      finished.append((temporary, file))
      do {
        let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions]
        try Data(text.utf8).write(to: temporary, options: .withoutOverwriting)
        if let mode { try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: temporary.path) }
      } catch {
        throw CommandFailure("\(source.path): cannot be written: \(error.localizedDescription)")
      }
    }
    for (temporary, file) in finished where rename(temporary.path, file.path) != 0 {
      throw CommandFailure("\(file.path): cannot be written: \(String(cString: strerror(errno)))")
    }
  }
}

extension String {
  fileprivate var endingInLineBreak: String { isEmpty || hasSuffix("\n") ? self : self + "\n" }
}

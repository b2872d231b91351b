import Foundation
import Glibc

/// The file of a report, written whole or not at all.
struct ReportFile {
  /// As the user wrote it.
  let path: String

  /// Writes the page. An earlier report is replaced; any other file stays.
  /// - Throws: `CommandFailure`.
  func write(_ page: HTML) throws {
    let url = URL(filePath: path)
    let folder = CertificateFolder(path: path.contains("/") ? url.deletingLastPathComponent().path : ".")
    try CommandFailure.check(access(folder.path, F_OK), at: folder.path)
    let name = url.lastPathComponent
    if folder.holds(name) { try checkIsReport() }
    Interruption.handle()
    try folder.write([NewFile(name, page.text)], replacing: true)
  }

  private func checkIsReport() throws {
    let descriptor = try CommandFailure.check(open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), at: path)
    defer { close(descriptor) }
    var head = [UInt8](repeating: 0, count: 512)
    let count = read(descriptor, &head, head.count)
    guard count > 0, String(decoding: head[..<count], as: UTF8.self).contains(ReportPage.generator.text) else {
      throw CommandFailure("\(path) exists and is not a report: name another file, or remove it")
    }
  }
}

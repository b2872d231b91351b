import Glibc

/// A certificate or key file that is read.
enum InputFile {
  /// No file of certificates is larger; a device never ends.
  private static let limit = 1 << 20

  /// - Parameter kind: what a file has to be, for the error of one that is too large.
  /// - Throws: `CommandFailure` that names the file.
  static func contents(of path: String, kind: String = "with certificates in PEM") throws -> [UInt8] {
    let descriptor = try CommandFailure.check(open(path, O_RDONLY | O_CLOEXEC), at: path)
    defer { close(descriptor) }
    return try contents(of: descriptor, named: path, kind: kind)
  }

  static func standardInput(kind: String = "with certificates in PEM") throws -> [UInt8] {
    try contents(of: STDIN_FILENO, named: "standard input", kind: kind)
  }

  private static func contents(of descriptor: Int32, named path: String, kind: String) throws -> [UInt8] {
    var contents: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while contents.count <= limit {
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      try CommandFailure.check(count < 0 ? -1 : 0, at: path)
      guard count > 0 else { return contents }
      contents += buffer[..<count]
    }
    throw CommandFailure("\(path) is over 1 MiB: name a file \(kind)")
  }
}

import Glibc

/// The process's standard output, for what a command was asked for.
///
/// Unlike `print`, a full disk or a closed pipe is an error: a caller takes an empty report for a good one.
enum StandardOutput {
  /// - Throws: `CommandFailure` if not all of the text can be written.
  static func write(_ text: String) throws {
    var text = text
    try text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while !rest.isEmpty {
        let count = Glibc.write(STDOUT_FILENO, rest.baseAddress, rest.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { throw CommandFailure(errno, at: "standard output") }
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      }
    }
  }
}

import Glibc

extension CommandFailure {
  /// A system call failed.
  /// - Parameter code: `errno`.
  init(_ code: Int32, at path: String) {
    let reason = String(cString: strerror(code))
    let advice =
      switch code {
      case ENOENT: ": check the path"
      case EACCES, EPERM, EROFS: ": use a folder and files that this user may write to"
      case EISDIR: ": name a file in it"
      case ENOSPC, EDQUOT: ": make room there, or use another folder"
      default: ""
      }
    self.init("\(path): \(reason)\(advice)")
  }

  /// - Returns: the result of a system call.
  /// - Throws: `CommandFailure` if it is negative.
  @discardableResult
  static func check(_ result: Int32, at path: @autoclosure () -> String) throws -> Int32 {
    guard result < 0 else { return result }
    let code = errno
    throw CommandFailure(code, at: path())
  }
}

import Glibc
import Synchronization

/// The process's standard error.
public enum StandardError {
  private static let lock = Mutex(())

  /// Whether to use colors.
  public static var hasColors: Bool { Terminal.hasColors(STDERR_FILENO) }

  /// Writes a text at once, so that lines of several writers do not mix.
  public static func write(_ text: String) {
    var text = text
    lock.withLock { _ in
      text.withUTF8 { bytes in
        var rest = UnsafeRawBufferPointer(bytes)
        while !rest.isEmpty {
          let count = Glibc.write(STDERR_FILENO, rest.baseAddress, rest.count)
          if count < 0, errno == EINTR { continue }
          // There is nowhere to report a failure of standard error.
          guard count > 0 else { return }
          rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
      }
    }
  }
}

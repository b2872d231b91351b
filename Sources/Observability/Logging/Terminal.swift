import Glibc

/// The terminal that a stream of the process leads to.
public enum Terminal {
  /// Whether to use colors on a file descriptor: it is a terminal that supports them, and NO_COLOR is not set
  /// (https://no-color.org).
  public static func hasColors(_ descriptor: Int32) -> Bool {
    isatty(descriptor) == 1 && getenv("NO_COLOR") == nil && getenv("TERM").map { String(cString: $0) } != "dumb"
  }
}

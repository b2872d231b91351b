import Glibc
import Synchronization

/// SIGINT, SIGTERM and SIGHUP while files are written: what was begun is undone, then the program ends with status 1.
enum Interruption {
  private enum Phase {
    /// Nothing is written yet: a signal ends the program at once.
    static let idle = 0
    /// Files are being written: a signal is noted, and `check()` throws.
    static let writing = 1
    static let interrupted = 2
    /// All files are in place: a signal ends the program at once, and says so.
    static let written = 3
  }

  private static let phase = Atomic<Int>(Phase.idle)

  /// Handles the signals from now on. Signals that the parent process ignores stay ignored, as under nohup.
  static func handle() {
    // Makes sure that the handler does not initialize it.
    phase.store(Phase.idle, ordering: .sequentiallyConsistent)
    var handled = sigset_t()
    sigemptyset(&handled)
    for number in [SIGINT, SIGTERM, SIGHUP] {
      let former = signal(number, SIG_IGN)
      if let former, unsafeBitCast(former, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) { continue }
      sigaddset(&handled, number)
      // Only what signal-safety(7) allows: an atomic, write and _exit.
      signal(number) { _ in
        let message: StaticString
        switch Interruption.phase.load(ordering: .sequentiallyConsistent) {
        case Phase.idle: message = "Error: interrupted; no file was changed\n"
        case Phase.written: message = "Error: interrupted; the files had been written\n"
        default: return Interruption.phase.store(Phase.interrupted, ordering: .sequentiallyConsistent)
        }
        _ = write(STDERR_FILENO, message.utf8Start, message.utf8CodeUnitCount)
        _exit(1)
      }
    }
    // Processes inherit the mask of the thread that starts them, and worker threads of Swift programs block signals.
    pthread_sigmask(SIG_UNBLOCK, &handled, nil)
  }

  /// Runs a body whose work has to be undone before the program ends.
  static func whileWriting<Result>(_ body: () throws -> Result) rethrows -> Result {
    phase.store(Phase.writing, ordering: .sequentiallyConsistent)
    do {
      let result = try body()
      phase.store(Phase.written, ordering: .sequentiallyConsistent)
      return result
    } catch {
      phase.store(Phase.idle, ordering: .sequentiallyConsistent)
      throw error
    }
  }

  /// - Throws: `CommandFailure` if a signal has come while files are written.
  static func check() throws {
    if phase.load(ordering: .sequentiallyConsistent) == Phase.interrupted { throw CommandFailure("interrupted") }
  }
}

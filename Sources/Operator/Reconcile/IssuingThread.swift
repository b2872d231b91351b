import Dispatch

/// A thread for the slow work of private keys, one piece at a time.
///
/// An RSA key of 4096 bits takes seconds of a small CPU. On the threads that all tasks share, a few of them hold up the
/// renewal of the Lease, the probes and the watches.
actor IssuingThread {
  private final class Executor: SerialExecutor {
    let queue = DispatchQueue(label: "milvus-tls.issuing")

    func enqueue(_ job: consuming ExecutorJob) {
      let job = UnownedJob(job)
      queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
  }

  private let executor = Executor()
  /// How many pieces of work it has begun.
  private(set) var count = 0

  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// Does a piece of work once those before it are done.
  /// - Throws: `CancellationError` where the task is cancelled before, and what the work throws.
  func run<Value: Sendable>(_ work: @Sendable () throws -> Value) throws -> Value {
    try Task.checkCancellation()
    count += 1
    return try work()
  }
}

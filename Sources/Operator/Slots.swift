/// A number of places; who finds none waits in line.
actor Slots {
  private var free: Int
  private var waiting: [(id: Int, continuation: CheckedContinuation<Bool, Never>)] = []
  private var nextID = 0

  init(count: Int) { free = count }

  /// Does something in a place of its own.
  /// - Returns: nil when the task was cancelled while it waited.
  func using<Value: Sendable>(_ body: @Sendable () async -> Value?) async -> Value? {
    guard await enter() else { return nil }
    defer { leave() }
    return await body()
  }

  private func enter() async -> Bool {
    guard !Task.isCancelled else { return false }
    guard free == 0 else {
      free -= 1
      return true
    }
    nextID += 1
    let id = nextID
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        if Task.isCancelled { return continuation.resume(returning: false) }
        waiting.append((id, continuation))
      }
    } onCancel: {
      Task { await self.giveUp(id) }
    }
  }

  private func giveUp(_ id: Int) {
    guard let index = waiting.firstIndex(where: { $0.id == id }) else { return }
    waiting.remove(at: index).continuation.resume(returning: false)
  }

  private func leave() {
    // The place goes to the first in line.
    guard waiting.isEmpty else { return waiting.removeFirst().continuation.resume(returning: true) }
    free += 1
  }
}

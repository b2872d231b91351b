import KubernetesRuntime
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct FairSemaphoreTests {
  /// Who was let in, in order.
  private final class Entries: Sendable {
    private let names = Mutex<[String]>([])
    var all: [String] { names.withLock { $0 } }
    func add(_ name: String) { names.withLock { $0.append(name) } }
  }

  private func key(_ name: String) -> ObjectKey { ObjectKey(namespace: "default", name: name) }

  @Test func aKeyHasNoMoreThanItsShare() async throws {
    let semaphore = FairSemaphore(limit: 3, limitPerKey: 2)
    let entries = Entries()
    try await withThrowingTaskGroup { group in
      for _ in 0..<4 {
        group.addTask {
          try await semaphore.withPermit(for: key("a")) {
            entries.add("a")
            try await Task.sleep(for: .seconds(3600))
          }
        }
      }
      try await eventually { entries.all.count == 2 }
      #expect(await semaphore.isWanted(of: key("a")))
      #expect(await !semaphore.isWanted(of: key("b")), "the third is kept for others")
      #expect(try await semaphore.withPermit(for: key("b")) { 7 } == 7)
      group.cancelAll()
      while case .failure? = await group.nextResult() {}
    }
    #expect(try await semaphore.withPermit(for: key("a")) { true }, "who was cancelled holds nothing")
  }

  @Test func theKeyWithTheFewestPermitsGoesFirst() async throws {
    let semaphore = FairSemaphore(limit: 2, limitPerKey: 2)
    let entries = Entries()
    let (gate, opening) = AsyncStream<Void>.makeStream()
    try await withThrowingTaskGroup { group in
      for name in ["a", "b"] {
        group.addTask {
          try await semaphore.withPermit(for: key(name)) {
            entries.add(name)
            if name == "b" { for await _ in gate { break } } else { try await Task.sleep(for: .seconds(3600)) }
          }
        }
      }
      try await eventually { entries.all.count == 2 }
      group.addTask { try await semaphore.withPermit(for: key("a")) { entries.add("a again") } }
      try await eventually { await semaphore.isWanted(of: key("b")) }
      group.addTask { try await semaphore.withPermit(for: key("c")) { entries.add("c") } }
      try await eventually { await semaphore.waiting == 2 }
      opening.yield()
      try await eventually { entries.all.count == 4 }
      group.cancelAll()
      while await group.nextResult() != nil {}
    }
    #expect(entries.all.suffix(2) == ["c", "a again"])
  }
}

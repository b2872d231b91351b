import Foundation
import JSON

@testable import MilvusTLS

// MARK: Time

extension Fleet {
  /// Looks again when the operator would: when its plan says, an hour later at the most.
  mutating func wait(until end: Date) throws {
    while now < end {
      world.observation.now = isRollingOut && !isHeld ? min(end, now + 120) : nextLook(until: end)
      check()
      try isRollingOut && !isHeld ? rollOne() : reconcile()
    }
  }

  /// The operator looks every hour for the ports' sake; of those looks that change nothing most are left out.
  private mutating func nextLook(until end: Date) -> Date {
    let wakeUp =
      plan(at: now) { $0.respecify(["verification": ["handshake": false, "plaintext": false]]) }.wakeUp
      ?? .distantFuture
    let next = min(end, max(now + 1, wakeUp))
    let hours = Int(next.timeIntervalSince(now) / 3600)
    guard hours > 1 else { return next }
    looks += 1
    let between = now + Double(1 + looks * 7919 % (hours - 1)) * 3600
    let plan = plan(at: between) { _ in }
    if !plan.actions.isEmpty || !plan.statuses.isEmpty { fault("not told when to look: \(plan)") }
    return next
  }

  private func plan(at date: Date, _ change: (inout World) -> Void) -> TLSPlan {
    var world = world
    world.observation.now = date
    change(&world)
    return world.plan
  }
}

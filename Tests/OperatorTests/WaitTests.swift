import Foundation
import Testing

@testable import Operator

@Suite struct WaitTests {
  private static let now = Date(timeIntervalSince1970: 1_800_000_000.25)

  @Test(
    arguments: [
      (-5, 1), (0, 1), (0.5, 1), (1.5, 2), (3599.5, 3600),
      // A clock that is set, or a machine that sleeps, makes a long wait wrong: it is looked at again within an hour.
      (3600.5, 3600), (5_000_000, 3600),
    ] as [(TimeInterval, Int)]
  )
  func aWaitEndsWhenItsTimeHasComeAndWithinAnHour(distance: TimeInterval, seconds: Int) {
    #expect(Reconciler.wait(until: Self.now + distance, now: Self.now) == .seconds(seconds))
  }
}

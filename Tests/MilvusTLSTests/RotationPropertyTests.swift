import Foundation
import JSON
import PKI
import Testing

@testable import MilvusTLS

/// Whatever happens to a Milvus, and in which order: connections hold, rollouts are not stacked, and in the end one
/// authority is left.
@Suite struct RotationPropertyTests {
  /// More than a few take long: `ROTATION_HISTORIES=500 swift test --filter RotationPropertyTests`.
  private static let seeds = Array(
    1...(ProcessInfo.processInfo.environment["ROTATION_HISTORIES"].flatMap(UInt64.init) ?? 16)
  )

  @Test(arguments: seeds)
  func anyHistoryKeepsConnectionsAndEndsWithOneAuthorityEverywhere(seed: UInt64) throws {
    var history = try RandomHistory(seed: seed)
    for _ in 0..<30 where history.fleet.faults.isEmpty { try history.step() }
    try history.end()
    guard history.fleet.faults.isEmpty else {
      Issue.record("\(history.fleet.faults.first ?? "") after \(history.log.joined(separator: "; "))")
      return
    }
    let fleet = history.fleet
    #expect(fleet.world.condition("Verified")?[0] == "True", "\(history.log)")
    #expect(!fleet.world.notes("RotationPending"))
    #expect(!fleet.world.notes("AuthorityRotating"))
    let authorities = Set(fleet.trusted)
    #expect(authorities.count == 1, "\(authorities) after \(history.log)")
    let isOwn = fleet.world.milvusTLS?.spec[path: "authority", "secretName"] == nil
    #expect(!isOwn || fleet.world.observation.secrets["certs-ca"]?.next == nil)
  }
}

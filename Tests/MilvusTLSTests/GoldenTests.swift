import Foundation
import Testing

/// Milvus resources as people write them, each with the exact result.
///
/// `RECORD_GOLDEN=1 swift test --filter GoldenTests` writes the results anew; what changed is then read by eye, against
/// the comment at the head of each file.
@Suite struct GoldenTests {
  private static let isRecording = ProcessInfo.processInfo.environment["RECORD_GOLDEN"] == "1"

  @Test(arguments: GoldenCase.names)
  func aMilvusEndsExactlyAsExpected(name: String) throws {
    let golden = try GoldenCase(named: name)
    let actual = try golden.play()
    if Self.isRecording { return try golden.record(actual) }
    let recorded = golden.outcome
    let expected = try #require(recorded, "no outcome yet: run with RECORD_GOLDEN=1 and review it")
    let differences = expected.differences(from: actual)
    #expect(differences.isEmpty, "\(differences.joined(separator: "\n"))")
  }

  @Test func thereAreSixtyCasesAtLeast() {
    #expect(GoldenCase.names.count >= 60)
  }

  @Test func aDifferenceIsToldByItsField() {
    let differences = FieldDifferences.between(
      ["a": ["b": [1, 2]], "same": true],
      ["a": ["b": [1, 3, 4]], "same": true, "new": "x"]
    )
    #expect(
      differences == [
        "a.b[1]: expected 2, is 3", "a.b[2]: expected nothing, is 4", #"new: expected nothing, is "x""#,
      ]
    )
  }
}

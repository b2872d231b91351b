import JSON
import MilvusTLS
import Testing

@testable import milvus_tls

@Suite struct RotationProgressTests {
  private static let verified = JSONValue.condition("Verified", "True", "HandshakesConfirm", "2 handshakes")
  private static let rolling = JSONValue.condition("Verified", "Unknown", "RollingOut", "1 of 2 pods")
  private static let refuted = JSONValue.condition("Verified", "False", "HandshakeRefutes", "pod a")
  private static let unfinished = JSONValue.condition("Verified", "False", "RolloutUnfinished", "for 30 minutes")
  private static let pending = JSONValue.condition("RotationPending", "True", "OutsideWindow", "until 02:00")
  private static let notBegun = "waiting for the operator to begin"

  @Test func itIsDoneOnceTheNewCertificatesAreProven() throws {
    var progress = try Self.progress()
    #expect(try progress.state(of: .with(RotationStatus())) == .goingOn([Self.notBegun]))
    let rolling = RotationStatus.done("v").with(Self.rolling)
    #expect(try progress.state(of: .with(rolling)) == .goingOn(["Verified: RollingOut: 1 of 2 pods"]))
    #expect(try progress.state(of: .with(.done("v"))) == .done)
  }

  @Test(arguments: [RotationStatus.done("former"), RotationStatus(rotation: "v"), RotationStatus(digest: "new")])
  func neitherAnotherValueNorTheFormerCertificateIsTheEnd(status: RotationStatus) throws {
    var progress = try Self.progress()
    #expect(try progress.state(of: .with(status)) == .goingOn([Self.notBegun]))
  }

  @Test func aStatusWithoutADigestIsNotTheEnd() throws {
    var progress = try Self.progress()
    var status = RotationStatus.done("v").json
    status["certificate"]?["digest"] = nil
    #expect(try progress.state(of: .with(status)) == .goingOn([Self.notBegun]))
  }

  @Test func ofAnAuthorityItsOwnRotationCounts() throws {
    var progress = try Self.progress(.authority)
    #expect(try progress.state(of: .with(.done("v"))) == .goingOn([Self.notBegun]))
    var status = RotationStatus(authorityRotation: "v", step: "TrustingBoth", digest: "both")
    let rotating = JSONValue.condition("AuthorityRotating", "True", "TrustingBoth", "1 of 3")
    #expect(
      try progress.state(of: .with(status.with(rotating, Self.rolling)))
        == .goingOn(["AuthorityRotating: TrustingBoth: 1 of 3", "Verified: RollingOut: 1 of 2 pods"])
    )
    status.step = "Replacing"
    #expect(try progress.state(of: .with(status)) == .goingOn(["waiting for the operator to continue the CA rotation"]))
    status.step = nil
    status.digest = "new"
    #expect(try progress.state(of: .with(status)) == .done)
  }

  @Test func aPendingRotationIsWaitedForBeforeAndAfterItBegins() throws {
    let note = "RotationPending: OutsideWindow: until 02:00"
    for status in [RotationStatus(), .done("v")] {
      var progress = try Self.progress()
      #expect(try progress.state(of: .with(status.with(Self.verified, Self.pending))) == .goingOn([note]))
    }
    var progress = try Self.progress()
    let over = JSONValue.condition("RotationPending", "False", "Done", "")
    #expect(try progress.state(of: .with(RotationStatus.done("v").with(Self.verified, over))) == .done)
  }

  @Test func notReadyIsAFailureAtOnceUnlessOfAFormerSpecification() throws {
    var progress = try Self.progress()
    let status = RotationStatus().with(Self.verified, .condition("Ready", "False", "Conflict", "two values"))
    #expect(
      try progress.state(of: .with(status)) == .failed("MilvusTLS my-release is not Ready: Conflict: two values")
    )
    #expect(try progress.state(of: .with(status, generation: 2)) == .goingOn([Self.notBegun]))
  }

  @Test func aProofOfAFormerSpecificationProvesNothing() throws {
    var progress = try Self.progress()
    #expect(
      try progress.state(of: .with(.done("v"), generation: 2))
        == .goingOn(["waiting for the operator to report on the current specification"])
    )
  }

  @Test func aNewRefutationIsAFailure() throws {
    var progress = try Self.progress()
    #expect(
      try progress.state(of: .with(RotationStatus.done("v").with(Self.refuted)))
        == .failed("Verified: HandshakeRefutes: pod a")
    )
  }

  @Test func aRefutationFromBeforeIsExcusedUntilItIsGone() throws {
    var progress = try Self.progress(before: RotationStatus().with(Self.refuted))
    let refuted = RotationStatus.done("v").with(Self.refuted)
    #expect(try progress.state(of: .with(refuted)) == .goingOn(["Verified: HandshakeRefutes: pod a"]))
    _ = try progress.state(of: .with(RotationStatus.done("v").with(Self.rolling)))
    #expect(try progress.state(of: .with(refuted)) == .failed("Verified: HandshakeRefutes: pod a"))
  }

  @Test func anotherRefutationThanTheOneFromBeforeIsAFailure() throws {
    var progress = try Self.progress(before: RotationStatus().with(Self.refuted))
    let log = JSONValue.condition("Verified", "False", "LogRefutes", "pod b")
    #expect(try progress.state(of: .with(RotationStatus().with(log))) == .failed("Verified: LogRefutes: pod b"))
  }

  @Test func aRolloutThatDoesNotFinishIsAFailureInAnyCase() throws {
    var progress = try Self.progress(before: RotationStatus().with(Self.unfinished))
    #expect(
      try progress.state(of: .with(RotationStatus.done("v").with(Self.unfinished)))
        == .failed("Verified: RolloutUnfinished: for 30 minutes")
    )
  }

  @Test func aMessageIsOneLineWithoutControlCharacters() throws {
    var progress = try Self.progress()
    let odd = JSONValue.condition("Verified", "False", "LogRefutes", "two\nlines,\u{1b}[31m red")
    #expect(
      try progress.state(of: .with(RotationStatus().with(odd))) == .failed("Verified: LogRefutes: two lines, [31m red")
    )
  }

  @Test func eachRequestHasAValueOfItsOwn() throws {
    let values = (0..<100).map { _ in RotationRequest(.certificates).value }
    #expect(Set(values).count == values.count)
    for value in values {
      #expect(value.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z/) != nil, "\(value)")
    }
  }

  private static func progress(
    _ subject: RotationRequest.Subject = .certificates,
    before: RotationStatus = RotationStatus()
  ) throws -> RotationProgress {
    RotationProgress(RotationRequest(subject, value: "v"), before: try .with(before))
  }
}

extension ObservedMilvusTLS {
  fileprivate static func with(_ status: RotationStatus, generation: Int = 1) throws -> ObservedMilvusTLS {
    try .with(status.json, generation: generation)
  }

  fileprivate static func with(_ status: JSONValue, generation: Int = 1) throws -> ObservedMilvusTLS {
    try #require(
      ObservedMilvusTLS([
        "metadata": [
          "namespace": "default", "name": "my-release", "uid": "1", "resourceVersion": "1",
          "generation": .integer(generation),
        ],
        "status": status,
      ])
    )
  }
}

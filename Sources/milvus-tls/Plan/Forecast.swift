import Foundation
import JSON
import MilvusTLS

/// What the operator would do for a release until a date, if nobody changes anything, every rollout succeeds and every
/// check of the pods confirms TLS.
struct Forecast {
  let start: Date
  let end: Date
  private(set) var steps: [ForecastStep] = []
  /// Why it ends early; nil if it does not.
  private(set) var earlyEnd: ForecastEnd?
  private var release: SimulatedRelease
  /// What the pods carry now.
  private let presentDigest: JSONValue?

  /// A plan that still has actions after that many rounds would have them forever.
  private static let roundLimit = 40
  private static let stepLimit = 100
  /// How many looks may change nothing while Ready is False: the operator looks every minute, and may wait for a Secret.
  private static let patience = 10

  /// - Throws: `CommandFailure`, `PKIError`, `KubernetesError`.
  init(of release: SimulatedRelease, until end: Date) async throws {
    (self.release, start, self.end) = (release, release.now, end)
    presentDigest = release.milvus[path: "spec", "components", "podAnnotations"]?[Annotations.certificate]
    do {
      try await run()
    } catch let end as ForecastEnd {
      earlyEnd = end
    }
  }

  var milvus: ObservedMilvus? { release.observation.milvus }
  var milvusTLS: ObservedMilvusTLS? { release.observation.milvusTLS.deciding }

  /// The windows in which the pods may restart, as in the spec; empty for any time.
  var windows: [JSONValue] { milvusTLS?.spec[path: "rotation", "windows"]?.array ?? [] }

  private mutating func run() async throws {
    var idleLooks = 0
    try await settle(noting: milvusTLS?.status.conditions.filter { $0.isWait } ?? [])
    while let next = release.wakeUp {
      let isReady = milvusTLS?.status.condition(.ready)?.status != .false
      idleLooks = isReady ? 0 : idleLooks + 1
      guard idleLooks <= Self.patience else { break }
      // A time that has come already was dealt with.
      let date = max(next, release.now + 1)
      guard date < end else { return }
      guard steps.count < Self.stepLimit else { throw ForecastEnd.tooManySteps }
      release.now = date
      try await settle()
    }
    if let ready = milvusTLS?.status.condition(.ready), ready.status == .false {
      throw ForecastEnd.notReady("\(ready.reason): \(ready.message)")
    }
    if milvusTLS?.namesIssuer ?? false { throw ForecastEnd.certManager }
  }

  /// What the operator does at one time until nothing is left to do.
  private mutating func settle(noting conditions: [Condition] = []) async throws {
    steps.append(ForecastStep(date: release.now, conditions: conditions))
    defer { if steps.last?.isEmpty ?? false { steps.removeLast() } }
    for _ in 0..<Self.roundLimit {
      let plan = release.plan
      guard plan.actions.isEmpty else {
        for action in plan.actions { try await perform(action) }
        continue
      }
      for status in plan.statuses {
        note(status)
        release.write(status)
      }
      let hasEvidence = release.confirm(plan.evidence)
      if let count = release.rollOut() {
        note { $0.restartedPods = max(count, $0.restartedPods ?? 0) }
      } else if plan.statuses.isEmpty, !hasEvidence {
        return
      }
    }
    throw CommandFailure(
      "the plan at \(release.now.kubernetesTime) does not settle: the operator would report ReconcileFailed"
    )
  }

  private mutating func perform(_ action: TLSPlan.Action) async throws {
    if let write = ForecastStep.Write(action) { note { $0.writes.append(write) } }
    if case .writeStatus(let status) = action { note(status) }
    let before = release.milvus
    try await release.perform(action)
    let changes = ["spec", "metadata"].flatMap { part in
      FieldChange.between(before[part], release.milvus[part], at: JSONPointer([part]))
    }
    let told = changes.compactMap { $0.told(beside: presentDigest) }
    note { $0.changes += told }
  }

  private mutating func note(_ status: TLSPlan.StatusChange) {
    let told = status.transitions.filter(\.isTold)
    note { step in
      for condition in told where !step.conditions.contains(condition) {
        step.conditions.removeAll { $0.type == condition.type && $0.status == condition.status && $0.isWait }
        step.conditions.append(condition)
      }
    }
  }

  private mutating func note(_ change: (inout ForecastStep) -> Void) {
    guard let last = steps.indices.last else { return }
    change(&steps[last])
  }
}

extension Condition {
  /// Whether it says what a rotation waits for, or how far it is.
  fileprivate var isWait: Bool { [.rotationPending, .authorityRotating].contains(type) && status == .true }

  /// Whether a forecast tells it: verdicts on pods are assumed, and that something ends is seen from what follows.
  fileprivate var isTold: Bool {
    switch type {
    case .verified: status == .false
    case .ready: status == .false
    case .authorityRotating: status != .unknown
    default: status == .true
    }
  }
}

extension FieldChange {
  /// As a forecast tells it; nil for what the API server counts, and for the operator's own notes.
  /// - Parameter presentDigest: any other is of certificates that exist only in the forecast.
  fileprivate func told(beside presentDigest: JSONValue?) -> FieldChange? {
    if field.tokens.first == "metadata" {
      guard field.tokens.dropFirst().first == "annotations", field.tokens.last != Annotations.applied else {
        return nil
      }
    }
    guard field.tokens.last == Annotations.certificate else { return self }
    return FieldChange(
      field: field,
      old: old.map { $0 == presentDigest ? $0 : "digest of the former certificates" },
      new: new.map { _ in "digest of the new certificates" }
    )
  }
}

extension ForecastStep.Write {
  /// What an action writes beside the Milvus; nil if it writes nothing else.
  fileprivate init?(_ action: TLSPlan.Action) {
    switch action {
    case .createMilvusTLS(let object):
      let name = object[path: "metadata", "name"]?.string ?? ""
      self.init(
        kind: "MilvusTLS",
        name: name,
        message: "created from the annotations or the configuration of the Milvus"
      )
    case .updateMilvusTLS(let name, _):
      self.init(kind: "MilvusTLS", name: name, message: "updated to the annotations of the Milvus")
    case .applyCertificate(let certificate, let standing):
      let name = certificate[path: "metadata", "name"]?.string ?? ""
      self.init(kind: "Certificate", name: name, message: standing == nil ? "requested from cert-manager" : "changed")
    case .deleteCertificate(let certificate):
      self.init(kind: "Certificate", name: certificate.name, message: "deleted: the spec does not list its client")
    case .adopt(let secret):
      self.init(kind: "Secret", name: secret.name, message: "gets back the owner or the label that it has lost")
    case .release(let secret):
      let writers = secret.otherWriters.joined(separator: ", ")
      self.init(kind: "Secret", name: secret.name, message: "given up, because \(writers) wrote data into it")
    case .writeCertificate(let write):
      let what = write.violation.keeps == .certificate ? "new CA bundle" : "new \(write.desired.title) certificate"
      self.init(kind: "Secret", name: write.desired.secretName, message: "\(what): \(write.violation.message)")
    case .changeAuthority(let change, let secret):
      self.init(kind: "Secret", name: secret.name, message: change.message(secret.name))
    case .delete(let secret):
      self.init(kind: "Secret", name: secret.name, message: "deleted: the spec does not list its client")
    case .lookUp, .lookUpConfigMaps, .writeStatus, .patchMilvus: return nil
    }
  }
}

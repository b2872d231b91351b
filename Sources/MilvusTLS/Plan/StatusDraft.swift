import Foundation
import PKI

/// The status of a MilvusTLS in the making: begins as the stored one and gives the write that brings the stored one to
/// it.
struct StatusDraft {
  /// The longest lists that a status keeps. etcd takes objects up to 1.5 MB; an entry has some 400 bytes.
  static let podLimit = 500
  static let endpointLimit = 1000

  private let milvusTLS: ObservedMilvusTLS
  private let now: Date
  /// What the operator has put in place, and what was observed: still true when a later spec cannot be acted on.
  var status: MilvusTLSStatus
  private var ready: Condition?
  private var verified: Condition?
  private var notes: [Condition] = []
  /// Why notes that were not taken again end; nil where they stay as they are.
  private var end: NoteEnd?

  init(_ milvusTLS: ObservedMilvusTLS, now: Date) {
    self.milvusTLS = milvusTLS
    self.now = now
    status = milvusTLS.status
  }

  // MARK: Ready and Verified

  mutating func setReady(_ verified: Condition) {
    ready = Condition(ReadyReason.configured, "Certificates are in place and the Milvus is configured to use them")
    self.verified = verified
    status.checkedSecret = nil
    end = .resolved
  }

  /// - Parameters:
  ///   - isEvaluated: whether the notes were looked at, so that those that were not taken again have ended.
  ///   - verified: what is proven all the same; nil for nothing.
  mutating func setNotReady(_ obstacle: NotReady, isEvaluated: Bool, verified served: Condition? = nil) {
    ready = Condition(obstacle.reason, obstacle.message)
    verified = served ?? Condition(VerifiedReason.notReady, "Not verified because the MilvusTLS is not Ready")
    end = isEvaluated ? .resolved : .notReady
  }

  /// Sets `Ready` to False for a request that failed; every other condition stays. A message that differs in a
  /// request id or a duration alone stays too: it would be a write and an event at each try.
  mutating func setFailed(_ message: String) {
    let failed = Condition(ReadyReason.reconcileFailed, message)
    let stored = milvusTLS.status.condition(.ready)
    let isSame =
      stored?.reason == failed.reason && stored?.message.stable == failed.message.stable
    ready = isSame ? stored : failed
    end = nil
  }

  /// - Parameter isRemoved: whether nothing of the operator's is left in the Milvus.
  mutating func setDisabled(isRemoved: Bool) {
    let message =
      isRemoved ? "TLS is disabled" : "TLS is disabled; milvus-operator has not yet rolled all pods without it"
    ready = Condition(ReadyReason.disabled, message)
    verified = Condition(VerifiedReason.disabled, "TLS is disabled")
    (status.pods, status.endpoints, status.checkedSecret, status.rollout) = ([], [], nil, nil)
    (status.provided, status.plaintext) = ([], [])
    // A provided Secret is no longer in use.
    if status.certificate?.source != .operator { status.certificate = nil }
    end = .disabled
  }

  // MARK: Notes

  mutating func note(_ reason: some ConditionReason, _ message: String) {
    note(Condition(reason, message))
  }

  mutating func note(_ condition: Condition) {
    notes.removeAll { $0.type == condition.type }
    notes.append(condition)
  }

  /// Keeps a note as it is stored: nothing is known that would change it.
  mutating func keepNote(_ type: ConditionType) {
    guard let stored = milvusTLS.status.condition(type), !notes.contains(where: { $0.type == type }) else { return }
    notes.append(stored)
  }

  /// Notes what waits, and for what; several waits share a condition, with the reason of the first.
  mutating func notePending(_ wait: RotationGate.Wait, for what: String) {
    let message = "\(what) is waiting \(wait.message)"
    guard let index = notes.firstIndex(where: { $0.type == .rotationPending }),
      let reason = PendingReason(rawValue: notes[index].reason)
    else { return note(wait.reason, message) }
    notes[index] = Condition(reason, notes[index].message + "; " + message)
  }

  // MARK: The rollout

  /// Follows a rollout.
  /// - Parameter isNew: whether there are pods that it has not reached.
  /// - Returns: when it began; nil where none is under way.
  mutating func follow(rolloutTo digest: String, isNew: Bool) -> Date? {
    if let stored = status.rollout, stored.digest == digest { return Date(kubernetesTime: stored.since) }
    guard isNew else { return nil }
    status.rollout = MilvusTLSStatus.Rollout(digest: digest, since: now.kubernetesTime)
    return now.inWholeSeconds
  }

  // MARK: Writes

  /// Whether the stored status says of the same specification that the Milvus is configured.
  var wasConfigured: Bool {
    guard let ready = milvusTLS.status.condition(.ready), ready.observedGeneration == milvusTLS.generation else {
      return false
    }
    return [.configured, .fieldsReverted].contains(milvusTLS.status.readyReason)
  }

  /// Whether the stored status says that a CA rotation is under way.
  var isRotating: Bool { milvusTLS.status.condition(.authorityRotating)?.status == .true }

  /// The write of the reversions alone.
  var reversionsChange: TLSPlan.StatusChange? {
    var next = milvusTLS.status
    next.reversions = status.reversions
    return change(to: next, transitions: [])
  }

  /// The write; nil where the stored status says the same.
  var change: TLSPlan.StatusChange? {
    var next = status
    next.observedGeneration = milvusTLS.generation
    next.pods = Self.cut(next.pods, to: Self.podLimit, \.verdict, \.name)
    next.endpoints = Self.cut(next.endpoints, to: Self.endpointLimit, \.verdict, \.name)
    next.conditions = conditions.map { stamped($0) }
    let transitions = next.conditions.filter { condition in
      let previous = milvusTLS.status.condition(condition.type)
      return previous?.status != condition.status || previous?.reason != condition.reason
        || (condition.status == .false && !condition.type.isNote && previous?.message != condition.message)
    }
    return change(to: next, transitions: transitions)
  }

  private func change(to next: MilvusTLSStatus, transitions: [Condition]) -> TLSPlan.StatusChange? {
    guard let patch = milvusTLS.status.json.mergePatch(to: next.json) else { return nil }
    return TLSPlan.StatusChange(
      milvusTLS: milvusTLS.name,
      patch: ["metadata": ["resourceVersion": .string(milvusTLS.resourceVersion)], "status": patch],
      transitions: transitions
    )
  }

  /// `Ready`, `Verified`, the notes that were taken, and those that ended.
  private var conditions: [Condition] {
    let stored = milvusTLS.status.conditions
    let main = [ready ?? milvusTLS.status.condition(.ready), verified ?? milvusTLS.status.condition(.verified)]
    let others = stored.filter { old in old.type.isNote && !notes.contains { $0.type == old.type } }
    let ended = others.map { old -> Condition in
      guard let end, old.status == .true else { return old }
      return .ended(old.type, end == .resolved && old.type == .authorityRotating ? .completed : end)
    }
    return main.compactMap(\.self) + notes + ended
  }

  /// The condition as it is stored: a transition time stays while the status does.
  private func stamped(_ condition: Condition) -> Condition {
    let previous = milvusTLS.status.condition(condition.type)
    var stamped = condition
    stamped.observedGeneration = milvusTLS.generation
    stamped.lastTransitionTime =
      previous?.status == condition.status ? previous?.lastTransitionTime : now.kubernetesTime
    if stamped.lastTransitionTime == nil { stamped.lastTransitionTime = now.kubernetesTime }
    return stamped
  }

  /// A list cut to what a status can hold, what is not confirmed first.
  private static func cut<Element>(
    _ elements: [Element],
    to limit: Int,
    _ verdict: (Element) -> Verdict,
    _ name: (Element) -> String
  ) -> [Element] {
    guard elements.count > limit else { return elements }
    let open = elements.filter { !verdict($0).isConfirmed }
    let kept = open.prefix(limit) + elements.filter { verdict($0).isConfirmed }.prefix(max(0, limit - open.count))
    return kept.sorted { name($0) < name($1) }
  }
}

extension String {
  /// The text with each long run of hexadecimal digits and each duration replaced by `#`.
  fileprivate var stable: String {
    replacing(#/[0-9a-fA-F-]{8,}|[0-9.]+ ?(?:ns|[uµm]?s|(?:milli)?seconds)\b/#, with: "#")
  }
}

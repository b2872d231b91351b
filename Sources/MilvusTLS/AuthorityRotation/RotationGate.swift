import Foundation
import PKI
import Schedule

/// Whether a restart of pods may begin by itself, and what it waits for where it may not: two rollouts are never
/// stacked.
struct RotationGate {
  /// What is waited for.
  struct Wait: Equatable {
    let reason: PendingReason
    /// The same for people; follows "is waiting".
    let message: String
    /// When it is over; nil where that is not known.
    var until: Date?
    /// Whether a step that has begun is simply on its way: the condition `Verified` says how far.
    var isProgress = false
  }

  /// How long after a Secret was written a container may still start with its former contents, in seconds: the kubelet
  /// refreshes a mounted Secret about once a minute
  /// (https://kubernetes.io/docs/concepts/configuration/secret/#using-secrets-as-files-from-a-pod).
  private static let mountDelay: TimeInterval = 120

  /// What keeps milvus-operator from rolling pods.
  let hold: Hold?
  /// What is left of the rollout that is under way; nil where none is.
  let rollout: String?
  private let digest: String?
  private let windows: [MaintenanceWindow]
  private let overlap: Duration
  private let observation: Observation
  private var now: Date { observation.now }

  /// - Parameter digest: what the pods carry that run as the Milvus says; nil before it is configured.
  init(milvus: ObservedMilvus, digest: String?, spec: MilvusTLSSpec, observation: Observation) {
    hold = milvus.hold
    rollout = digest.flatMap { Self.rollout(of: milvus, to: $0, pods: observation.pods) }
    self.digest = digest
    windows = spec.windows
    overlap = spec.authority.overlap
    self.observation = observation
  }

  private static func rollout(of milvus: ObservedMilvus, to digest: String, pods: [ObservedPod]) -> String? {
    let pods = pods.filter { !$0.isDeleting }.sorted { $0.name < $1.name }
    let old = pods.filter { $0.digest != digest }
    if let first = old.first { return "\(old.count) of \(pods.count.of("pod")) not updated (\(first.name))" }
    if let pod = pods.first(where: { !$0.isReady }) { return "pod \(pod.name) not ready" }
    return milvus.isRolledOut ? nil : "milvus-operator has not updated every Deployment"
  }

  /// What a write that restarts pods waits for; nil where it may begin.
  /// - Parameters:
  ///   - certificate: the one in use: in the last tenth of its lifetime nothing waits.
  ///   - timing: of the violation that the write ends.
  func wait(before certificate: Certificate, _ timing: CertificateViolation.Timing) -> Wait? {
    switch timing {
    case .damage, .immediate: return nil
    case .requested, .scheduled, .gradual:
      guard !RenewalSchedule.isCritical(certificate, at: now) else { return nil }
      if let busy { return busy }
      guard timing != .requested else { return nil }
      return closed(before: certificate) ?? (timing == .gradual ? limit : nil)
    }
  }

  /// What a step of a CA rotation waits for; nil where it may begin.
  /// - Parameters:
  ///   - phase: the phase that the step ends; nil for the first step.
  ///   - certificate: the one whose end waits for no window.
  ///   - verification: the present state of the pods.
  ///   - trustedSince: since when the Secrets hold what they hold.
  ///   - restartsPods: whether the operator restarts pods; otherwise somebody has to.
  ///   - isRequested: whether somebody requested the rotation now, whatever the windows.
  func wait(
    after phase: AuthorityRotation.Phase?,
    before certificate: Certificate,
    verification: Verification,
    trustedSince: Date,
    restartsPods: Bool,
    isRequested: Bool
  ) -> Wait? {
    if let wait = wait(for: verification) { return wait }
    guard phase != nil else { return isRequested ? nil : closed(before: certificate) }
    let loaded = trustedSince + Self.mountDelay
    if !restartsPods, let pod = observation.pods.first(where: { $0.startsBefore(loaded) }) {
      let message =
        "for somebody to restart pod \(pod.name), which has not loaded ca.pem (spec.rotation.restart is false)"
      return Wait(reason: .restartIsOff, message: message)
    }
    let end = trustedSince + overlap.wholeSeconds
    if now < end {
      let message = "until \(end.kubernetesTime), so that clients can read their Secrets again (spec.authority.overlap)"
      return Wait(reason: .overlap, message: message, until: end)
    }
    return isRequested ? nil : closed(before: certificate)
  }

  /// What is waited for until every pod runs as the Milvus says and is proven; nil where it is.
  func wait(for verification: Verification) -> Wait? {
    if let busy { return busy }
    let condition = verification.condition
    let reason = VerifiedReason(rawValue: condition.reason)
    guard reason?.permitsRotation ?? false else {
      return Wait(
        reason: .notVerified,
        message: "for every pod to be verified (\(condition.reason): \(condition.message))",
        isProgress: reason?.isProgress ?? false
      )
    }
    // A terminating pod can keep serving for its whole grace period.
    if let pod = observation.pods.first(where: { $0.isDeleting && $0.isReady && $0.digest != digest }) {
      let message = "for pod \(pod.name) to terminate: it runs without the current certificate"
      return Wait(reason: .rolloutInProgress, message: message)
    }
    return nil
  }

  /// Whether every pod runs with what the Secret holds now, where the operator restarts none: each started after its
  /// node had the files, or a handshake showed the certificate.
  func allPodsLoaded(_ installed: InstalledCertificates, _ verification: Verification) -> Bool {
    guard let trustedSince = installed.trustedSince else { return false }
    let certificate = installed.server.certificate
    let validity = Validity(notBefore: certificate.notBefore, notAfter: certificate.notAfter)
    let issued = certificate.notAfter - validity.requestedDuration
    let written = verification.isCertificateShown ? trustedSince : max(trustedSince, issued)
    return !observation.pods.contains { $0.startsBefore(written + Self.mountDelay) }
  }

  /// What a restart waits for whose only purpose is a new `ca.pem`; nil where it may begin. A node that is late would
  /// start a pod with the former file, and nothing would show it. An overlap that is shorter shortens the wait.
  /// - Parameter trustedSince: since when the Secret holds its `ca.pem`; nil where nobody noted it.
  func waitForNodes(trustedSince: Date?) -> Wait? {
    guard let trustedSince else { return nil }
    let end = trustedSince + min(Self.mountDelay, overlap.wholeSeconds)
    guard now < end else { return nil }
    let message = "until \(end.kubernetesTime), so that every node has the new ca.pem"
    return Wait(reason: .waitingForNodes, message: message, until: end)
  }

  private var busy: Wait? {
    if let hold { return Wait(reason: hold.reason, message: "because \(hold.field)") }
    return rollout.map { rollout in
      Wait(reason: .rolloutInProgress, message: "for the current rollout: \(rollout)", isProgress: true)
    }
  }

  private var limit: Wait? {
    guard observation.isRolloutLimitReached else { return nil }
    let message = "for other Milvus: the operator's new defaults are rolled out a few at a time"
    return Wait(reason: .rolloutLimit, message: message)
  }

  private func closed(before certificate: Certificate) -> Wait? {
    let deadline = RenewalSchedule.windowDeadline(of: certificate)
    guard now < deadline, case .closed(let opening) = windows.state(at: now) else { return nil }
    let until = min(opening, deadline)
    let why =
      until == opening
      ? "when a window of spec.rotation.windows opens"
      : "the renewal deadline; no window of spec.rotation.windows opens before"
    return Wait(reason: .outsideWindow, message: "until \(until.kubernetesTime), \(why)", until: until)
  }
}

extension ObservedPod {
  /// Whether it runs since before a time.
  fileprivate func startsBefore(_ time: Date) -> Bool { !isDeleting && startedAt ?? .distantPast <= time }
}

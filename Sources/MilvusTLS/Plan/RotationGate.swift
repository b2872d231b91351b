import Foundation
import PKI
import Schedule

/// Whether something that restarts pods may begin by itself, and what it waits for where it may not: two rollouts are never stacked.
struct RotationGate {
  /// What is waited for.
  struct Wait: Equatable {
    /// One word in CamelCase.
    let reason: String
    /// The same for people.
    let message: String
    /// When it is over, where a clock tells.
    var until: Date?
    /// Whether a step that has begun is simply on its way: the condition `Verified` says how far.
    var isProgress = false
  }

  /// A certificate that ends this soon waits for no window, in seconds.
  private static let urgency: TimeInterval = 24 * 3600

  /// How long after a Secret was written a container may still start with its former contents, in seconds: kubelet renews a mounted Secret
  /// once a minute or so (https://kubernetes.io/docs/concepts/configuration/secret/#using-secrets-as-files-from-a-pod).
  private static let mountDelay: TimeInterval = 120

  /// What keeps milvus-operator from rolling pods.
  let hold: Hold?
  /// What is left to do of the rollout that goes on; nil where none does.
  let rollout: String?
  private let digest: String?
  private let windows: [MaintenanceWindow]
  private let now: Date

  /// - Parameter digest: what the pods carry that run as the Milvus says; nil before it is configured.
  init(milvus: ObservedMilvus, digest: String?, windows: [MaintenanceWindow], observation: Observation) {
    hold = milvus.hold
    rollout = digest.flatMap { Self.rollout(of: milvus, to: $0, pods: observation.pods) }
    self.digest = digest
    self.windows = windows
    now = observation.now
  }

  private static func rollout(of milvus: ObservedMilvus, to digest: String, pods: [ObservedPod]) -> String? {
    let pods = pods.filter { !$0.isDeleting }.sorted { $0.name < $1.name }
    let old = pods.filter { $0.digest != digest }
    if let first = old.first {
      return "\(old.count) of \(pods.count) pods still run without the present certificate, \(first.name) first"
    }
    if let pod = pods.first(where: { !$0.isReady }) { return "pod \(pod.name) is not ready" }
    return milvus.isRolledOut ? nil : "milvus-operator has not brought every Deployment to the present spec"
  }

  /// What a restart waits for that nobody asked for now; nil where it may begin.
  /// - Parameters:
  ///   - certificate: the one whose end does not wait.
  ///   - isAskedFor: whether somebody wants it now, whatever the windows.
  func wait(before certificate: Certificate, isAskedFor: Bool) -> Wait? {
    certificate.isCritical(at: now) ? nil : busy ?? (isAskedFor ? nil : closed(before: certificate))
  }

  /// What a step in the replacement of an authority waits for; nil where it may begin.
  /// - Parameters:
  ///   - verification: the present state of the pods.
  ///   - trustedSince: since when the Secrets hold what they hold.
  ///   - overlap: how long clients have to take that up.
  func wait(
    beforeStepFrom certificate: Certificate,
    verification: Verification,
    trustedSince: Date,
    overlap: Duration,
    restartsPods: Bool,
    pods: [ObservedPod],
    isAskedFor: Bool
  ) -> Wait? {
    if let busy { return busy }
    let condition = verification.condition
    // Who switches verification off takes pods that are ready for proof.
    guard condition.status == .true || condition.reason == "HandshakesNotMade" else {
      return Wait(
        reason: "NotVerified",
        message: "until every pod is verified (\(condition.reason): \(condition.message))",
        isProgress: ["RollingOut", "WaitingForPods", "WaitingForHandshakes"].contains(condition.reason)
      )
    }
    // It may serve for long while it ends.
    if let pod = pods.first(where: { $0.isDeleting && $0.isReady && $0.digest != digest }) {
      let message = "until pod \(pod.name) has ended, which runs without the present certificate"
      return Wait(reason: "RolloutInProgress", message: message)
    }
    let loaded = trustedSince + Self.mountDelay
    if !restartsPods, let pod = pods.first(where: { !$0.isDeleting && $0.startedAt ?? .distantPast <= loaded }) {
      let message =
        "until somebody restarts pod \(pod.name), which has not taken up the present step (spec.rotation.restart is false)"
      return Wait(reason: "RestartIsOff", message: message)
    }
    let end = trustedSince + Double(overlap.components.seconds)
    if now < end {
      let message = "until \(end.kubernetesTime), for clients to take up their Secrets (spec.authority.overlap)"
      return Wait(reason: "Overlap", message: message, until: end)
    }
    return isAskedFor ? nil : closed(before: certificate)
  }

  private var busy: Wait? {
    if let hold { return Wait(reason: hold.reason, message: "while \(hold.field)") }
    return rollout.map { rollout in
      let message = "until the rollout that goes on has ended: \(rollout)"
      return Wait(reason: "RolloutInProgress", message: message, isProgress: true)
    }
  }

  private func closed(before certificate: Certificate) -> Wait? {
    let urgentTime = certificate.notAfter - max(Self.urgency, certificate.lifetime / 10)
    guard now < urgentTime, case .closed(let opening) = windows.state(at: now) else { return nil }
    let until = min(opening, urgentTime)
    let message =
      "until \(until.kubernetesTime), "
      + (until == opening
        ? "when a window of spec.rotation.windows opens" : "when it cannot wait for a window any longer")
    return Wait(reason: "OutsideWindow", message: message, until: until)
  }
}

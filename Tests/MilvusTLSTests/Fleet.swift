import Foundation
import JSON
import PKI
import Testing

@testable import MilvusTLS

/// A Milvus with pods that each load the Secret as it is when they start, as Milvus does, and with clients that read
/// theirs now and then: whoever meets whom has to trust them.
struct Fleet {
  typealias Contents = ObservedSecret.CertificateContents

  struct Pod {
    var name: String
    let component: String
    /// The annotation of the template that it was made from.
    let digest: String
    /// What it loaded when it started.
    var loaded: Contents
    var restarts = 0
  }

  enum Checks {
    case all
    /// Who trusts whom, whatever has expired: pods may not be restarted.
    case trust
    /// Everything has expired.
    case nothing
  }

  /// What a client's Secret held, and until when.
  private struct Reading {
    let contents: Contents
    var end: Date?
  }

  var world: World
  private(set) var pods: [Pod] = []
  /// When rollouts were told to milvus-operator.
  private(set) var rolloutTimes: [Date] = []
  /// Certificates that were issued, authorities' included.
  private(set) var issued = 0
  /// What went wrong.
  private(set) var faults: [String] = []
  /// Whether milvus-operator does nothing for now.
  var isHeld = false
  private(set) var hasNoPods = false
  /// What certificates are held against.
  var checks = Checks.all
  /// How many more actions the operator carries out before it is killed; nil: it lives.
  var actionsUntilDeath: Int?
  /// Keys of authorities that were there first, or put beside a former one before they took over.
  private var announced: Set<String> = []
  /// Leaves that had to be made anew when the only authority left was one that came without announcement: nobody trusts
  /// these yet.
  private var forced: Set<String> = []
  private var readings: [String: [Reading]] = [:]
  private var reasons: Set<CertificateViolation.Reason> = []
  private var wasCritical = false
  /// Whether the authority is one that somebody put there.
  private var isAskedFor = false
  private var podsMade = 0
  var looks = 0
  private var judged: [[String]: Bool] = [:]
  private let components = ["proxy", "proxy", "querynode"]

  init(_ spec: JSONValue, now: Date = World.now) throws {
    world = World(spec: ["mode": "cluster"], now: now)
    world.addMilvusTLS(["metadata": ["name": "my-release"], "spec": spec])
    world.holdsRollouts = true
    try reconcile()
    try roll()
    let isVerified = world.condition("Verified")?.prefix(2).contains { ["True", "HandshakesNotMade"].contains($0) }
    if isVerified != true { faults.append("not verified at first") }
  }

  var now: Date { world.observation.now }
  var rollouts: Int { rolloutTimes.count }

  /// The authorities that pods and clients trust, by their names.
  var trusted: [String] {
    (pods.map(\.loaded) + ["certs", "certs-client"].compactMap { contents(of: $0) }).flatMap(\.authorities)
      .map(\.subject.commonName)
  }

  mutating func fault(_ text: String) { faults.append("\(now.kubernetesTime): \(text)") }

  // MARK: The operator

  /// What the operator does until nothing is left to do, or it is killed.
  mutating func reconcile() throws {
    for _ in 0..<30 {
      let plan = world.plan
      for action in plan.actions {
        guard actionsUntilDeath != 0 else { return }
        actionsUntilDeath = actionsUntilDeath.map { $0 - 1 }
        try perform(action)
      }
      guard plan.actions.isEmpty else { continue }
      let hasStatuses = try world.writeStatuses(plan)
      guard answer(plan) || hasStatuses else { return }
    }
    fault("does not settle: \(world.plan.actions)")
  }

  private mutating func perform(_ action: TLSPlan.Action) throws {
    note(action)
    let former: Contents? =
      if case .writeCertificate(let write) = action { contents(of: write.desired.secretName) } else { nil }
    try world.perform(action)
    world.actions = []
    if case .writeCertificate(let write) = action { try noteForced(write, former: former) }
    readSecrets()
    check()
  }

  private mutating func note(_ action: TLSPlan.Action) {
    switch action {
    case .writeCertificate(let write):
      if write.violation.keeps != .certificate { issued += 1 }
      guard write.desired.role == .server else { return }
      reasons.insert(write.violation.reason)
      let key = try? write.rotation?.issuer.certificate.publicKeyFingerprint()
      isAskedFor = isAskedFor || !announced.contains(key ?? "")
      if let loaded = contents(of: "certs") {
        wasCritical = wasCritical || RenewalSchedule.isCritical(loaded.certificate, at: now)
      }
    case .changeAuthority(.introduce, _): issued += 1
    case .changeAuthority(.promote, let secret):
      if let key = try? secret.next?.publicKeyFingerprint() { announced = [key] }
    case .patchMilvus:
      rolloutTimes.append(now)
      let ownInitiative: Set<CertificateViolation.Reason> = [
        .renewalDue, .trustChanged, .authorityChanged, .rotationRequested, .durationChanged,
      ]
      if isRollingOut, reasons.isSubset(of: ownInitiative), !reasons.isEmpty, !wasCritical, !isAskedFor {
        fault("a rollout upon a rollout for \(reasons)")
      }
      (reasons, wasCritical, isAskedFor) = ([], false, false)
    default: break
    }
  }

  private mutating func noteForced(_ write: TLSPlan.CertificateWrite, former: Contents?) throws {
    guard let issuer = write.rotation?.issuer.certificate else { return }
    let key = try issuer.publicKeyFingerprint()
    let isAlone = podsMade == 0 || (!pods.isEmpty && pods.allSatisfy { $0.loaded.authorities == [issuer] })
    if isAlone || !announced.contains(key) { announced = isAlone ? [key] : [] }
    let hadToGo = former.map {
      RenewalSchedule.isCritical($0.certificate, at: now) || forced.contains($0.certificate.sha256Fingerprint)
    }
    guard write.violation.timing == .damage || hadToGo ?? true, !announced.contains(key),
      let contents = contents(of: write.desired.secretName)
    else { return }
    forced.insert(contents.certificate.sha256Fingerprint)
  }

  /// Has handshakes and logs tell what the pods are like.
  private mutating func answer(_ plan: TLSPlan) -> Bool {
    var hasNews = false
    for endpoint in plan.evidence.handshakes?.endpoints ?? []
    where world.observation.evidence.handshakes[endpoint.memoryKey] == nil {
      let pod = pods.first { $0.name == endpoint.podName }
      let isGood = pod?.loaded.certificate.sha256Fingerprint == endpoint.certificate
      world.observation.evidence.handshakes[endpoint.memoryKey] =
        isGood ? .confirmed(evidence: "yes") : .refuted(evidence: "another certificate")
      hasNews = true
    }
    for pod in plan.evidence.logs {
      world.observation.evidence.logs[pod.run] = .confirmed(evidence: "[value=true]")
      hasNews = true
    }
    return hasNews
  }

  // MARK: milvus-operator and kubelet

  /// The annotation of the present template.
  var template: String? {
    world.milvus[path: "spec", "components", "podAnnotations"]?["tls.milvus.io/certificate"]?.string
  }

  var isRollingOut: Bool {
    pods.contains { $0.digest != template } || (!isHeld && !hasNoPods && pods.count < components.count)
  }

  /// Brings one pod to the present template: the new one comes up before the old one goes.
  mutating func rollOne() throws {
    guard !isHeld, let template else { return }
    if let old = pods.firstIndex(where: { $0.digest != template }) {
      guard start(pods[old].component, template) else { return }
      check()
      remove(pods.remove(at: old))
    } else if let component = missingComponent {
      start(component, template)
    }
    if !isRollingOut {
      checks = .all
      world.finishRollout()
    }
    check()
    try reconcile()
  }

  mutating func roll() throws {
    for _ in 0...components.count where isRollingOut { try rollOne() }
    guard !isHeld else { return }
    checks = .all
    world.finishRollout()
    try reconcile()
  }

  private var missingComponent: String? {
    var missing = components
    for pod in pods { missing.firstIndex(of: pod.component).map { _ = missing.remove(at: $0) } }
    return missing.first
  }

  /// - Returns: false where the Secret is not there, or Milvus could not start with it.
  @discardableResult
  private mutating func start(_ component: String, _ template: String) -> Bool {
    guard let loaded = contents(of: "certs") else { return false }
    podsMade += 1
    let pod = Pod(name: "\(component)-\(podsMade)", component: component, digest: template, loaded: loaded)
    pods.append(pod)
    show(pod)
    return true
  }

  private mutating func show(_ pod: Pod) {
    world.addPod(
      pod.name,
      digest: pod.digest,
      restartCount: pod.restarts,
      component: pod.component,
      address: "10.0.0.\(pod.name.split(separator: "-").last ?? "")"
    )
  }

  private mutating func remove(_ pod: Pod) {
    world.observation.pods.removeAll { $0.name == pod.name }
    world.observation.evidence.logs = world.observation.evidence.logs.filter { $0.key.podUID != "uid-of-" + pod.name }
    world.observation.evidence.handshakes = world.observation.evidence.handshakes.filter {
      !$0.key.hasPrefix(pod.name + "/")
    }
  }

  /// A pod's container fails and is started again, with what the Secret holds now.
  mutating func crash(_ index: Int) throws {
    guard pods.indices.contains(index), let loaded = contents(of: "certs") else { return }
    pods[index].loaded = loaded
    pods[index].restarts += 1
    show(pods[index])
    check()
    try reconcile()
  }

  /// Pauses the Milvus, or goes on with it.
  mutating func hold(_ isHeld: Bool) throws {
    self.isHeld = isHeld
    world.setMilvus { $0[JSONPointer(["spec", "components", "paused"])] = isHeld ? true : nil }
    try reconcile()
    if !isRollingOut { try roll() }
  }

  /// Takes all pods away, or lets them come back.
  mutating func scale(toZero isZero: Bool) throws {
    hasNoPods = isZero
    world.setMilvus { $0[JSONPointer(["spec", "components", "proxy", "replicas"])] = isZero ? 0 : nil }
    if isZero {
      for pod in pods { remove(pod) }
      pods = []
    }
    try reconcile()
    try roll()
  }

  // MARK: Clients

  private func contents(of secret: String) -> Contents? {
    guard case .certificate(let contents) = world.observation.secrets[secret]?.contents else { return nil }
    return contents
  }

  private mutating func readSecrets() {
    for (name, secret) in world.observation.secrets where secret.role == .client {
      guard let contents = contents(of: name), readings[name]?.last?.contents != contents else { continue }
      end(name)
      readings[name, default: []].append(Reading(contents: contents))
    }
    for name in readings.keys where world.observation.secrets[name] == nil { end(name) }
  }

  private mutating func end(_ name: String) {
    guard let last = readings[name]?.indices.last, readings[name]?[last].end == nil else { return }
    let date = now
    readings[name]?[last].end = date
  }

  /// Clients read their Secrets now.
  mutating func readAnew() {
    for name in readings.keys { readings[name]?.removeAll { $0.end != nil } }
  }

  private var overlap: TimeInterval {
    let text = world.milvusTLS?.spec[path: "authority", "overlap"]?.string ?? "24h"
    return TimeInterval(Duration(kubernetes: text)?.components.seconds ?? 0)
  }

  /// What clients may have read that read their Secret anew as often as the overlap says.
  private mutating func read() -> [Contents] {
    let (now, overlap) = (now, overlap)
    for name in readings.keys {
      readings[name]?.removeAll { $0.end.map { now >= $0 + overlap } ?? false }
    }
    return readings.keys.sorted().flatMap { readings[$0] ?? [] }.map(\.contents)
  }

  // MARK: Who trusts whom

  mutating func check() {
    let clients = read()
    for pod in pods {
      for other in pods { check(pod.loaded, .server, trusting: other.loaded, "pod \(pod.name) by pod \(other.name)") }
      for client in clients {
        let name = client.certificate.subject.commonName
        check(pod.loaded, .server, trusting: client, "pod \(pod.name) by client \(name)")
        check(client, .client, trusting: pod.loaded, "client \(name) by pod \(pod.name)")
      }
    }
  }

  private mutating func check(_ leaf: Contents, _ purpose: Purpose, trusting peer: Contents, _ who: String) {
    guard checks != .nothing, !forced.contains(leaf.certificate.sha256Fingerprint) else { return }
    if checks == .trust {
      guard !(peer.authorities + leaf.intermediates).contains(where: leaf.certificate.isIssued) else { return }
      return fault("\(who): issued by \(leaf.certificate.issuer), trusted are \(peer.authorities)")
    }
    guard leaf.certificate.notBefore <= now, now < leaf.certificate.notAfter else {
      return fault(
        "\(who): \(leaf.certificate.notBefore.kubernetesTime) to \(leaf.certificate.notAfter.kubernetesTime)"
      )
    }
    // The same question has the same answer until a date has passed.
    let dated = (leaf.intermediates + peer.authorities).map {
      "\($0.sha256Fingerprint) \($0.notBefore <= now && now < $0.notAfter)"
    }
    let key = [leaf.certificate.sha256Fingerprint, purpose == .server ? "server" : "client"] + dated
    let verdict = judged[key] ?? verify(leaf, purpose, trusting: peer)
    judged[key] = verdict
    guard !verdict else { return }
    let (issuer, trusted) = (leaf.certificate.issuer.commonName, peer.authorities.map(\.subject.commonName))
    fault("\(who): issued by \(issuer), trusted are \(trusted)")
  }

  private func verify(_ leaf: Contents, _ purpose: Purpose, trusting peer: Contents) -> Bool {
    let check: ()? = try? ChainVerifier.verify(
      leaf: leaf.certificate,
      intermediates: leaf.intermediates,
      authorities: peer.authorities,
      purpose: purpose,
      at: now
    )
    return check != nil
  }
}

extension World {
  /// - Returns: whether there was anything to write.
  fileprivate mutating func writeStatuses(_ plan: TLSPlan) throws -> Bool {
    for status in plan.statuses { try perform(.writeStatus(status)) }
    actions = []
    return !plan.statuses.isEmpty
  }

  /// milvus-operator tells that every Deployment is as the Milvus says.
  fileprivate mutating func finishRollout() {
    holdsRollouts = false
    setMilvus { _ in }
    holdsRollouts = true
  }
}

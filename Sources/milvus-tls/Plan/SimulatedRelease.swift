import Foundation
import JSON
import Kubernetes
import KubernetesRuntime
import MilvusTLS
import Operator
import PKI

/// A copy of a release in memory, on which plans are carried out as the operator, the API server and milvus-operator
/// would. Nothing leaves it: certificates are issued as for the cluster and are forgotten with it.
struct SimulatedRelease {
  private(set) var observation: Observation
  private(set) var milvus: JSONValue
  private var milvusTLS: [String: JSONValue]
  /// The Secrets that the operator manages.
  private var secrets: [String: JSONValue]
  private var pods: [JSONValue]
  /// Secrets and ConfigMaps of others are read from the cluster.
  private let release: Release
  /// The last resourceVersion, and the last pod.
  private var revision = 0

  /// Reads a release.
  /// - Parameter release: by the name of its Milvus or of its MilvusTLS.
  /// - Throws: `CommandFailure` if there is no such Milvus; `KubernetesError`.
  init(reading release: Release, now: Date) async throws {
    self.release = release
    let objects = try await ReleaseObjects(reading: release, now: now)
    (milvus, milvusTLS, secrets, pods) = (objects.milvus, objects.milvusTLS, objects.secrets, objects.pods)
    observation = objects.observation
    for milvusTLS in observation.milvusTLS { observation.evidence.merge(milvusTLS.status.evidence) }
  }

  var now: Date {
    get { observation.now }
    set { observation.now = newValue }
  }

  var plan: TLSPlan { TLSPlanner.plan(observation) }

  /// When the operator would look again for another reason than to repeat handshakes; nil for never.
  var wakeUp: Date? {
    var quiet = observation
    let checks: JSONValue = ["spec": ["verification": ["handshake": false, "plaintext": false]]]
    quiet.milvusTLS = milvusTLS.values.compactMap { ObservedMilvusTLS($0.merging(checks)) }
    let plan = TLSPlanner.plan(quiet)
    return plan.actions.isEmpty ? plan.wakeUp : self.plan.wakeUp
  }
}

// MARK: The operator

extension SimulatedRelease {
  /// Carries out one action of a plan.
  /// - Throws: `CommandFailure` where only others know the outcome; `PKIError`; `KubernetesError`.
  mutating func perform(_ action: TLSPlan.Action) async throws {
    switch action {
    case .createMilvusTLS(var object):
      revision += 1
      object["metadata"] = object["metadata"]?.merging([
        "uid": .string("simulated-\(revision)"), "generation": 1, "creationTimestamp": .string(now.kubernetesTime),
      ])
      keep(milvusTLS: object)
    case .updateMilvusTLS(let name, let patch): change(milvusTLS: name, ["spec": patch["spec"] ?? [:]])
    case .writeStatus(let status): write(status)
    case .lookUp(let names):
      for name in names { try await lookUp(name) }
    case .lookUpConfigMaps(let names):
      for name in names {
        let object = try await release.find(.configMaps, name)
        observation.configMaps.updateValue(object.flatMap(ObservedConfigMap.init), forKey: name)
      }
    case .applyCertificate, .deleteCertificate: throw ForecastEnd.certManager
    case .adopt(let secret): try patch(secret) { $0.adoption(by: $1) }
    case .release(let secret):
      try patch(secret) { $0.release(by: $1) }
      guard let object = secrets.removeValue(forKey: secret.name), let released = ObservedSecret(object) else { return }
      observation.secrets[secret.name] = nil
      observation.unmanagedVersions[secret.name] = released.resourceVersion
      observation.unmanagedSecrets[secret.name] = released
    case .writeCertificate(let write): try issue(write)
    case .changeAuthority(let change, let secret):
      let present = secrets[secret.name] ?? [:]
      keep(secret: present.merging(try change.patch(of: present, now: now)))
    case .delete(let secret):
      secrets[secret.name] = nil
      observation.secrets[secret.name] = nil
    case .patchMilvus(let patch, _): change(milvus: patch)
    }
  }

  /// Writes a status.
  mutating func write(_ status: TLSPlan.StatusChange) {
    change(milvusTLS: status.milvusTLS, ["status": status.patch["status"] ?? [:]])
  }

  /// Has every check of the pods that a plan asks for succeed.
  /// - Returns: whether there was one.
  mutating func confirm(_ request: EvidenceRequest) -> Bool {
    var hasNews = false
    let assumed = Verdict.confirmed(evidence: "assumed by the forecast")
    for endpoint in request.handshakes?.endpoints ?? []
    where observation.evidence.handshakes[endpoint.memoryKey] == nil {
      observation.evidence.handshakes[endpoint.memoryKey] = assumed
      hasNews = true
    }
    for pod in request.logs where observation.evidence.logs[pod.run] == nil {
      observation.evidence.logs[pod.run] = assumed
      hasNews = true
    }
    return hasNews
  }

  private mutating func issue(_ write: TLSPlan.CertificateWrite) throws {
    guard let owner = observation.milvus else { return }
    let standing = secrets[write.desired.secretName]
    let secret = try CertificateIssuer.secret(
      for: write,
      authority: write.authoritySecret.map { secrets[$0] ?? [:] },
      old: write.violation.keeps == .nothing ? nil : standing,
      owner: owner,
      now: now
    )
    keep(secret: write.replacing == nil ? secret : (standing ?? [:]).merging(secret))
  }

  private mutating func patch(
    _ secret: ObservedSecret,
    _ patch: (ObservedSecret, ObservedMilvus) -> JSONValue?
  ) throws {
    guard let owner = observation.milvus, let patch = patch(secret, owner), let present = secrets[secret.name] else {
      return
    }
    keep(secret: present.merging(patch))
  }

  private mutating func lookUp(_ name: String) async throws {
    // One that is gone is one that the next list would not have.
    guard let object = try await release.find(.secrets, name), let secret = ObservedSecret(object) else {
      observation.unmanagedVersions[name] = nil
      return
    }
    observation.unmanagedVersions[name] = secret.resourceVersion
    observation.unmanagedSecrets[name] = secret
  }
}

// MARK: The API server and milvus-operator

extension SimulatedRelease {
  /// Has milvus-operator finish the rollout that is due, if it may.
  /// - Returns: how many pods restart; nil if none is due.
  mutating func rollOut() -> Int? {
    guard let observed = observation.milvus, !observed.isHeld else { return nil }
    let digest = milvus[path: "spec", "components", "podAnnotations"]?[Annotations.certificate]?.string
    let isDue = !observed.isRolledOut || observation.pods.contains { $0.digest != digest && !$0.isDeleting }
    guard isDue else { return nil }
    pods = pods.filter { $0[path: "metadata", "deletionTimestamp"] == nil }.map { restarted($0, digest: digest) }
    observation.pods = pods.compactMap(ObservedPod.init)
    milvus[JSONPointer(["status", "observedGeneration"])] = .integer(observed.generation)
    if let conditions = milvus[path: "status", "conditions"]?.array {
      milvus[JSONPointer(["status", "conditions"])] = .array(
        conditions.map { $0["type"]?.string == "MilvusUpdated" ? $0.merging(["status": "True"]) : $0 }
      )
    }
    observation.milvus = ObservedMilvus(milvus)
    return pods.count
  }

  private mutating func restarted(_ pod: JSONValue, digest: String?) -> JSONValue {
    revision += 1
    var pod = pod
    pod[JSONPointer(["metadata", "uid"])] = .string("simulated-\(revision)")
    pod[JSONPointer(["metadata", "annotations", Annotations.certificate])] = digest.map(JSONValue.string)
    let statuses = pod[path: "status", "containerStatuses"]?.array ?? []
    pod[JSONPointer(["status", "containerStatuses"])] = .array(
      statuses.map { status in
        var status = status
        status["state"] = ["running": ["startedAt": .string(now.kubernetesTime)]]
        return status.merging(["restartCount": 0, "lastState": .null])
      }
    )
    let conditions = pod[path: "status", "conditions"]?.array ?? []
    pod[JSONPointer(["status", "conditions"])] = .array(
      conditions.map { $0["type"]?.string == "Ready" ? $0.merging(["status": "True"]) : $0 }
    )
    return pod
  }

  private mutating func change(milvus patch: JSONValue) {
    var next = milvus.merging(patch)
    if next["spec"] != milvus["spec"] {
      let generation = milvus[path: "metadata", "generation"]?.integer ?? 0
      next[JSONPointer(["metadata", "generation"])] = .integer(generation + 1)
    }
    milvus = stamped(next)
    observation.milvus = ObservedMilvus(milvus)
  }

  private mutating func change(milvusTLS name: String, _ patch: JSONValue) {
    guard let present = milvusTLS[name] else { return }
    var next = present.merging(patch)
    if next["spec"] != present["spec"] {
      let generation = present[path: "metadata", "generation"]?.integer ?? 0
      next[JSONPointer(["metadata", "generation"])] = .integer(generation + 1)
    }
    keep(milvusTLS: next)
  }

  private mutating func keep(milvusTLS object: JSONValue) {
    let object = stamped(object)
    guard let observed = ObservedMilvusTLS(object) else { return }
    milvusTLS[observed.name] = object
    observation.milvusTLS = milvusTLS.values.compactMap(ObservedMilvusTLS.init)
  }

  private mutating func keep(secret object: JSONValue) {
    var object = object
    // The operator is the one who wrote it last.
    object[JSONPointer(["metadata", "managedFields"])] = nil
    object = stamped(object)
    guard let observed = ObservedSecret(object) else { return }
    secrets[observed.name] = object
    observation.secrets[observed.name] = observed
  }

  private mutating func stamped(_ object: JSONValue) -> JSONValue {
    revision += 1
    var object = object
    object[JSONPointer(["metadata", "resourceVersion"])] = .string("simulated-\(revision)")
    return object
  }
}

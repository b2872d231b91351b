import Foundation
import JSON
import PKI
import Testing

@testable import MilvusTLS

/// A cluster of values: applies plans as a server would, so that whole stories run without one.
struct World {
  var observation: Observation
  var milvus: JSONValue
  /// Every action carried out, in order.
  var actions: [TLSPlan.Action] = []
  /// Counts what a test counts.
  var generation = 0
  /// Whether milvus-operator takes its time with what it is told.
  var holdsRollouts = false
  /// Secrets that exist and that only a look-up brings.
  var unwatched: [String: ObservedSecret] = [:]
  /// ConfigMaps that exist.
  var configMaps: [String: ObservedConfigMap] = [:]
  private(set) var objects: [String: JSONValue] = [:]
  private var revision = 100

  static let now = Date(timeIntervalSince1970: 1_800_000_000)

  init(annotations: [String: String] = [:], spec: JSONValue = [:], name: String = "my-release", now: Date = Self.now) {
    milvus = [
      "apiVersion": "milvus.io/v1beta1", "kind": "Milvus",
      "metadata": [
        "name": .string(name), "namespace": "default", "uid": .string("uid-of-\(name)"), "resourceVersion": "1",
        "annotations": .object(annotations.mapValues(JSONValue.string)),
      ],
      "spec": spec,
    ]
    observation = Observation(now: now, milvus: ObservedMilvus(milvus))
    observation.certManager = .notInstalled
  }

  mutating func setMilvus(_ change: (inout JSONValue) -> Void) {
    var object = milvus
    change(&object)
    var generation = object[path: "metadata", "generation"]?.integer ?? 1
    if object["spec"] != milvus["spec"] { generation += 1 }
    object[JSONPointer(["metadata", "generation"])] = .integer(generation)
    if !holdsRollouts { object[JSONPointer(["status", "observedGeneration"])] = .integer(generation) }
    observation.milvus = ObservedMilvus(stamped(&object))
    milvus = object
  }

  var milvusTLS: ObservedMilvusTLS? { observation.milvusTLS.first }

  var plan: TLSPlan { TLSPlanner.plan(observation) }

  func condition(_ type: String, of name: String? = nil) -> [String]? {
    let milvusTLS = name == nil ? milvusTLS : observation.milvusTLS.first { $0.name == name }
    return ConditionType(rawValue: type).flatMap { milvusTLS?.status.condition($0) }.map { condition in
      [condition.status.rawValue, condition.reason, condition.message]
    }
  }

  /// Whether a note is True: one that has ended is False, or was never there.
  func notes(_ type: String) -> Bool { condition(type)?[0] == "True" }

  func certificate(in secret: String) -> Certificate? {
    guard case .certificate(let contents) = observation.secrets[secret]?.contents else { return nil }
    return contents.certificate
  }

  /// Carries out plans until one is empty.
  /// - Returns: false when that does not happen.
  @discardableResult
  mutating func settle() throws -> Bool {
    for _ in 0..<20 {
      let plan = plan
      for action in plan.actions { try perform(action) }
      guard plan.actions.isEmpty else { continue }
      for status in plan.statuses {
        guard let old = observation.milvusTLS.first(where: { $0.name == status.milvusTLS }) else { continue }
        write(milvusTLS: ["status": status.patch["status"] ?? [:]], over: old)
      }
      if plan.statuses.isEmpty { return true }
    }
    return false
  }

  mutating func perform(_ action: TLSPlan.Action) throws {
    actions.append(action)
    switch action {
    case .createMilvusTLS(let object): addMilvusTLS(object)
    case .updateMilvusTLS(_, let patch):
      if let milvusTLS { write(milvusTLS: ["spec": patch["spec"] ?? [:]], over: milvusTLS) }
    case .deleteCertificate(let certificate):
      guard case .installed(var certificates) = observation.certManager else { return }
      certificates[certificate.name] = nil
      observation.certManager = .installed(certificates)
    case .patchMilvus(let patch, _):
      let isFresh = patch[path: "metadata", "resourceVersion"] == milvus[path: "metadata", "resourceVersion"]
      guard isFresh else { throw FieldError(field: "resourceVersion", problem: "stale") }
      setMilvus { $0 = $0.merging(patch) }
    case .writeCertificate(let write): try issue(write)
    case .changeAuthority(let change, let secret):
      let present = try #require(objects[secret.name])
      self.change(secret, try change.patch(of: present, now: observation.now))
    case .delete(let secret):
      objects[secret.name] = nil
      observation.secrets[secret.name] = nil
    case .lookUp(let names):
      actions.removeLast()
      for name in names { observation.unmanagedSecrets[name] = unwatched[name] }
    case .lookUpConfigMaps(let names):
      actions.removeLast()
      for name in names { observation.configMaps.updateValue(configMaps[name], forKey: name) }
    case .writeStatus(let change):
      if let milvusTLS { write(milvusTLS: ["status": change.patch["status"] ?? [:]], over: milvusTLS) }
    case .applyCertificate(let certificate, _):
      var object = certificate
      let observed = CertManagerCertificate(stamped(&object))
      if let observed { keep(observed) }
    case .release(let secret):
      observation.secrets[secret.name] = nil
      let patch = try #require(observation.milvus.flatMap(secret.release))
      let released = try #require(objects[secret.name]).merging(patch)
      objects[secret.name] = nil
      var object = released
      let observed = try #require(ObservedSecret(stamped(&object)))
      observation.unmanagedVersions[secret.name] = observed.resourceVersion
      observation.unmanagedSecrets[secret.name] = observed
    case .adopt(let secret):
      observation.secrets[secret.name] = nil
      let patch = try #require(observation.milvus.flatMap(secret.adoption))
      keep(try #require(objects[secret.name]).merging(patch))
    }
  }

  mutating func keep(_ certificate: CertManagerCertificate) {
    guard case .installed(var certificates) = observation.certManager else { return }
    certificates[certificate.name] = certificate
    observation.certManager = .installed(certificates)
  }

  mutating func addMilvusTLS(_ object: JSONValue) {
    var object = object
    object["metadata"] = object["metadata"]?.merging([
      "uid": .string("uid-of-tls-\(revision)"), "generation": 1, "namespace": "default",
      "creationTimestamp": .string(observation.now.kubernetesTime),
    ])
    if let observed = ObservedMilvusTLS(stamped(&object)) { observation.milvusTLS.append(observed) }
  }

  /// Merges into the specification, as its author would.
  mutating func respecify(_ spec: JSONValue) {
    if let milvusTLS { write(milvusTLS: ["spec": spec], over: milvusTLS) }
  }

  private mutating func write(milvusTLS patch: JSONValue, over old: ObservedMilvusTLS) {
    var object: JSONValue = [
      "metadata": [
        "name": .string(old.name), "namespace": .string(old.namespace), "uid": .string(old.uid),
        "generation": .integer(patch["spec"] == nil ? old.generation : old.generation + 1),
        "creationTimestamp": .string(old.creationTimestamp),
        "labels": old.isManaged ? ["app.kubernetes.io/managed-by": "milvus-tls-operator"] : [:],
      ], "spec": old.spec, "status": old.status.json,
    ]
    object = object.merging(patch)
    // As the definition has it: one condition a type.
    let types = object[path: "status", "conditions"]?.array?.compactMap { $0["type"]?.string } ?? []
    if Set(types).count < types.count { Issue.record("conditions \(types)") }
    observation.milvusTLS.removeAll { $0.uid == old.uid }
    if let observed = ObservedMilvusTLS(stamped(&object)) { observation.milvusTLS.append(observed) }
  }

  private mutating func issue(_ write: TLSPlan.CertificateWrite) throws {
    let standing = objects[write.desired.secretName]
    let secret = try CertificateIssuer.secret(
      for: write,
      authority: try write.authoritySecret.map { try #require(objects[$0]) },
      old: write.violation.keeps == .nothing ? nil : standing,
      owner: try #require(observation.milvus),
      now: observation.now
    )
    var next = write.replacing == nil ? secret : (standing ?? [:]).merging(secret)
    // Whoever writes a field last owns it.
    next[JSONPointer(["metadata", "managedFields"])] = nil
    keep(next)
    let written = observation.secrets[write.desired.secretName]
    if let violation = write.desired.violation(in: written, rotation: write.rotation, now: observation.now) {
      Issue.record("\(write.desired.secretName) is not what was asked for: \(violation)")
    }
  }

  private mutating func change(_ secret: ObservedSecret, _ patch: JSONValue) {
    keep((objects[secret.name] ?? [:]).merging(patch))
  }

  mutating func addSecret(
    _ name: String,
    role: String?,
    data: [String: String],
    milvus: String? = nil,
    owner: String? = nil,
    rotation: String? = nil
  ) {
    let own = observation.milvus?.name ?? ""
    var labels: JSONValue = [:]
    if let role {
      labels = [
        "app.kubernetes.io/managed-by": "milvus-tls-operator", "tls.milvus.io/milvus": .string(milvus ?? own),
        "tls.milvus.io/role": .string(role),
      ]
    }
    let annotations: JSONValue = rotation.map { ["tls.milvus.io/rotate": .string($0)] } ?? [:]
    let object: JSONValue = [
      "metadata": [
        "name": .string(name), "namespace": "default", "labels": labels, "annotations": annotations,
        "ownerReferences": owner == "" ? [] : [["kind": "Milvus", "uid": .string(owner ?? "uid-of-\(milvus ?? own)")]],
      ],
      "data": .object(data.mapValues { .string(Data($0.utf8).base64EncodedString()) }),
    ]
    keep(object)
  }

  /// The decoded files of a Secret.
  func data(of secret: String) -> [String: String]? {
    objects[secret]?["data"]?.object?.compactMapValues { value in
      value.string.flatMap { Data(base64Encoded: $0) }.map { String(decoding: $0, as: UTF8.self) }
    }
  }

  /// Changes a Secret behind the operator's back, or deletes it.
  mutating func tamper(_ name: String, _ change: (inout JSONValue) -> JSONValue?) {
    guard var object = objects[name] else { return }
    if let changed = change(&object) { return keep(changed) }
    objects[name] = nil
    observation.secrets[name] = nil
  }

  /// Takes the owner references off a Secret, as some backups do.
  mutating func orphan(_ name: String) {
    guard var object = objects[name] else { return }
    object[JSONPointer(["metadata", "ownerReferences"])] = nil
    keep(object)
  }

  private mutating func keep(_ object: JSONValue) {
    var object = object
    guard let secret = ObservedSecret(stamped(&object)) else { return }
    objects[secret.name] = object
    // Of what others wrote, the watch brings metadata alone.
    guard !secret.isManaged, secret.otherWriters.isEmpty else { return observation.secrets[secret.name] = secret }
    unwatched[secret.name] = secret
    observation.unmanagedVersions[secret.name] = secret.resourceVersion
  }

  mutating func addPod(
    _ name: String,
    uid: String? = nil,
    digest: String? = nil,
    isReady: Bool = true,
    restartCount: Int = 0,
    isDeleting: Bool = false,
    phase: String = "Running",
    component: String = "proxy",
    address: String? = nil,
    startedAt: Date? = nil,
    image: String? = nil,
    ports: [Int] = [],
    log: Verdict? = nil
  ) {
    let current = milvus[path: "spec", "components", "podAnnotations"]?["tls.milvus.io/certificate"]?.string
    let annotations: JSONValue = (digest ?? current).map { ["tls.milvus.io/certificate": .string($0)] } ?? [:]
    let running: JSONValue = startedAt.map { ["startedAt": .string($0.kubernetesTime)] } ?? [:]
    var object: JSONValue = [
      "metadata": [
        "name": .string(name), "namespace": "default", "uid": .string(uid ?? "uid-of-\(name)"),
        "labels": ["app.kubernetes.io/instance": "my-release", "app.kubernetes.io/component": .string(component)],
        "annotations": annotations,
      ],
      "spec": [
        "containers": [
          ["name": "sidecar", "ports": .array(ports.map { ["containerPort": .integer($0)] })],
          ["name": .string(component)],
        ]
      ],
      "status": [
        "phase": .string(phase),
        "conditions": [["type": "Ready", "status": isReady ? "True" : "False"]],
        "containerStatuses": [
          ["name": .string(component), "restartCount": .integer(restartCount), "state": ["running": running]]
        ],
      ],
    ]
    if isDeleting { object[JSONPointer(["metadata", "deletionTimestamp"])] = "2026-01-01T00:00:00Z" }
    if let image {
      object[JSONPointer(["spec", "containers"])] = [["name": .string(component), "image": .string(image)]]
    }
    object[JSONPointer(["status", "podIP"])] = address.map(JSONValue.string)
    let pod = ObservedPod(object)
    guard let pod else { return }
    observation.pods.removeAll { $0.name == name }
    observation.pods.append(pod)
    observation.evidence.logs[pod.run] = log
  }

  private mutating func stamped(_ object: inout JSONValue) -> JSONValue {
    revision += 1
    object[JSONPointer(["metadata", "resourceVersion"])] = .string(String(revision))
    return object
  }
}

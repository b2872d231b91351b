import Foundation
import JSON
import MilvusTLS
import PKI

/// What the operator would do with a Milvus: its plans, carried out on values until nothing is left to do.
struct Rehearsal {
  struct Outcome {
    /// The conditions of each MilvusTLS, by its name.
    var conditions: [(milvusTLS: String, condition: Condition)] = []
    var warning: TLSPlan.Warning?
    /// What is specified for clients.
    var external: ExternalMode?
    /// Secrets that were issued because nobody provides them.
    var issued: [String] = []
    /// What was added to the Milvus.
    var added: JSONValue = [:]
  }

  private static let maximumPlans = 20

  private var observation: Observation
  private var milvus: JSONValue
  private var milvusTLS: [String: JSONValue] = [:]
  private var secrets: [String: JSONValue] = [:]
  private let configMaps: [String: JSONValue]
  private var revision = 0
  private var outcome = Outcome()

  /// - Parameters:
  ///   - milvus: a Milvus as its author wrote it.
  ///   - milvusTLS: every MilvusTLS for it.
  ///   - secrets: Secrets of its namespace. The operator's own among them are left out: it makes them anew.
  init(milvus: JSONValue, milvusTLS: [JSONValue], secrets: [JSONValue], configMaps: [JSONValue], now: Date) {
    self.milvus = milvus
    self.configMaps = configMaps.reduce(into: [:]) { $0[$1[path: "metadata", "name"]?.string ?? ""] = $1 }
    observation = Observation(now: now, milvus: nil)
    observation.certManager = .installed([:])
    self.milvus = stored(milvus, kind: "milvus")
    observation.milvus = ObservedMilvus(self.milvus)
    for object in milvusTLS { keep(milvusTLS: object) }
    for object in secrets { keep(provided: object) }
  }

  /// Whether the Milvus requests TLS by itself.
  var isRequest: Bool {
    TLSPlanner.plan(observation).actions.contains { if case .createMilvusTLS = $0 { true } else { false } }
  }

  /// - Throws: `PKIError` if no certificate can be issued.
  mutating func run() throws -> Outcome {
    for _ in 0..<Self.maximumPlans {
      let plan = TLSPlanner.plan(observation)
      guard !plan.actions.isEmpty else {
        outcome.warning = plan.warning
        for change in plan.statuses {
          let status = MilvusTLSStatus(change.patch["status"] ?? [:])
          outcome.conditions += status.conditions.map { (change.milvusTLS, $0) }
          outcome.external = outcome.external ?? status.external
        }
        return outcome
      }
      for action in plan.actions where try !perform(action) { return outcome }
    }
    return outcome
  }

  /// - Returns: false for what concerns a running release alone.
  private mutating func perform(_ action: TLSPlan.Action) throws -> Bool {
    switch action {
    case .createMilvusTLS(let object): keep(milvusTLS: object)
    case .updateMilvusTLS(let name, let patch): keep(milvusTLS: (milvusTLS[name] ?? [:]).merging(patch))
    case .lookUpConfigMaps(let names):
      for name in names {
        observation.configMaps.updateValue(configMaps[name].flatMap(ObservedConfigMap.init), forKey: name)
      }
    case .applyCertificate(let certificate, _):
      guard let observed = CertManagerCertificate(stored(certificate, kind: "certificate")),
        case .installed(var certificates) = observation.certManager
      else { return false }
      certificates[observed.name] = observed
      observation.certManager = .installed(certificates)
    case .writeCertificate(let write):
      guard let owner = observation.milvus else { return false }
      let secret = try CertificateIssuer.secret(
        for: write,
        authority: write.authoritySecret.flatMap { secrets[$0] },
        old: secrets[write.desired.secretName],
        owner: owner,
        now: observation.now
      )
      outcome.issued.append(write.desired.secretName)
      keep(issued: secret)
    case .patchMilvus(let patch, _):
      milvus = stored(milvus.merging(patch), kind: "milvus")
      observation.milvus = ObservedMilvus(milvus)
      outcome.added = outcome.added.merging(patch)
    case .lookUp, .writeStatus: break
    case .deleteCertificate, .adopt, .release, .changeAuthority, .delete: return false
    }
    return true
  }

  private mutating func keep(milvusTLS object: JSONValue) {
    let object = stored(object, kind: "milvustls")
    guard let observed = ObservedMilvusTLS(object) else { return }
    milvusTLS[observed.name] = object
    observation.milvusTLS = observation.milvusTLS.filter { $0.name != observed.name } + [observed]
  }

  private mutating func keep(provided object: JSONValue) {
    let object = stored(object, kind: "secret")
    guard let observed = ObservedSecret(object), !observed.isManaged else { return }
    secrets[observed.name] = object
    observation.unmanagedVersions[observed.name] = observed.resourceVersion
    observation.unmanagedSecrets[observed.name] = observed
  }

  private mutating func keep(issued object: JSONValue) {
    let object = stored(object, kind: "secret")
    guard let observed = ObservedSecret(object) else { return }
    secrets[observed.name] = object
    observation.secrets[observed.name] = observed
  }

  /// An object as a server would hold it.
  private mutating func stored(_ object: JSONValue, kind: String) -> JSONValue {
    revision += 1
    var object = object
    let metadata = object["metadata"] ?? [:]
    object["metadata"] = metadata.merging([
      "namespace": metadata["namespace"] ?? .string(CheckedObject.defaultNamespace),
      "uid": metadata["uid"] ?? .string("uid-of-\(kind)-\(metadata["name"]?.string ?? "")"),
      "resourceVersion": .string("\(revision)"), "generation": .integer(1),
    ])
    // What a server reported of another time says nothing of the files.
    object["status"] = nil
    return object
  }
}

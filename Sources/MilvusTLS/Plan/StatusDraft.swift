import Foundation
import JSON
import PKI

/// The status of a MilvusTLS in the making; gives the write that brings the stored one to it.
struct StatusDraft {
  private let milvusTLS: ObservedMilvusTLS
  private let now: Date
  private var conditions: [Condition] = []
  private var notes: [Condition] = []
  private var sections: [String: JSONValue] = [:]

  init(_ milvusTLS: ObservedMilvusTLS, now: Date) {
    self.milvusTLS = milvusTLS
    self.now = now
    // What stands there about certificates and pods is still true when a later spec cannot be acted on.
    for section in [
      "external", "internal", "certificate", "authority", "clients", "pods", "endpoints", "reversions", "checkedSecret",
      "rollout",
    ] {
      sections[section] = milvusTLS.status[section]
    }
  }

  /// Notes something beside the conditions `Ready` and `Verified`.
  mutating func note(_ type: String, _ reason: String, _ message: String) {
    notes.append(Condition(type, .true, reason, message))
  }

  /// Notes that a Milvus has annotations that do not count beside a MilvusTLS that a person wrote.
  mutating func noteIgnoredAnnotations(_ annotations: [String: String], milvusTLS: String) {
    let ignored = [Names.externalAnnotation, Names.internalAnnotation].compactMap { name in
      annotations[name].map { "\(name): \($0.quoted)" }
    }
    guard !ignored.isEmpty else { return }
    let message = "of the Milvus are ignored: \(ignored.joined(separator: ", ")); MilvusTLS \(milvusTLS) decides"
    note("AnnotationsIgnored", "MilvusTLSDecides", "the annotations " + message)
  }

  /// Notes sections of the configuration that Milvus ignores where they stand.
  mutating func noteMisplaced(_ sections: [(field: String, place: String)]) {
    guard !sections.isEmpty else { return }
    let texts = sections.map { "\($0.field) is ignored by Milvus, its place is \($0.place)" }
    note("Misplaced", "IgnoredByMilvus", texts.joined(separator: "; "))
  }

  /// Notes that Milvus serves REST on another port than its Service leads to: milvus-operator has one field for both ends.
  mutating func noteUnreachableREST(_ ports: (milvus: String, service: String)?) {
    guard let ports else { return }
    note("RESTUnreachable", "PortsDiffer", "\(ports.service), and Milvus listens elsewhere: \(ports.milvus)")
  }

  /// Notes what waits, and for what.
  mutating func waits(_ wait: RotationGate.Wait, for what: String) {
    let message = "\(what); waits \(wait.message)"
    guard let index = notes.firstIndex(where: { $0.type == "RotationPending" }) else {
      return note("RotationPending", wait.reason, message)
    }
    let former = notes[index]
    notes[index] = Condition(former.type, .true, former.reason, former.message + "; " + message)
  }

  /// Notes where the replacement of an authority stands.
  mutating func noteReplacement(_ trust: Trust) {
    guard let step = trust.step else { return }
    let names = trust.trusted.map { $0.subject.commonName.quoted }.joined(separator: " and ")
    let message =
      step == .trustingBoth
      ? "step 1 of 3: everything is to trust \(names)"
      : "step 2 of 3: \(trust.issuer.certificate.subject.commonName.quoted) issues everything anew, \(names) are trusted"
    note("AuthorityRotating", step.rawValue, message)
  }

  /// Follows a rollout.
  /// - Parameter isNew: whether pods are there that it has not reached.
  /// - Returns: when it began; nil where none goes on.
  mutating func follow(rolloutTo digest: String, isNew: Bool) -> Date? {
    let stored = sections["rollout"]
    if stored?["digest"]?.string == digest, let since = stored?["since"]?.string {
      return try? Date(since, strategy: .iso8601)
    }
    guard isNew else { return nil }
    sections["rollout"] = ["digest": .string(digest), "since": .string(now.kubernetesTime)]
    return Date(timeIntervalSince1970: now.timeIntervalSince1970.rounded(.down))
  }

  mutating func endRollout() { sections["rollout"] = nil }

  /// Tells what is asked for, with what the specification leaves open resolved.
  mutating func asked(_ intent: TLSIntent) {
    sections["external"] = .string(intent.external.rawValue)
    sections["internal"] = .bool(intent.isInternalEnabled)
  }

  /// Whether the stored status says of the same specification that the Milvus is configured.
  var wasConfigured: Bool {
    guard let ready = milvusTLS.status.condition("Ready") else { return false }
    return ["Configured", "FieldsReverted"].contains(ready["reason"]?.string)
      && ready["observedGeneration"]?.integer == milvusTLS.generation
  }

  /// How often fields were taken out of the Milvus.
  var reversions: Reversions {
    get { Reversions(status: ["reversions": sections["reversions"] ?? .null]) }
    set { sections["reversions"] = newValue.json }
  }

  /// The write of the reversions alone.
  var reversionsChange: TLSPlan.StatusChange {
    TLSPlan.StatusChange(
      milvusTLS: milvusTLS.name,
      patch: [
        "metadata": ["resourceVersion": .string(milvusTLS.resourceVersion)],
        "status": ["reversions": sections["reversions"] ?? .null],
      ],
      transitions: []
    )
  }

  /// Tells which Secret of others is looked at, so that its change is known to concern this.
  mutating func looksAt(_ secretName: String) {
    sections["checkedSecret"] = .string(secretName)
  }

  /// Tells of a certificate of others that cannot be used, or not now, unless another one is in use.
  mutating func found(_ certificate: Certificate, in secretName: String, source: InstalledCertificates.Source) {
    let standing = sections["certificate"]?["secretName"]?.string
    guard standing == nil || standing == secretName else { return }
    let digest = sections["certificate"]?["digest"]
    sections["certificate"] = .certificate(certificate, in: secretName, source: source)
    sections["certificate"]?["digest"] = digest
  }

  mutating func notReady(_ obstacle: Obstacle) {
    conditions = [
      Condition("Ready", .false, obstacle.reason, obstacle.message),
      Condition("Verified", .unknown, "NotReady", "not verified while not ready"),
    ]
  }

  mutating func disabled(_ message: String = "no TLS is asked for") {
    conditions = [
      Condition("Ready", .true, "Disabled", message),
      Condition("Verified", .unknown, "Disabled", "no TLS is asked for"),
    ]
    for section in ["pods", "endpoints", "checkedSecret", "rollout"] { sections[section] = nil }
    // Somebody else's Secret is not in use any more.
    if sections["certificate"]?["source"]?.string != InstalledCertificates.Source.operator.rawValue {
      sections["certificate"] = nil
    }
  }

  /// - Parameter verified: the condition `Verified`.
  mutating func ready(
    _ installed: InstalledCertificates,
    digest: String,
    verification: Verification,
    verified: Condition
  ) {
    conditions = [
      Condition("Ready", .true, "Configured", "the certificates are in place and the Milvus is configured to use them"),
      verified,
    ]
    sections["checkedSecret"] = nil
    sections["certificate"] = .certificate(
      installed.server.certificate,
      in: installed.secretName,
      source: installed.source
    )
    sections["certificate"]?["digest"] = .string(digest)
    if let renewalTime = installed.renewalTime {
      sections["certificate"]?["renewalTime"] = .string(renewalTime.kubernetesTime)
    }
    sections["certificate"]?["rotation"] = installed.rotation.map(JSONValue.string)
    sections["authority"] = installed.authority?.status
    sections["clients"] = .array(
      installed.clients.map {
        [
          "name": .string($0.name), "secretName": .string($0.secretName),
          "notAfter": .string($0.certificate.notAfter.kubernetesTime),
        ]
      }
    )
    sections["pods"] = .array(verification.logs.read.map(JSONValue.podStatus))
    sections["endpoints"] = .array(verification.endpoints.map(JSONValue.endpointStatus))
  }

  /// The write; nil where the stored status says the same.
  var change: TLSPlan.StatusChange? {
    let stored = milvusTLS.status
    let conditions = conditions + notes
    var wanted = sections
    wanted["observedGeneration"] = .integer(milvusTLS.generation)
    wanted["conditions"] = .array(
      conditions.map {
        $0.json(previous: stored.condition($0.type), generation: milvusTLS.generation, now: now)
      }
    )
    guard let patch = stored.mergePatch(to: .object(wanted)) else { return nil }
    return TLSPlan.StatusChange(
      milvusTLS: milvusTLS.name,
      patch: ["metadata": ["resourceVersion": .string(milvusTLS.resourceVersion)], "status": patch],
      transitions: conditions.filter { condition in
        let previous = stored.condition(condition.type)
        return previous?["status"]?.string != condition.status.rawValue
          || previous?["reason"]?.string != condition.reason
          || (condition.status == .false && previous?["message"]?.string != condition.message)
      }
    )
  }
}

extension JSONValue {
  fileprivate static func certificate(
    _ certificate: Certificate,
    in secretName: String,
    source: InstalledCertificates.Source
  ) -> JSONValue {
    [
      "secretName": .string(secretName), "source": .string(source.rawValue),
      "serialNumber": .string(certificate.serialNumber),
      "notBefore": .string(certificate.notBefore.kubernetesTime),
      "notAfter": .string(certificate.notAfter.kubernetesTime),
      "dnsNames": .array(certificate.dnsNames.map(JSONValue.string)),
    ]
  }

  /// A pod's verdict as the status keeps it, so that no log is read twice.
  fileprivate static func podStatus(_ pod: ObservedPod, _ verdict: Verdict) -> JSONValue {
    [
      "name": .string(pod.name), "uid": .string(pod.uid), "container": .string(pod.container),
      "restartCount": .integer(pod.restartCount), "verdict": .string(verdict.status),
      "evidence": .string(verdict.text),
    ]
  }

  /// An endpoint's verdict as the status keeps it.
  fileprivate static func endpointStatus(_ endpoint: Endpoint, _ verdict: Verdict) -> JSONValue {
    [
      "name": .string(endpoint.name), "address": .string(endpoint.address), "podUID": .string(endpoint.run.podUID),
      "restartCount": .integer(endpoint.run.restartCount), "certificate": .string(endpoint.certificate),
      "verdict": .string(verdict.status), "evidence": .string(verdict.text),
    ]
  }
}

extension Verdict {
  fileprivate var status: String {
    switch self {
    case .confirmed: "True"
    case .refuted: "False"
    case .unknown: "Unknown"
    }
  }

  fileprivate var text: String {
    switch self {
    case .confirmed(let text), .refuted(let text), .unknown(let text): text
    }
  }

  fileprivate init(status: String?, text: String) {
    switch status {
    case "True": self = .confirmed(evidence: text)
    case "False": self = .refuted(evidence: text)
    default: self = .unknown(reason: text)
    }
  }
}

extension ObservedMilvusTLS {
  /// The verdicts on logs that the status keeps.
  public var verdicts: [ContainerRun: Verdict] {
    var verdicts: [ContainerRun: Verdict] = [:]
    for pod in status["pods"]?.array ?? [] {
      guard let uid = pod["uid"]?.string, let container = pod["container"]?.string,
        let restartCount = pod["restartCount"]?.integer, let evidence = pod["evidence"]?.string
      else { continue }
      let run = ContainerRun(podUID: uid, container: container, restartCount: restartCount)
      verdicts[run] = Verdict(status: pod["verdict"]?.string, text: evidence)
    }
    return verdicts
  }

  /// The verdicts on endpoints that the status keeps, by `Endpoint.memoryKey`.
  public var endpointVerdicts: [String: Verdict] {
    var verdicts: [String: Verdict] = [:]
    for item in status["endpoints"]?.array ?? [] {
      guard let name = item["name"]?.string, let uid = item["podUID"]?.string, let address = item["address"]?.string,
        let restartCount = item["restartCount"]?.integer, let certificate = item["certificate"]?.string,
        let evidence = item["evidence"]?.string
      else { continue }
      let key = Endpoint.memoryKey(name, uid, restartCount, address, certificate)
      verdicts[key] = Verdict(status: item["verdict"]?.string, text: evidence)
    }
    return verdicts
  }
}

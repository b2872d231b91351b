import Foundation
import JSON

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
    for section in ["certificate", "authority", "clients", "pods"] { sections[section] = milvusTLS.status[section] }
  }

  /// Notes that the Milvus has annotations that do not count beside a MilvusTLS that a person wrote.
  mutating func noteIgnoredAnnotations() {
    let names = "\(Names.externalAnnotation) and \(Names.internalAnnotation)"
    let message = "the annotations \(names) of the Milvus are ignored: MilvusTLS \(milvusTLS.name) decides"
    notes.append(Condition("AnnotationsIgnored", .true, "MilvusTLSDecides", message))
  }

  /// Notes fields that somebody set and that have no effect yet.
  mutating func noteIgnoredFields(_ fields: [String]) {
    guard !fields.isEmpty else { return }
    let message =
      "not acted on yet: \(fields.joined(separator: ", ")); certificates are renewed and pods rolled when due"
    notes.append(Condition("FieldsIgnored", .true, "NotSupportedYet", message))
  }

  mutating func notReady(_ obstacle: Obstacle) {
    conditions = [
      Condition("Ready", .false, obstacle.reason, obstacle.message),
      Condition("Verified", .unknown, "NotReady", "not verified while not ready"),
    ]
  }

  mutating func disabled() {
    conditions = [
      Condition("Ready", .true, "Disabled", "no TLS is asked for"),
      Condition("Verified", .unknown, "Disabled", "no TLS is asked for"),
    ]
    sections["pods"] = nil
  }

  mutating func ready(
    issuance: Issuance,
    server: ObservedSecret.CertificateContents,
    digest: String,
    verification: LogVerification
  ) {
    if let due = issuance.authorityRenewalTime, due <= now, let end = issuance.authority.contents?.certificate.notAfter
    {
      let message =
        "the authority in Secret \(issuance.authority.request.secretName) ends at \(end.kubernetesTime); "
        + "to have another one made, with certificates that clients have to trust anew, delete that Secret"
      notes.append(Condition("AuthorityExpiring", .true, "LastThird", message))
    }
    conditions = [
      Condition("Ready", .true, "Configured", "the certificates are in place and the Milvus is configured to use them"),
      verification.condition,
    ]
    let certificate = server.certificate
    sections["certificate"] = [
      "secretName": .string(issuance.server.request.secretName),
      "serialNumber": .string(certificate.serialNumber),
      "notBefore": .string(certificate.notBefore.kubernetesTime),
      "notAfter": .string(certificate.notAfter.kubernetesTime),
      "renewalTime": .string(
        CertificatePolicy.renewalTime(of: certificate, renewBefore: issuance.server.request.renewBefore)
          .kubernetesTime
      ),
      "dnsNames": .array(certificate.dnsNames.map(JSONValue.string)),
      "digest": .string(digest),
    ]
    sections["authority"] = issuance.authority.contents.map {
      [
        "secretName": .string(issuance.authority.request.secretName),
        "serialNumber": .string($0.certificate.serialNumber),
        "notAfter": .string($0.certificate.notAfter.kubernetesTime),
      ]
    }
    sections["clients"] = .array(
      issuance.clients.compactMap { entry in
        entry.contents.map {
          [
            "name": .string(entry.request.client ?? ""), "secretName": .string(entry.request.secretName),
            "notAfter": .string($0.certificate.notAfter.kubernetesTime),
          ]
        }
      }
    )
    sections["pods"] = .array(verification.read.map(JSONValue.podStatus))
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
  /// A pod's verdict as the status keeps it, so that no log is read twice.
  fileprivate static func podStatus(_ pod: ObservedPod, _ verdict: LogVerdict) -> JSONValue {
    let (text, evidence) =
      switch verdict {
      case .confirmed(let evidence): ("True", evidence)
      case .refuted(let evidence): ("False", evidence)
      case .unknown(let reason): ("Unknown", reason)
      }
    return [
      "name": .string(pod.name), "uid": .string(pod.uid), "container": .string(pod.container),
      "restartCount": .integer(pod.restartCount), "verdict": .string(text), "evidence": .string(evidence),
    ]
  }
}

extension ObservedMilvusTLS {
  /// The verdicts that the status keeps.
  public var verdicts: [ContainerRun: LogVerdict] {
    var verdicts: [ContainerRun: LogVerdict] = [:]
    for pod in status["pods"]?.array ?? [] {
      guard let uid = pod["uid"]?.string, let container = pod["container"]?.string,
        let restartCount = pod["restartCount"]?.integer, let evidence = pod["evidence"]?.string
      else { continue }
      let run = ContainerRun(podUID: uid, container: container, restartCount: restartCount)
      switch pod["verdict"]?.string {
      case "True": verdicts[run] = .confirmed(evidence: evidence)
      case "False": verdicts[run] = .refuted(evidence: evidence)
      default: verdicts[run] = .unknown(reason: evidence)
      }
    }
    return verdicts
  }
}

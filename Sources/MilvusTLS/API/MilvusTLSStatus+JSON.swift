import Foundation
import JSON

extension MilvusTLSStatus {
  /// Reads a status as the API server stores it. A part that lacks a needed member, or has a value of a later version,
  /// is left out.
  public init(_ json: JSONValue) {
    observedGeneration = json["observedGeneration"]?.integer
    conditions = json["conditions"]?.array?.compactMap(Condition.init) ?? []
    external = json["external"]?.string.flatMap(ExternalMode.init)
    `internal` = json["internal"]?.bool
    certificate = json["certificate"].flatMap(Certificate.init)
    authority = json["authority"].flatMap(Authority.init)
    clients = json["clients"]?.array?.compactMap(Client.init) ?? []
    pods = json["pods"]?.array?.compactMap(Pod.init) ?? []
    endpoints = json["endpoints"]?.array?.compactMap(Endpoint.init) ?? []
    plaintext = json["plaintext"]?.array?.compactMap(PlaintextPort.init) ?? []
    reversions = json["reversions"].flatMap(Reversions.init)
    checkedSecret = json["checkedSecret"]?.string
    func provided(_ kind: FileEntry.Kind, _ list: String) -> [FileEntry.Object] {
      (json[path: "provided", list]?.array ?? []).compactMap(\.string).map { FileEntry.Object(kind: kind, name: $0) }
    }
    self.provided = provided(.secret, "secrets") + provided(.configMap, "configMaps")
    rollout = json["rollout"].flatMap(Rollout.init)
  }

  /// The status as the API server stores it.
  public var json: JSONValue {
    var json: JSONValue = [:]
    json["observedGeneration"] = observedGeneration.map(JSONValue.integer)
    json["conditions"] = Self.list(conditions, \.json)
    json["external"] = external.map { .string($0.rawValue) }
    json["internal"] = `internal`.map(JSONValue.bool)
    json["certificate"] = certificate?.json
    json["authority"] = authority?.json
    json["clients"] = Self.list(clients, \.json)
    json["pods"] = Self.list(pods, \.json)
    json["endpoints"] = Self.list(endpoints, \.json)
    json["plaintext"] = Self.list(plaintext, \.json)
    json["reversions"] = reversions?.json
    json["checkedSecret"] = checkedSecret.map(JSONValue.string)
    if !provided.isEmpty {
      func names(_ kind: FileEntry.Kind) -> JSONValue {
        .array(provided.filter { $0.kind == kind }.map { .string($0.name) })
      }
      json["provided"] = ["secrets": names(.secret), "configMaps": names(.configMap)]
    }
    json["rollout"] = rollout.map { ["digest": .string($0.digest), "since": .string($0.since)] }
    return json
  }

  private static func list<Element>(_ elements: [Element], _ json: (Element) -> JSONValue) -> JSONValue? {
    elements.isEmpty ? nil : .array(elements.map(json))
  }
}

extension Condition {
  fileprivate init?(_ json: JSONValue) {
    guard let type = json["type"]?.string.flatMap(ConditionType.init),
      let status = json["status"]?.string.flatMap(Status.init), let reason = json["reason"]?.string
    else { return nil }
    self.init(
      type,
      status,
      reason,
      json["message"]?.string ?? "",
      observedGeneration: json["observedGeneration"]?.integer,
      lastTransitionTime: json["lastTransitionTime"]?.string
    )
  }

  fileprivate var json: JSONValue {
    var json: JSONValue = [
      "type": .string(type.rawValue), "status": .string(status.rawValue), "reason": .string(reason),
      "message": .string(message),
    ]
    json["observedGeneration"] = observedGeneration.map(JSONValue.integer)
    json["lastTransitionTime"] = lastTransitionTime.map(JSONValue.string)
    return json
  }
}

extension MilvusTLSStatus.Certificate {
  fileprivate init?(_ json: JSONValue) {
    guard let source = json["source"]?.string.flatMap(MilvusTLSStatus.Source.init),
      let secretName = json["secretName"]?.string ?? (source == .pods ? "" : nil)
    else { return nil }
    self.init(
      secretName: secretName,
      source: source,
      serialNumber: json["serialNumber"]?.string ?? "",
      notBefore: json["notBefore"]?.string ?? "",
      notAfter: json["notAfter"]?.string ?? "",
      renewalTime: json["renewalTime"]?.string,
      dnsNames: json["dnsNames"]?.array?.compactMap(\.string) ?? [],
      digest: json["digest"]?.string,
      rotation: json["rotation"]?.string
    )
  }

  fileprivate var json: JSONValue {
    var json: JSONValue = [
      "source": .string(source.rawValue), "serialNumber": .string(serialNumber),
      "notBefore": .string(notBefore), "notAfter": .string(notAfter),
      "dnsNames": .array(dnsNames.map(JSONValue.string)),
    ]
    json["secretName"] = secretName.isEmpty ? nil : .string(secretName)
    json["renewalTime"] = renewalTime.map(JSONValue.string)
    json["digest"] = digest.map(JSONValue.string)
    json["rotation"] = rotation.map(JSONValue.string)
    return json
  }
}

extension MilvusTLSStatus.Authority {
  fileprivate init?(_ json: JSONValue) {
    guard let secretName = json["secretName"]?.string,
      let source = json["source"]?.string.flatMap(MilvusTLSStatus.Source.init)
    else { return nil }
    self.init(
      secretName: secretName,
      source: source,
      serialNumber: json["serialNumber"]?.string ?? "",
      notAfter: json["notAfter"]?.string ?? "",
      rotation: json["rotation"]?.string,
      phase: json["step"]?.string.flatMap(AuthorityRotation.Phase.init)
    )
  }

  fileprivate var json: JSONValue {
    var json: JSONValue = [
      "secretName": .string(secretName), "source": .string(source.rawValue), "serialNumber": .string(serialNumber),
      "notAfter": .string(notAfter),
    ]
    json["rotation"] = rotation.map(JSONValue.string)
    json["step"] = phase.map { .string($0.rawValue) }
    return json
  }
}

extension MilvusTLSStatus.Client {
  fileprivate init?(_ json: JSONValue) {
    guard let name = json["name"]?.string, let secretName = json["secretName"]?.string else { return nil }
    self.init(
      name: name,
      secretName: secretName,
      notAfter: json["notAfter"]?.string ?? "",
      unlistedSince: json["unlistedSince"]?.string
    )
  }

  fileprivate var json: JSONValue {
    var json: JSONValue = [
      "name": .string(name), "secretName": .string(secretName), "notAfter": .string(notAfter),
    ]
    json["unlistedSince"] = unlistedSince.map(JSONValue.string)
    return json
  }
}

extension MilvusTLSStatus.Pod {
  fileprivate init?(_ json: JSONValue) {
    guard let name = json["name"]?.string, let uid = json["uid"]?.string, let container = json["container"]?.string,
      let restartCount = json["restartCount"]?.integer, let verdict = Verdict(json)
    else { return nil }
    self.init(
      name: name,
      run: ContainerRun(podUID: uid, container: container, restartCount: restartCount),
      verdict: verdict
    )
  }

  fileprivate var json: JSONValue {
    [
      "name": .string(name), "uid": .string(run.podUID), "container": .string(run.container),
      "restartCount": .integer(run.restartCount), "verdict": .string(verdict.status.rawValue),
      "evidence": .string(verdict.text),
    ]
  }
}

extension MilvusTLSStatus.Endpoint {
  fileprivate init?(_ json: JSONValue) {
    guard let name = json["name"]?.string, let address = json["address"]?.string, let uid = json["podUID"]?.string,
      let restartCount = json["restartCount"]?.integer, let certificate = json["certificate"]?.string,
      let verdict = Verdict(json)
    else { return nil }
    self.init(
      name: name,
      address: address,
      podUID: uid,
      restartCount: restartCount,
      certificate: certificate,
      verdict: verdict
    )
  }

  fileprivate var json: JSONValue {
    [
      "name": .string(name), "address": .string(address), "podUID": .string(podUID),
      "restartCount": .integer(restartCount), "certificate": .string(certificate),
      "verdict": .string(verdict.status.rawValue), "evidence": .string(verdict.text),
    ]
  }
}

extension MilvusTLSStatus.PlaintextPort {
  fileprivate init?(_ json: JSONValue) {
    guard let port = json["port"]?.integer.flatMap(UInt16.init(exactly:)), let spoken = json["protocol"]?.string
    else { return nil }
    self.init(
      port: port,
      protocol: spoken,
      evidence: json["evidence"]?.string ?? "",
      pods: json["pods"]?.integer ?? 0,
      example: json["example"]?.string ?? ""
    )
  }

  fileprivate var json: JSONValue {
    [
      "port": .integer(Int(port)), "protocol": .string(`protocol`), "evidence": .string(evidence),
      "pods": .integer(pods), "example": .string(example),
    ]
  }
}

extension Verdict {
  /// Reads the members `verdict` and `evidence`.
  fileprivate init?(_ json: JSONValue) {
    guard let status = json["verdict"]?.string.flatMap(Condition.Status.init), let text = json["evidence"]?.string
    else {
      return nil
    }
    switch status {
    case .true: self = .confirmed(evidence: text)
    case .false: self = .refuted(evidence: text)
    case .unknown: self = .unknown(reason: text)
    }
  }
}

extension MilvusTLSStatus.Rollout {
  fileprivate init?(_ json: JSONValue) {
    guard let digest = json["digest"]?.string, let since = json["since"]?.string else { return nil }
    self.init(digest: digest, since: since)
  }
}

extension Reversions {
  fileprivate init?(_ json: JSONValue) {
    guard let count = json["count"]?.integer else { return nil }
    self.init(
      count: count,
      times: json["times"]?.array?.compactMap { $0.string.flatMap(Date.init(kubernetesTime:)) } ?? [],
      pauses: json["pauses"]?.integer ?? 0,
      pausedUntil: json["pausedUntil"]?.string.flatMap(Date.init(kubernetesTime:)),
      milvusGeneration: json["milvusGeneration"]?.integer ?? -1,
      generation: json["observedGeneration"]?.integer ?? -1,
      fields: json["fields"]?.array?.compactMap(\.string) ?? []
    )
  }

  fileprivate var json: JSONValue {
    var json: JSONValue = [
      "count": .integer(count), "times": .array(times.map { .string($0.kubernetesTime) }), "pauses": .integer(pauses),
      "milvusGeneration": .integer(milvusGeneration), "observedGeneration": .integer(generation),
      "fields": .array(fields.map(JSONValue.string)),
    ]
    json["pausedUntil"] = pausedUntil.map { .string($0.kubernetesTime) }
    return json
  }
}

import Foundation
import JSON
import Kubernetes
import MilvusTLS
import YAML

/// Judges the Milvus resources of all files, each with the MilvusTLS, Secrets and ConfigMaps of its namespace.
struct ResourceCheck {
  private let objects: [CheckedObject]

  init(_ files: [CheckedFile]) {
    objects = files.flatMap { file in
      file.documents.flatMap { CheckedObject.all(in: $0.value, file: file.name, places: $0.places) }
    }
  }

  var secrets: [CheckedObject] { all("Secret", "v1") }

  func findings(at now: Date) throws -> [Finding] {
    let milvuses = all("Milvus", "milvus.io").filter { !$0.name.isEmpty }
    var findings = objects.filter { $0.kind.hasPrefix("Milvus") && $0.name.isEmpty }.map(nameless)
    for milvus in milvuses {
      let own = objects.filter { $0.namespace == milvus.namespace }
      let check = ReleaseCheck(
        milvus: milvus.json,
        origin: ReleaseOrigin(milvus),
        milvusTLS: tls(of: milvus),
        secrets: secrets.filter { $0.namespace == milvus.namespace },
        configMaps: all("ConfigMap", "v1").filter { $0.namespace == milvus.namespace },
        promised: Set(own.flatMap(\.promisedSecrets))
      )
      findings += try check.findings(at: now)
    }
    findings += try strays(milvuses, at: now)
    for secret in secrets where !milvuses.contains(where: { uses($0, secret) }) {
      findings += self.findings(of: secret, at: now)
    }
    return findings
  }

  /// Whether a Milvus or its MilvusTLS names a Secret, which is judged with them then, or would use it by default.
  private func uses(_ milvus: CheckedObject, _ secret: CheckedObject) -> Bool {
    guard milvus.namespace == secret.namespace else { return false }
    let defaults = ["certs", "\(milvus.name)-certs"].flatMap { [$0, "\($0)-ca", "\($0)-client"] }
    return defaults.contains(secret.name)
      || ([milvus] + tls(of: milvus)).contains { $0.json["spec"]?.holds(secret.name) ?? false }
  }

  private func nameless(_ object: CheckedObject) -> Finding {
    let place = object.place(of: "metadata.name")
    return Finding(
      .error,
      ReadyReason.invalidSpec.rawValue,
      "metadata.name of the \(object.kind) must be a name",
      mend: "Write its name.",
      in: place.file,
      at: place.place
    )
  }

  private func all(_ kind: String, _ group: String) -> [CheckedObject] {
    objects.filter { $0.kind == kind && $0.group == group }
  }

  private func tls(of milvus: CheckedObject) -> [CheckedObject] {
    all("MilvusTLS", "tls.milvus.io").filter { $0.namespace == milvus.namespace && $0.milvusName == milvus.name }
  }

  /// Those whose Milvus is in no file: their own fields are judged.
  private func strays(_ milvuses: [CheckedObject], at now: Date) throws -> [Finding] {
    let strays = all("MilvusTLS", "tls.milvus.io").filter { object in
      !milvuses.contains { $0.namespace == object.namespace && $0.name == object.milvusName }
    }
    return try strays.flatMap { object in
      let milvus: JSONValue = [
        "metadata": ["name": .string(object.milvusName), "namespace": .string(object.namespace)], "spec": [:],
      ]
      let check = ReleaseCheck(
        milvus: milvus,
        origin: ReleaseOrigin(place: object.place(of:), placeOfText: { _ in nil }, isOperated: true),
        milvusTLS: [object],
        secrets: secrets.filter { $0.namespace == object.namespace }
      )
      let place = object.place(of: object.json[path: "spec", "milvusRef"] == nil ? "metadata.name" : "spec.milvusRef")
      let note = Finding(
        .note,
        ReadyReason.milvusNotFound.rawValue,
        "Milvus \(object.milvusName) is not among the files: only the fields of the MilvusTLS are judged",
        mend: "Name its file too.",
        in: place.file,
        at: place.place
      )
      return [note] + (try check.findings(at: now)).filter { $0.reason == ReadyReason.invalidSpec.rawValue }
    }
  }

  /// A Secret without a Milvus beside it; one that holds no certificate is for something else.
  private func findings(of secret: CheckedObject, at now: Date) -> [Finding] {
    guard let files = try? InspectedFiles(secret: KubernetesObject(secret.stored)),
      let inspection = try? Inspection(of: files, source: "secret/\(secret.name)", now: now)
    else { return [] }
    return inspection.findings.map { finding in
      let entry = secret.entries.first { finding.text.hasPrefix($0 + " ") || finding.text.hasPrefix($0 + ":") }
      let place = entry.map(secret.place(ofEntry:)) ?? secret.place(of: "data")
      return Finding(
        finding.isFault ? .error : .warning,
        finding.isFault ? ReadyReason.secretInvalid.rawValue : ConditionType.secretFindings.rawValue,
        finding.text,
        in: place.file,
        at: place.place
      )
    }
  }
}

extension CheckedObject {
  /// The Milvus that a MilvusTLS is for.
  fileprivate var milvusName: String {
    json[path: "spec", "milvusRef", "name"]?.string.flatMap { $0.isEmpty ? nil : $0 } ?? name
  }
}

extension JSONValue {
  /// Whether a text is anywhere in it.
  fileprivate func holds(_ text: String) -> Bool {
    switch self {
    case .string(let value): value == text
    case .array(let elements): elements.contains { $0.holds(text) }
    case .object(let members): members.values.contains { $0.holds(text) }
    default: false
    }
  }
}

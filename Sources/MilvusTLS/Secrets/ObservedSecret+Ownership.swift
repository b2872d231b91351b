import Foundation
import JSON

/// Whose a Secret is: data that somebody else writes into one of the operator makes it theirs.
extension ObservedSecret {
  /// The field managers other than the operator that wrote data into a Secret of the operator, by `managedFields`
  /// (https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management).
  ///
  /// Text that is no PEM is damage of an entry, not a file that somebody provides. A Secret that the operator never
  /// wrote to is one that a backup restored.
  static func dataWriters(of object: JSONValue, role: SecretRole) -> [String] {
    let fields = object[path: "metadata", "managedFields"]?.array ?? []
    guard fields.contains(where: { $0["manager"]?.string == Labels.manager }) else { return [] }
    let restorers =
      object[path: "metadata", "annotations"]?[Annotations.restoredBy]?.string?.split(separator: ",") ?? []
    let data = object["data"]?.object ?? [:]
    let own = [role.certificateEntry, role.privateKeyEntry, SecretEntry.authorityCertificate]
    return fields.compactMap { entry -> String? in
      guard let manager = entry["manager"]?.string, manager != Labels.manager,
        !restorers.contains(where: { $0 == manager })
      else { return nil }
      let keys = (entry[path: "fieldsV1", "f:data"]?.object ?? [:]).keys.map { String($0.dropFirst(2)) }
      let isProvided = keys.contains { key in
        guard let value = data[key] else { return false }
        return !own.contains(key) || value.holdsPEM
      }
      return isProvided ? manager : nil
    }.unique
  }

  /// The merge patch that takes the operator's labels, annotations and owner reference from a Secret that has become
  /// somebody else's, so that it is not deleted with the Milvus; nil for any other Secret.
  public func release(by milvus: ObservedMilvus) -> JSONValue? {
    guard !otherWriters.isEmpty, isLabelled(for: milvus) else { return nil }
    let labels = [Labels.role, Labels.milvus] + (hasManagerLabel ? [Labels.managedBy] : [])
    return [
      "metadata": [
        "labels": .object(Dictionary(uniqueKeysWithValues: labels.map { ($0, .null) })),
        "annotations": .object(Dictionary(uniqueKeysWithValues: Annotations.ofSecrets.map { ($0, .null) })),
        "ownerReferences": .array(ownerReferences.filter { $0["uid"]?.string != milvus.uid }),
      ]
    ]
  }
}

extension JSONValue {
  /// Whether a value under `data` has PEM text.
  fileprivate var holdsPEM: Bool {
    string.flatMap { Data(base64Encoded: $0) }.map { String(decoding: $0, as: UTF8.self).contains("-----BEGIN ") }
      ?? false
  }
}

extension ObservedSecret {
  /// Whether a Secret of the usual name that nobody manages is an unrelated program's: it has neither the manual's file
  /// names nor a certificate for the Service of the Milvus.
  func isUnrelated(to milvus: ObservedMilvus) -> Bool {
    guard !isManaged else { return false }
    let own = [SecretEntry.serverCertificate, SecretEntry.serverKey]
    if own.allSatisfy({ files[$0] != nil }) { return false }
    let service = ClientService.name(of: milvus.name)
    let qualified = "\(service).\(milvus.namespace)"
    let hosts = [service, qualified, qualified + ".svc", qualified + ".svc.cluster.local"]
    let wildcards = hosts.dropFirst().map { "*" + $0.dropFirst(service.count) }
    let names = detectedLayout[.certificate].flatMap { files[$0]?.certificates.first?.dnsNames } ?? []
    return !names.contains { (hosts + wildcards).contains($0.lowercased()) }
  }
}

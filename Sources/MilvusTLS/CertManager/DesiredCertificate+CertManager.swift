import JSON
import PKI

extension DesiredCertificate {
  /// The Certificate that has cert-manager issue this into the Secret of the same name
  /// (https://cert-manager.io/docs/reference/api-docs/).
  func certManagerCertificate(
    _ spec: MilvusTLSSpec.CertificateSpec,
    issuer: MilvusTLSSpec.IssuerReference,
    owner: ObservedMilvus
  ) -> JSONValue {
    [
      "apiVersion": "cert-manager.io/v1", "kind": "Certificate",
      "metadata": [
        "name": .string(secretName), "namespace": .string(owner.namespace),
        "labels": [Labels.managedBy: .string(Labels.manager), Labels.milvus: .string(owner.name)],
        "ownerReferences": [owner.ownerReference],
      ],
      "spec": certManagerSpec(spec, issuer: issuer),
    ]
  }

  private func certManagerSpec(
    _ spec: MilvusTLSSpec.CertificateSpec,
    issuer: MilvusTLSSpec.IssuerReference
  ) -> JSONValue {
    let usage: JSONValue = role == .client ? "client auth" : "server auth"
    var result: JSONValue = [
      "secretName": .string(secretName),
      "issuerRef": [
        "name": .string(issuer.name), "kind": .string(issuer.kind), "group": .string(issuer.group),
      ],
      "commonName": .string(subject.commonName),
      "duration": .string(duration.kubernetes),
      "privateKey": algorithm.certManagerPrivateKey,
      "usages": ["digital signature", "key encipherment", usage],
    ]
    if !dnsNames.isEmpty { result["dnsNames"] = .array(dnsNames.map(JSONValue.string)) }
    if !ipAddresses.isEmpty { result["ipAddresses"] = .array(ipAddresses.map(JSONValue.string)) }
    if let renewBefore { result["renewBefore"] = .string(renewBefore.kubernetes) }
    let parts = [
      "countries": spec.subject.country, "provinces": spec.subject.province, "localities": spec.subject.locality,
      "organizations": spec.subject.organization, "organizationalUnits": spec.subject.organizationalUnit,
    ].filter { !$0.value.isEmpty }
    if !parts.isEmpty { result["subject"] = .object(parts.mapValues { [.string($0)] }) }
    return result
  }
}

extension PrivateKey.Algorithm {
  /// `spec.privateKey` of a Certificate: a new key at each renewal, in the form that Milvus reads.
  fileprivate var certManagerPrivateKey: JSONValue {
    let (name, size): (JSONValue, Int?) =
      switch self {
      case .ecdsa(.p256): ("ECDSA", 256)
      case .ecdsa(.p384): ("ECDSA", 384)
      case .rsa(let bits): ("RSA", bits)
      case .ed25519: ("Ed25519", nil)
      }
    var result: JSONValue = ["algorithm": name, "encoding": "PKCS8", "rotationPolicy": "Always"]
    result["size"] = size.map(JSONValue.integer)
    return result
  }
}

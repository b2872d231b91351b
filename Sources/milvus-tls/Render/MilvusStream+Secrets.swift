import Foundation
import JSON
import MilvusTLS

extension MilvusStream {
  /// Whether the stream has the Secret that a release mounts.
  func hasSecret(_ release: Release) -> Bool { secrets[release.secret(release.milvus.secretName)] != nil }

  /// Issues the Secrets that the stream lacks. A release whose server has its Secret gets none.
  /// - Throws: `CommandFailure` with the place of a Secret that would be there twice, or that somebody else provides.
  func issueSecrets(for releases: [Release]) throws -> [JSONValue] {
    var documents: [JSONValue] = []
    var issued: [StreamSecrets.Name: String] = [:]
    for release in releases where !hasSecret(release) {
      for secret in try issue(release) {
        let name = release.secret(secret.name)
        if let provider = secrets[name] {
          throw source.failure(
            "this \(provider.kind) provides Secret \(secret.name), and nothing here provides Secret "
              + "\(release.milvus.secretName) beside it: --with-secrets would make another CA; add Secret "
              + "\(release.milvus.secretName), or leave out --with-secrets",
            at: "metadata.name",
            in: provider.document
          )
        }
        if let other = issued.updateValue(release.milvus.name, forKey: name) {
          throw source.failure(
            "Milvus \(other) gets a Secret \(secret.name) too; let one of them mount another",
            at: "metadata.name",
            in: release.document
          )
        }
        documents.append(Self.document(secret, in: release.writtenNamespace))
      }
    }
    return documents
  }

  private func issue(_ release: Release) throws -> [RenderedMilvus.Secret] {
    do {
      return try release.milvus.issueSecrets()
    } catch RenderedMilvus.Problem.unusable(let field, let message) {
      let isOfMilvus = field.hasPrefix("spec.components.")
      throw source.failure(
        "\(field) \(message); leave out --with-secrets",
        at: field,
        in: isOfMilvus ? release.document : release.milvusTLS ?? release.document
      )
    }
  }

  private static func document(_ secret: RenderedMilvus.Secret, in namespace: String?) -> JSONValue {
    var metadata: JSONValue = ["name": .string(secret.name)]
    metadata["namespace"] = namespace.map(JSONValue.string)
    let data = secret.files.mapValues { JSONValue.string(Data($0.utf8).base64EncodedString()) }
    return ["apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "Opaque", "data": .object(data)]
  }
}

extension MilvusStream.Release {
  fileprivate func secret(_ name: String) -> StreamSecrets.Name { .init(namespace: namespace, name: name) }
}

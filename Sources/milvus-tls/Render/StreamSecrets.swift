import YAML

/// The Secrets that a stream of Kubernetes objects has, or promises: a SealedSecret, for example, becomes one.
struct StreamSecrets {
  struct Name: Hashable {
    let namespace: String
    let name: String
  }

  /// The object that is the Secret, or becomes it.
  struct Provider {
    let kind: String
    let document: Int
  }

  private var providers: [Name: Provider] = [:]

  /// - Throws: `YAMLError` for text that is not valid YAML.
  init(_ source: SourceFile) throws {
    let documents = zip(source.editor.documents, try YAMLPlaces.all(source.editor.text)).enumerated()
    for (index, (document, places)) in documents {
      for object in CheckedObject.all(in: document, file: source.name, places: places) {
        let isSecret = object.kind == "Secret" && object.group == "v1"
        for name in isSecret ? [object.name] : object.promisedSecrets {
          let place = Name(namespace: object.namespace, name: name)
          providers[place] = providers[place] ?? Provider(kind: object.kind, document: index)
        }
      }
    }
  }

  subscript(name: Name) -> Provider? { providers[name] }
}

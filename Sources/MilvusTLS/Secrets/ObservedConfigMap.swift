import JSON

/// What the operator keeps of a ConfigMap that provides files.
public struct ObservedConfigMap: Sendable, Equatable {
  public let name: String
  /// What its entries hold.
  let files: [String: SecretFile]

  /// Takes what is needed from a ConfigMap; nil where it has no name.
  public init?(_ object: JSONValue) {
    guard let name = object[path: "metadata", "name"]?.string else { return nil }
    self.name = name
    let texts = (object["data"]?.object ?? [:]).compactMapValues(\.string).mapValues(SecretFile.init(text:))
    files = texts.merging((object["binaryData"]?.object ?? [:]).mapValues(SecretFile.init(base64:))) { $1 }
  }
}

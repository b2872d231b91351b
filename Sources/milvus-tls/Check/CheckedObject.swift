import Foundation
import JSON
import YAML

/// An object of Kubernetes in a file.
struct CheckedObject {
  /// Of objects that name none.
  static let defaultNamespace = "default"

  let json: JSONValue
  /// As the user wrote it.
  let file: String
  private let places: YAMLPlaces
  /// Before each field, for an element of a `List`.
  private let prefix: String

  /// The objects of a document; those of a `List` one by one.
  static func all(in document: JSONValue, file: String, places: YAMLPlaces) -> [CheckedObject] {
    guard document["kind"]?.string?.hasSuffix("List") == true, let items = document["items"]?.array else {
      return [CheckedObject(json: document, file: file, places: places, prefix: "")]
    }
    return items.enumerated().map { CheckedObject(json: $1, file: file, places: places, prefix: "items.\($0).") }
  }

  private init(json: JSONValue, file: String, places: YAMLPlaces, prefix: String) {
    self.json = json
    self.file = file
    self.places = places
    self.prefix = prefix
  }

  var kind: String { json["kind"]?.string ?? "" }
  var group: String { json["apiVersion"]?.string?.split(separator: "/").first.map(String.init) ?? "" }
  var name: String { json[path: "metadata", "name"]?.string ?? "" }
  var namespace: String { json[path: "metadata", "namespace"]?.string ?? Self.defaultNamespace }

  /// The entries of a Secret or ConfigMap.
  var entries: [String] {
    ["data", "stringData", "binaryData"].flatMap { json[$0]?.object.map { Array($0.keys) } ?? [] }
  }

  /// The Secret that a controller makes of it: SealedSecret, ExternalSecret, Certificate and their like.
  var promisedSecrets: [String] {
    guard group != "v1", kind.contains("Secret") || kind == "Certificate" else { return [] }
    let named = [["secretName"], ["target", "name"], ["destination", "name"], ["template", "metadata", "name"]]
    return [name] + named.compactMap { json[JSONPointer(["spec"] + $0)]?.string }
  }

  /// As the API server stores it, for a Secret.
  var stored: JSONValue { json.storedSecret }

  func place(of field: String) -> FilePlace { FilePlace(file: file, place: places.place(of: prefix + field)) }

  func place(ofText text: String) -> FilePlace? {
    // A volume often has the name of its Secret.
    let found = places.place(ofText: text, under: "secretName") ?? places.place(ofText: text)
    return found.map { FilePlace(file: file, place: $0) }
  }

  /// The place of an entry of a Secret or ConfigMap.
  func place(ofEntry entry: String) -> FilePlace {
    let section = ["stringData", "data", "binaryData"].first { json[$0]?[entry] != nil } ?? "data"
    return place(of: "\(section).\(entry)")
  }
}

/// A place in one of the files.
struct FilePlace {
  let file: String
  let place: YAMLPlaces.Place
}

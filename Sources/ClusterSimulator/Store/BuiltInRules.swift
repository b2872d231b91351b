import Foundation
import JSON

/// Rules of the API server for its built-in kinds, as far as clients notice them.
enum BuiltInRules {
  /// The object with the fields that the server fills in.
  static func completed(_ object: JSONValue, of type: ResourceType) -> JSONValue {
    switch type.storage {
    case .secrets: completedSecret(object)
    case .namespaces: completedNamespace(object)
    case .pods: completedPod(object)
    case .events: EventVersions.stored(object)
    case .customResourceDefinitions: completedDefinition(object)
    default: object
    }
  }

  private static func completedSecret(_ object: JSONValue) -> JSONValue {
    var object = object
    object["type"] = object["type"] ?? "Opaque"
    guard let texts = object["stringData"]?.object else { return object }
    var data = object["data"]?.object ?? [:]
    for (name, text) in texts { data[name] = .string(Data((text.string ?? "").utf8).base64EncodedString()) }
    object["data"] = .object(data)
    object["stringData"] = nil
    return object
  }

  private static func completedNamespace(_ object: JSONValue) -> JSONValue {
    var object = object
    object["spec"] = object["spec"] ?? ["finalizers": ["kubernetes"]]
    object["status"] = object["status"] ?? ["phase": "Active"]
    return object
  }

  private static func completedPod(_ object: JSONValue) -> JSONValue {
    var object = object
    object["status"] = object["status"] ?? ["phase": "Pending", "qosClass": "BestEffort"]
    return object
  }

  private static func completedDefinition(_ object: JSONValue) -> JSONValue {
    var object = object
    var names = object[path: "spec", "names"] ?? [:]
    let kind = names["kind"]?.string ?? ""
    names["singular"] = names["singular"] ?? .string(kind.lowercased())
    names["listKind"] = names["listKind"] ?? .string(kind + "List")
    object[JSONPointer("/spec/names")] = names
    object[JSONPointer("/spec/conversion")] = object[path: "spec", "conversion"] ?? ["strategy": "None"]
    guard object["status"] == nil else { return object }
    object["status"] = [
      "acceptedNames": names,
      "conditions": [
        condition("NamesAccepted", "NoConflicts", "no conflicts found"),
        condition("Established", "InitialNamesAccepted", "the initial names have been accepted"),
      ],
      "storedVersions": .array((object[path: "spec", "versions"]?.array ?? []).compactMap { $0["name"] }),
    ]
    return object
  }

  private static func condition(_ type: JSONValue, _ reason: JSONValue, _ message: JSONValue) -> JSONValue {
    ["type": type, "status": "True", "reason": reason, "message": message, "lastTransitionTime": ObjectMetadata.now]
  }

  /// Errors of an object of a built-in kind.
  static func errors(in object: JSONValue, of type: ResourceType, previous: JSONValue?) -> [FieldError] {
    var errors: [FieldError] = []
    if let previous, object.uid != previous.uid {
      errors.append(.invalid("metadata.uid", "\"\(object.uid)\"", "field is immutable"))
    }
    switch type.storage {
    case .secrets: errors += secretErrors(in: object, previous: previous)
    case .events: errors += eventErrors(in: object, of: type)
    case .customResourceDefinitions: errors += definitionErrors(in: object)
    default: break
    }
    return errors
  }

  private static func secretErrors(in object: JSONValue, previous: JSONValue?) -> [FieldError] {
    let keys = (object["data"]?.object ?? [:]).keys.sorted()
    var errors = keys.filter { $0.range(of: "^[-._a-zA-Z0-9]+$", options: .regularExpression) == nil }.map {
      FieldError.invalid(
        "data[\($0)]",
        "\"\($0)\"",
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or "
          + "'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
      )
    }
    if let previous, let type = object["type"], previous["type"] != type {
      errors.append(.invalid("type", "\(type)", "field is immutable"))
    }
    return errors
  }

  private static func eventErrors(in object: JSONValue, of type: ResourceType) -> [FieldError] {
    var errors: [FieldError] = []
    func isEmpty(_ field: String) -> Bool { (object[field]?.string ?? "").isEmpty }
    let namespace = object[path: "involvedObject", "namespace"]?.string ?? ""
    if (namespace.isEmpty ? "default" : namespace) != object.namespace {
      errors.append(.invalid("involvedObject.namespace", "\"\(namespace)\"", "does not match event.namespace"))
    }
    if !isEmpty("eventTime") {
      let needed = [
        ("reportingComponent", "reportingController"), ("reportingInstance", "reportingInstance"),
        ("action", "action"), ("reason", "reason"),
      ]
      errors += needed.filter { isEmpty($0.0) }.map { .required($0.1) }
    } else if type.group == "events.k8s.io" {
      errors.append(.required("eventTime"))
    }
    let eventType = object["type"]?.string ?? ""
    if type.group == "events.k8s.io", eventType != "Normal", eventType != "Warning" {
      errors.append(.invalid("type", "\"\"", "has invalid value: \(eventType)"))
    }
    return errors
  }

  private static func definitionErrors(in object: JSONValue) -> [FieldError] {
    let expected =
      "\(object[path: "spec", "names", "plural"]?.string ?? "").\(object[path: "spec", "group"]?.string ?? "")"
    guard object.name != expected else { return [] }
    return [.invalid("metadata.name", "\"\(object.name)\"", "must be spec.names.plural+\".\"+spec.group")]
  }
}

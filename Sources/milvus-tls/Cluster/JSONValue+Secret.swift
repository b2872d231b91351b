import Foundation
import JSON

extension JSONValue {
  /// A Secret of a file as the API server stores it: with what `stringData` adds to `data`.
  var storedSecret: JSONValue {
    guard let texts = self["stringData"]?.object else { return self }
    var stored = self
    stored["stringData"] = nil
    let data = texts.compactMapValues(\.string).mapValues { JSONValue.string(Data($0.utf8).base64EncodedString()) }
    stored["data"] = .object((self["data"]?.object ?? [:]).merging(data) { $1 })
    return stored
  }
}

import Foundation
import JSON

/// A resource and its events as `kubectl describe` prints them.
struct ResourceDescription: CustomStringConvertible {
  /// The resource.
  let object: JSONValue
  /// Its events, the oldest first.
  let events: [JSONValue]
  let now: Date

  var description: String {
    let metadata = object["metadata"]
    let head = [
      ("Name", metadata?["name"]?.string ?? ""), ("Namespace", metadata?["namespace"]?.string ?? ""),
      ("API Version", object["apiVersion"]?.string ?? ""), ("Kind", object["kind"]?.string ?? ""),
    ]
    let body = [("Spec", object["spec"]), ("Status", object["status"])]
    return Self.aligned(head, indent: "")
      + body.map { name, value in "\(name):\n" + Self.lines(value ?? [:], indent: "  ") }.joined() + eventTable
  }

  /// Members in the order of their names; objects and lists below their name.
  private static func lines(_ value: JSONValue, indent: String) -> String {
    let members = (value.object ?? [:]).sorted { $0.key < $1.key }
    let plain = members.filter { $0.value.object == nil && $0.value.array == nil }
    let nested = members.filter { $0.value.object != nil || $0.value.array != nil }
    return aligned(plain.map { (title($0.key), text($0.value)) }, indent: indent)
      + nested.map { "\(indent)\(title($0.key)):\n" + elements($0.value, indent: indent + "  ") }.joined()
  }

  private static func elements(_ value: JSONValue, indent: String) -> String {
    guard let list = value.array else { return lines(value, indent: indent) }
    return list.map { $0.object == nil ? "\(indent)\(text($0))\n" : lines($0, indent: indent) }.joined()
  }

  private static func aligned(_ rows: [(String, String)], indent: String) -> String {
    let width = rows.map(\.0.count).max() ?? 0
    return rows.map { name, value in
      "\(indent)\(name):" + String(repeating: " ", count: width - name.count + 2) + value + "\n"
    }.joined()
  }

  private static func text(_ value: JSONValue) -> String { value.string ?? value.description }

  /// `lastTransitionTime` as `Last Transition Time`.
  private static func title(_ key: String) -> String {
    var title = ""
    for character in key {
      if character.isUppercase, title.last?.isLowercase ?? false { title.append(" ") }
      title.append(title.isEmpty ? Character(character.uppercased()) : character)
    }
    return title
  }

  private var eventTable: String {
    guard !events.isEmpty else { return "Events:  <none>\n" }
    let rows = events.map { event in
      ["type", "reason"].map { event[$0]?.string ?? "" }
        + [age(event), event[path: "source", "component"]?.string ?? "", event["message"]?.string ?? ""]
    }
    let table = TextTable(rows: [["Type", "Reason", "Age", "From", "Message"]] + rows).description
    return "Events:\n" + table.split(separator: "\n").map { "  \($0)\n" }.joined()
  }

  /// How long ago it was; for a repeated event also how often, and since when.
  private func age(_ event: JSONValue) -> String {
    func seconds(since time: String) -> String {
      let date = event[time]?.string.flatMap { try? Date($0, strategy: .iso8601) }
      return date.map { "\(max(0, Int(now.timeIntervalSince($0))))s" } ?? ""
    }
    let last = seconds(since: "lastTimestamp")
    guard let count = event["count"]?.integer, count > 1 else { return last }
    return "\(last) (x\(count) over \(seconds(since: "firstTimestamp")))"
  }
}

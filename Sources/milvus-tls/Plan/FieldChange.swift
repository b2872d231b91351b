import JSON

/// A change of one field of an object.
struct FieldChange: Equatable {
  let field: JSONPointer
  /// Nil if the field does not exist.
  let old: JSONValue?
  /// Nil if the field is removed.
  let new: JSONValue?

  /// The fields that differ, in the order of their paths.
  static func between(_ old: JSONValue?, _ new: JSONValue?, at path: JSONPointer) -> [FieldChange] {
    guard old != new else { return [] }
    switch (old ?? new, new ?? old) {
    case (.object(let former), .object(let next)):
      let (former, next) = (old == nil ? [:] : former, new == nil ? [:] : next)
      guard !(former.isEmpty && next.isEmpty) else { break }
      return Set(former.keys).union(next.keys).sorted().flatMap { key in
        between(former[key], next[key], at: path.appending(key))
      }
    case (.array(let former), .array(let next)):
      let (former, next) = (old == nil ? [] : former, new == nil ? [] : next)
      guard !(former.isEmpty && next.isEmpty) else { break }
      return (0..<max(former.count, next.count)).flatMap { index -> [FieldChange] in
        let (old, new) = (former.element(index), next.element(index))
        // An element that comes or goes is told as a whole.
        guard let old, let new else {
          return [FieldChange(field: path.appending(String(index)), old: old, new: new)]
        }
        return between(old, new, at: path.appending(String(index)))
      }
    default: break
    }
    return [FieldChange(field: path, old: old, new: new)]
  }
}

extension FieldChange: CustomStringConvertible {
  var description: String {
    "\(field.fieldPath): \(old?.description ?? "<none>") -> \(new?.description ?? "<none>")"
  }
}

extension Array {
  fileprivate func element(_ index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}

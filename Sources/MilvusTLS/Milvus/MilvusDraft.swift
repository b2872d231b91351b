import JSON

extension MilvusConfiguration {
  /// A Milvus resource in the making: what its author wrote, plus what is required, with every addition recorded and
  /// every contradiction noted.
  struct Draft {
    /// The resource as it will be.
    private(set) var next: JSONValue
    /// What `next` holds that its author did not write.
    private(set) var added = AppliedRecord()
    private(set) var conflicts: [FieldConflict] = []

    private let current: JSONValue
    private let record: AppliedRecord

    init(written: JSONValue, record: AppliedRecord, current: JSONValue) {
      next = written
      self.current = current
      self.record = record
    }

    /// Sets a value that the specified TLS cannot do without; another value written there is a conflict.
    /// - Parameter purpose: what needs it, for people.
    mutating func require(_ value: JSONValue, at pointer: JSONPointer, for purpose: String) {
      guard let existing = existing(at: pointer) else { return force(value, at: pointer) }
      if !existing.isEqualForMilvus(to: value) { refuse(pointer, "\(value.description) for \(purpose)") }
    }

    /// Sets a default; a value written there stays.
    mutating func suggest(_ value: JSONValue, at pointer: JSONPointer) {
      if existing(at: pointer) == nil { force(value, at: pointer) }
    }

    /// Sets a value that is the operator's alone.
    mutating func force(_ value: JSONValue, at pointer: JSONPointer) {
      for depth in 1..<pointer.tokens.count {
        let parent = JSONPointer(Array(pointer.tokens.prefix(depth)))
        guard let found = next[parent], found.object == nil, !found.isNull else { continue }
        return refuse(parent, "an object with \(pointer.tokens[depth])")
      }
      noteCreated(upTo: pointer.tokens.count - 1, of: pointer)
      next[pointer] = value
      added.values[pointer] = value
    }

    /// Notes that what is in a place cannot stay.
    mutating func refuse(_ pointer: JSONPointer, _ wanted: String) {
      let found = next[pointer]?.description ?? "missing"
      note(FieldConflict(field: pointer.fieldPath, found: found, wanted: wanted))
    }

    /// Notes that a setting cannot stay.
    mutating func refuse(_ setting: MilvusSettings.Setting, _ wanted: String) {
      let found = setting.value.isNull ? "missing" : setting.value.string ?? setting.value.description
      note(FieldConflict(field: setting.field, found: found, wanted: wanted))
    }

    /// Notes a contradiction.
    mutating func note(_ conflict: FieldConflict) {
      conflicts.append(conflict)
    }

    private mutating func noteCreated(upTo depth: Int, of pointer: JSONPointer) {
      // The root's own members (spec, metadata) are everybody's.
      for depth in stride(from: 2, through: depth, by: 1) {
        let place = JSONPointer(Array(pointer.tokens.prefix(depth)))
        if next[place] == nil || record.created.contains(place) { added.created.insert(place) }
      }
    }

    /// Adds an element to a list unless its author wrote one in the same place.
    /// - Parameters:
    ///   - isSamePlace: whether an element has the place of the new one (same name, same path).
    ///   - fits: whether such an element does the new one's work; otherwise it is a conflict.
    mutating func append(
      _ element: JSONValue,
      to list: JSONPointer,
      unless isSamePlace: (JSONValue) -> Bool,
      fits: (JSONValue) -> Bool
    ) {
      let existing = next[list]?.array ?? []
      if let found = existing.first(where: isSamePlace) {
        if !fits(found) {
          conflicts.append(
            FieldConflict(field: list.fieldPath, found: found.description, wanted: element.description)
          )
        }
        return
      }
      noteCreated(upTo: list.tokens.count, of: list)
      added.elements[list, default: []].append(element)
      next[list] = .array(existing + [element])
    }

    /// The resource as it will be, with the operator's elements where they are already: their place among later ones is
    /// kept, so that a finished resource needs no write.
    var finished: JSONValue {
      var result = next
      for (list, elements) in added.elements {
        guard let standing = current[list]?.array else { continue }
        let obsolete = (record.elements[list] ?? []).filter { !elements.contains($0) }
        result[list] = .array(
          standing.filter { !obsolete.contains($0) } + elements.filter { !standing.contains($0) }
        )
      }
      return result
    }

    /// The additions that somebody removed from the resource.
    /// - Parameter wasConfigured: whether all were there, although their record is gone too.
    func reverted(wasConfigured: Bool) -> [JSONPointer] {
      let values = added.values.keys.filter { place in
        current[place] == nil && (wasConfigured || record.values[place] != nil)
      }
      let lists = added.elements.filter { list, elements in
        elements.contains { element in
          current[list]?.array?.contains(element) != true
            && (wasConfigured || record.elements[list]?.contains(element) == true)
        }
      }
      return (values + lists.keys).sorted { $0.description < $1.description }
    }

    private func existing(at pointer: JSONPointer) -> JSONValue? {
      next[pointer].flatMap { $0.isNull ? nil : $0 }
    }
  }
}

import JSON

/// The settings of a release as Milvus reads them: keys in any letter case, nested or dotted, and environment variables
/// over files (pkg/config of Milvus).
///
/// etcd comes before both (`<etcd.rootPath>/config`); what it holds is not in the resource.
struct MilvusSettings {
  /// A value, and where it is written.
  struct Setting {
    /// For people: `spec.config.common.security.TLSMode`, or a variable's field.
    let field: String
    let value: JSONValue
  }

  /// Values of `spec.config` by normalized key.
  private let entries: [String: [(place: JSONPointer, value: JSONValue)]]
  private let environments: [ComponentEnvironment]
  private let serving: String
  private let root: JSONValue

  /// - Parameter resource: an object with `spec.config` and `spec.components`.
  init(_ resource: JSONValue, serving: Component, isCluster: Bool) {
    root = resource
    self.serving = serving.rawValue
    var entries: [String: [(place: JSONPointer, value: JSONValue)]] = [:]
    if let config = resource[MilvusConfiguration.config] {
      Self.collect(config, MilvusConfiguration.config, "", into: &entries)
    }
    self.entries = entries
    environments = ComponentEnvironment.all(of: resource[MilvusConfiguration.components], isCluster: isCluster)
  }

  private static func collect(
    _ value: JSONValue,
    _ place: JSONPointer,
    _ key: String,
    into entries: inout [String: [(place: JSONPointer, value: JSONValue)]]
  ) {
    if let members = value.object {
      for (name, member) in members.sorted(by: { $0.key < $1.key }) {
        collect(member, place.appending(name), key + SettingKey.normalized(name), into: &entries)
      }
    } else if !value.isNull {
      entries[key, default: []].append((place, value))
    }
  }

  // MARK: Values

  /// The value that the components read which need it; of several the first.
  subscript(_ key: SettingKey) -> JSONValue? { effective(key).first?.value }

  /// The different values that components read: one as a rule, more where environment variables differ. A variable that
  /// cannot be read counts as absent.
  func effective(_ key: SettingKey) -> [Setting] {
    let file = entries[key.normalized]?.first.map { Setting(field: $0.place.fieldPath, value: $0.value) }
    var settings: [Setting] = []
    for environment in readers(of: key) {
      let variable = environment.variables[key.normalized]?.last { $0.value != nil }
      let setting = variable.map { Setting(field: $0.field, value: .string($0.value ?? "")) } ?? file
      if let setting, !settings.contains(where: { $0.field == setting.field }) { settings.append(setting) }
    }
    return settings
  }

  /// The values of environment variables.
  func variables(_ key: SettingKey) -> [Setting] {
    effective(key).filter { setting in entries[key.normalized]?.contains { $0.place.fieldPath == setting.field } != true
    }
  }

  /// Whether every component that reads the setting has it from an environment variable, so that files do not count.
  func isOverridden(_ key: SettingKey) -> Bool {
    readers(of: key).allSatisfy { $0.variables[key.normalized]?.contains { $0.value != nil } ?? false }
  }

  /// The port of metrics, health and administration of a component's pods, which a variable moves (`METRICS_PORT`).
  /// - Parameter component: nil for one that this operator does not know.
  func metricsPort(of component: Component?) -> Int {
    let own = environments.first { $0.section == component?.rawValue } ?? environments.first
    let variable = own?.variables[SettingKey.normalized("METRICS_PORT")]?.last
    return variable?.value.flatMap { Int($0) } ?? MilvusPort.metrics
  }

  private func readers(of key: SettingKey) -> [ComponentEnvironment] {
    guard key.isOfServing else { return environments }
    let own = environments.filter { $0.section == serving }
    return own.isEmpty ? Array(environments.prefix(1)) : own
  }

  // MARK: Doubts

  /// Settings that are written more than once: which value counts is chance, anew at each start.
  var doubled: [(key: SettingKey, fields: [Setting])] {
    SettingKey.all.compactMap { key in
      let files = entries[key.normalized] ?? []
      if files.count > 1 { return (key, files.map { Setting(field: $0.place.fieldPath, value: $0.value) }) }
      let variables = readers(of: key).lazy.compactMap { $0.variables[key.normalized] }.first { $0.count > 1 }
      return variables.map { variables in
        (key, variables.map { Setting(field: $0.field, value: .string($0.value ?? "")) })
      }
    }
  }

  /// Variables that the operator cannot read and that may override a TLS setting, for people.
  var unreadVariables: [String] {
    let single = SettingKey.all.flatMap { key in
      readers(of: key).flatMap { $0.variables[key.normalized] ?? [] }.filter { $0.value == nil }
        .map { "\($0.field) (\(key))" }
    }
    return (single + environments.flatMap(\.unreadLists)).unique
  }

  /// Keys that turn TLS on and are not spelled as in the image's milvus.yaml, for people. milvus-operator merges by exact
  /// keys, so that both spellings are in the file then, and some releases take either.
  var unusualSpellings: [String] {
    [SettingKey.tlsMode, .internalEnabled].flatMap { key in
      (entries[key.normalized] ?? []).map(\.place)
        .filter { $0.tokens.dropFirst(MilvusConfiguration.config.tokens.count) != key.path[...] }.map(\.fieldPath)
    }
  }

  /// TLS that files ask for and that environment variables turn off for every component, for people; nil where there
  /// is none.
  var overriddenRequest: String? {
    let asksForExternal = { (value: JSONValue) in value.isEqualForMilvus(to: 1) || value.isEqualForMilvus(to: 2) }
    let asksForInternal = { (value: JSONValue) in value.goBool == true }
    let texts = [
      (SettingKey.tlsMode, "external", asksForExternal), (.internalEnabled, "internal", asksForInternal),
    ].compactMap { key, kind, asks -> String? in
      guard let file = entries[key.normalized]?.first, asks(file.value), let variable = variables(key).first,
        !effective(key).contains(where: { asks($0.value) })
      else { return nil }
      let (written, value) = (file.place.fieldPath, variable.value.string ?? "")
      return
        "\(written) is \(file.value.description), but \(variable.field) is \(value) and overrides it: \(kind) TLS is off, "
        + "unless etcd has the key"
    }
    return texts.isEmpty ? nil : texts.joined(separator: "; ")
  }

  /// TLS settings that are where Milvus ignores them, each with its right place.
  private var misplaced: [(field: String, place: String)] {
    let known = Set(SettingKey.all.map(\.normalized))
    let rightPlaces = SettingKey.all.filter { $0.path.first != "proxy" }
    var found: [(field: String, place: String)] = []
    for (key, values) in entries.sorted(by: { $0.key < $1.key }) where !known.contains(key) {
      for (place, _) in values {
        let tokens = place.tokens.dropFirst(MilvusConfiguration.config.tokens.count)
        // CDC has files of its own for each cluster (`tls.clusters.<id>.caPemPath`).
        guard !key.hasPrefix("tlsclusters"), let right = Self.place(for: tokens, among: rightPlaces) else { continue }
        let finding = Self.finding(place, right)
        if !found.contains(where: { $0.field == finding.field }) { found.append(finding) }
      }
    }
    return found
  }

  /// The same for people; nil where there are none.
  var misplacement: String? {
    let texts = misplaced.map { "\($0.field) is ignored by Milvus; its place is \($0.place)" }
    return texts.isEmpty ? nil : texts.joined(separator: "; ")
  }

  /// The setting that somebody means by a key that Milvus ignores: the one of the same last name, and of the same
  /// section where two have that name.
  private static func place(for tokens: ArraySlice<String>, among settings: [SettingKey]) -> SettingKey? {
    let names = tokens.flatMap { $0.split(separator: ".") }.map { SettingKey.normalized(String($0)) }
    let same = settings.filter { SettingKey.normalized($0.path.last ?? "") == names.last }
    return same.first { setting in setting.path.dropLast().contains { names.contains(SettingKey.normalized($0)) } }
      ?? (names.last == "sni" ? nil : same.first)
  }

  /// A whole section in a wrong place is one finding.
  private static func finding(_ place: JSONPointer, _ right: SettingKey) -> (field: String, place: String) {
    let section = right.path.dropLast()
    let isSection = section.count == 1 && SettingKey.normalized(place.tokens.dropLast().last ?? "") == section.last
    let found = isSection ? JSONPointer(place.tokens.dropLast()) : place
    let wanted = MilvusConfiguration.config.tokens + (isSection ? Array(section) : right.path)
    return (found.fieldPath, JSONPointer(wanted).fieldPath)
  }

  // MARK: Places

  /// Where a setting is written, or belongs: the spelling that stands there, of the whole key or of its first parts.
  func place(of key: SettingKey) -> JSONPointer {
    if let standing = entries[key.normalized]?.first { return standing.place }
    var (place, rest) = (MilvusConfiguration.config, key.path[...])
    while rest.count > 1, let (name, count) = Self.member(of: root[place], beginning: rest) {
      place = place.appending(name)
      rest = rest.dropFirst(count)
    }
    return JSONPointer(place.tokens + rest)
  }

  /// The member that holds the first names of a key, and how many it stands for.
  private static func member(of object: JSONValue?, beginning path: ArraySlice<String>) -> (String, Int)? {
    let members = (object?.object ?? [:]).filter { !$0.value.isNull }
    for count in stride(from: path.count - 1, to: 0, by: -1) {
      let wanted = SettingKey.normalized(path.prefix(count).joined())
      let names = members.keys.filter { SettingKey.normalized($0) == wanted }.sorted()
      if let name = names.first(where: { $0 == path.first }) ?? names.first { return (name, count) }
    }
    return nil
  }
}

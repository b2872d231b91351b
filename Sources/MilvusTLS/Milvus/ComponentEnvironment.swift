import JSON

/// The environment variables of the pods of a component, or of one of its deployment groups, by milvus-operator's merge
/// rules: a component's variable replaces the one of that name for all components, a group's replaces both.
struct ComponentEnvironment {
  /// A variable that sets one of Milvus's settings.
  struct Variable {
    /// Where it is written, for people: `spec.components.proxy.env[COMMON_SECURITY_TLSMODE]`.
    let field: String
    /// Nil where it comes from a Secret, a ConfigMap or a field, which the operator does not read.
    let value: String?
  }

  /// The section under `spec.components`; nil for the components without one.
  let section: String?
  /// The variables that set settings, by the setting's normalized key; several set the same one.
  let variables: [String: [Variable]]
  /// Lists of variables that the operator does not read, for people: `spec.components.proxy.envFrom`.
  let unreadLists: [String]

  /// Milvus takes variables with this prefix, and without.
  private static let prefix = "milvusconf"

  /// The environments of a resource: of all components without a section, then of each section that runs, and of its
  /// deployment groups in its place.
  static func all(of components: JSONValue?, isCluster: Bool) -> [ComponentEnvironment] {
    let everyone = Source("spec.components", list: "env", components)
    let sections = ComponentPods.running(components, isCluster: isCluster).sorted { $0.key < $1.key }
    return [ComponentEnvironment(nil, [everyone])]
      + sections.flatMap { section, value in
        let field = "spec.components.\(section)"
        let own = Source(field, list: "env", value)
        let groups = value["groups"]?.array ?? []
        guard !groups.isEmpty else { return [ComponentEnvironment(section, [everyone, own])] }
        return groups.map { group in
          let name = group["name"]?.string ?? ""
          return ComponentEnvironment(
            section,
            [everyone, own, Source("\(field).groups[\(name)]", list: "extraEnv", group)]
          )
        }
      }
  }

  private init(_ section: String?, _ sources: [Source]) {
    self.section = section
    var merged: [(name: String, variable: Variable)] = []
    for variable in sources.flatMap(\.variables) {
      if let index = merged.firstIndex(where: { $0.name == variable.name }) {
        merged[index] = variable
      } else {
        merged.append(variable)
      }
    }
    variables = merged.reduce(into: [:]) { variables, entry in
      var key = SettingKey.normalized(entry.name)
      if key.hasPrefix(Self.prefix) { key.removeFirst(Self.prefix.count) }
      variables[key, default: []].append(entry.variable)
    }
    unreadLists = sources.flatMap(\.unreadLists)
  }

  /// One place where variables are written.
  private struct Source {
    let variables: [(name: String, variable: Variable)]
    let unreadLists: [String]

    init(_ field: String, list: String, _ object: JSONValue?) {
      variables = (object?[list]?.array ?? []).compactMap { entry in
        guard let name = entry["name"]?.string else { return nil }
        let value = entry["valueFrom"] == nil ? entry["value"].map { $0.string ?? $0.description } ?? "" : nil
        return (name, Variable(field: "\(field).\(list)[\(name)]", value: value))
      }
      unreadLists = (object?["envFrom"]?.array ?? []).isEmpty ? [] : [field + ".envFrom"]
    }
  }
}

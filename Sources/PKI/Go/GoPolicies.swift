/// The certificate policies of a chain as Go processes them (RFC 5280, 6.1, with RFC 9618), for a peer that takes any.
struct GoPolicies {
  typealias Policy = [UInt8]

  /// A policy that the chain is valid for down to a depth.
  private struct Node {
    /// The policies by which the next certificate below continues it.
    var expected: [Policy]
    var parents: Set<Place>
  }

  private struct Place: Hashable {
    let depth: Int
    let policy: Policy
  }

  static let any = ObjectIdentifier.encode([2, 5, 29, 32, 0])

  /// The nodes of each depth, the trusted CA's first.
  private var strata: [[Policy: Node]] = [[any: Node(expected: [any], parents: [])]]
  private var depth: Int { strata.count - 1 }

  /// Whether a chain has a valid policy, or needs none.
  static func areValid(_ chain: [GoCertificate]) -> Bool {
    guard chain.count > 1 else { return true }
    var graph: GoPolicies? = GoPolicies()
    // How many certificates below may still do without: RFC 5280, 6.1.2, d to f.
    var (explicitPolicy, mapping, anyPolicy) = (chain.count, chain.count, chain.count)
    for (index, certificate) in chain.enumerated().dropLast().reversed() {
      let (extensions, isLeaf) = (certificate.extensions, index == 0)
      if extensions.policies.isEmpty { graph = nil }
      if explicitPolicy == 0, graph == nil { return false }
      graph?.descend(extensions.policies, allowsAny: anyPolicy > 0 || !isLeaf && certificate.isSelfIssued)
      guard !isLeaf else { break }
      if graph?.map(extensions.policyMappings, isAllowed: mapping > 0) == false { return false }
      if !certificate.isSelfIssued {
        (explicitPolicy, mapping, anyPolicy) = (max(explicitPolicy - 1, 0), max(mapping - 1, 0), max(anyPolicy - 1, 0))
      }
      explicitPolicy = min(explicitPolicy, extensions.requireExplicitPolicy ?? explicitPolicy)
      mapping = min(mapping, extensions.inhibitPolicyMapping ?? mapping)
      anyPolicy = min(anyPolicy, extensions.inhibitAnyPolicy ?? anyPolicy)
    }
    explicitPolicy = chain[0].extensions.requireExplicitPolicy == 0 ? 0 : max(explicitPolicy - 1, 0)
    return explicitPolicy > 0 || graph?.hasValidPolicy == true
  }

  /// RFC 9618, 6.1.3, d: goes down to the next certificate.
  private mutating func descend(_ policies: [Policy], allowsAny: Bool) {
    let parents = strata[depth]
    let places = parents.keys.map { Place(depth: depth, policy: $0) }
    func expecting(_ policy: Policy) -> Set<Place> {
      Set(places.filter { parents[$0.policy]?.expected.contains(policy) == true })
    }
    var nodes: [Policy: Node] = [:]
    for policy in policies where policy != Self.any {
      var above = expecting(policy)
      if above.isEmpty { above = Set(places.filter { $0.policy == Self.any }) }
      if !above.isEmpty { nodes[policy] = Node(expected: [policy], parents: above) }
    }
    if policies.contains(Self.any), allowsAny {
      for policy in Set(parents.values.flatMap(\.expected)) where nodes[policy] == nil {
        nodes[policy] = Node(expected: [policy], parents: expecting(policy))
      }
    }
    strata.append(nodes)
    prune()
  }

  /// RFC 9618, 6.1.4, b.
  ///
  /// - Returns: false for a mapping from or to any policy, which is invalid.
  private mutating func map(_ mappings: [GoExtensions.PolicyMapping], isAllowed: Bool) -> Bool {
    guard isAllowed else {
      for mapping in mappings {
        strata[depth][mapping.issuer] = nil
        prune()
      }
      return true
    }
    guard mappings.allSatisfy({ $0.issuer != Self.any && $0.subject != Self.any }) else { return false }
    for (issuer, group) in Dictionary(grouping: mappings, by: \.issuer) {
      let expected = group.map(\.subject)
      if strata[depth][issuer] != nil {
        strata[depth][issuer]?.expected = expected
      } else if strata[depth][Self.any] != nil {
        strata[depth][issuer] = Node(expected: expected, parents: [Place(depth: depth, policy: Self.any)])
      }
    }
    return true
  }

  /// Removes nodes above the last depth that no node below continues.
  private mutating func prune() {
    for level in stride(from: depth - 1, to: 0, by: -1) {
      let continued = (strata[level + 1].values.map(\.parents) + strata[level].values.map(\.parents))
        .reduce(into: Set<Place>()) { $0.formUnion($1) }
      strata[level] = strata[level].filter { continued.contains(Place(depth: level, policy: $0.key)) }
    }
  }

  /// RFC 9618, 6.1.5, g.
  private var hasValidPolicy: Bool {
    strata[depth][Self.any] != nil
      || strata.joined().contains { policy, node in
        policy != Self.any && node.parents.count == 1 && node.parents.first?.policy == Self.any
      }
  }
}

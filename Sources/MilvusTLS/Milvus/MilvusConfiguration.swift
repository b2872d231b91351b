import JSON
import PKI

/// A value of the Milvus resource that contradicts what is asked for. The operator never decides such a case by itself.
public struct FieldConflict: Sendable, Hashable, CustomStringConvertible {
  /// Path in the resource, `spec.config.common.security.tlsMode`.
  public let field: String
  /// What stands there.
  public let found: String
  /// What the TLS asked for needs there.
  public let wanted: String

  public var description: String {
    "\(field) is \(found.shortened(to: 200)), the TLS asked for needs \(wanted.shortened(to: 200))"
  }
}

/// What has to change in a Milvus resource.
enum MilvusChange: Equatable {
  case none
  /// A JSON merge patch that carries the resourceVersion it was made for, and the fields among its own that the operator had set before
  /// and somebody took out.
  case patch(JSONValue, reverted: [JSONPointer])
  case conflicts([FieldConflict])
}

/// The TLS configuration of a Milvus resource: configuration keys, volume, mount and the digest that rolls the pods.
struct MilvusConfiguration {
  /// The name of a mount that makes milvus-operator take the one at its path away.
  static let removal = "_remove"
  static let config = JSONPointer(["spec", "config"])
  static let components = JSONPointer(["spec", "components"])
  static let mounts = components.appending("volumeMounts")
  private static let digest = JSONPointer(
    components.tokens + ["podAnnotations", Names.certificateAnnotation]
  )
  private static let applied = JSONPointer(["metadata", "annotations", Names.appliedAnnotation])

  let current: JSONValue
  /// The resource without what the operator added to it: what its author wrote.
  let written: JSONValue
  private let record: AppliedRecord
  private let resourceVersion: String
  /// The section of the component that clients talk to.
  let serving: String
  let isCluster: Bool

  init(_ milvus: ObservedMilvus) {
    current = [
      "metadata": ["annotations": .object(milvus.annotations.mapValues(JSONValue.string))], "spec": milvus.spec,
    ]
    record = AppliedRecord(annotation: milvus.annotations[Names.appliedAnnotation])
    written = record.strippedFrom(current)
    resourceVersion = milvus.resourceVersion
    isCluster = milvus.isCluster
    serving = milvus.isCluster ? "proxy" : "standalone"
  }

  /// Whether anything in the resource is the operator's.
  var isConfigured: Bool { record != AppliedRecord() }

  /// The change that gives the resource the TLS asked for.
  /// - Parameters:
  ///   - digest: digest of the certificates in the Secret, for the pods' annotation.
  ///   - isRolledOut: whether every pod runs with what the resource says.
  ///   - wasConfigured: whether all of it was there before, as the status tells.
  func change(
    for intent: TLSIntent,
    digest: String,
    isRolledOut: Bool,
    wasConfigured: Bool = false
  ) -> MilvusChange {
    var draft = Draft(written: written, record: record, current: current)
    let places = places(for: intent)
    configure(&draft, intent: intent, places: places)
    mount(&draft, intent: intent, places: places)
    markFormerMounts(&draft, isRolledOut: isRolledOut)
    draft.force(.string(digest), at: Self.digest)
    refuseDigestsOfSections(&draft)
    guard draft.conflicts.isEmpty else { return .conflicts(draft.conflicts.withoutDoubles) }
    return change(to: draft, reverted: draft.reverted(wasConfigured: wasConfigured && !isConfigured))
  }

  /// The change that takes back everything the operator added.
  /// - Parameter isRolledOut: whether every pod runs without what was taken out.
  func removal(isRolledOut: Bool) -> MilvusChange {
    var draft = Draft(written: written, record: record, current: current)
    markFormerMounts(&draft, isRolledOut: isRolledOut)
    guard draft.added == AppliedRecord() else { return change(to: draft) }
    var next = written
    next[Self.applied] = nil
    return change(to: next)
  }

  /// milvus-operator keeps the mounts of running Deployments: a mark that removes a former one of ours stays until these are through.
  private func markFormerMounts(_ draft: inout Draft, isRolledOut: Bool) {
    let standing = draft.next[Self.mounts]?.array?.compactMap(\.mountPath) ?? []
    for mount in record.elements[Self.mounts] ?? [] {
      let isMark = mount["name"]?.string == Self.removal
      guard let path = mount.mountPath, !standing.contains(path), !(isMark && isRolledOut) else { continue }
      let mark: JSONValue = ["name": .string(Self.removal), "mountPath": .string(path)]
      draft.append(mark, to: Self.mounts, unless: { $0 == mark }, fits: { _ in true })
    }
  }

  /// A component's own value would win over the one that rolls all pods.
  private func refuseDigestsOfSections(_ draft: inout Draft) {
    for section in ComponentPods.running(written[Self.components], isCluster: isCluster).keys.sorted() {
      let place = JSONPointer(
        Self.components.tokens + [section, "podAnnotations", Names.certificateAnnotation]
      )
      if written[place] != nil { draft.refuse(place, "no annotation of that name") }
    }
  }

  /// The change that rolls the pods of a Milvus that was configured before, and leaves everything else; none where the
  /// certificates are those its pods were told of.
  func restart(certificates: String) -> MilvusChange {
    guard let stood = certificatesInPods, current[Self.digest]?.string == record.values[Self.digest]?.string,
      stood != certificates, let digest = record.values[Self.digest]?.string
    else { return .none }
    let value = JSONValue.string(certificates + digest.dropFirst(stood.count))
    var (next, added) = (current, record)
    next[Self.digest] = value
    added.values[Self.digest] = value
    next[Self.applied] = .string(added.annotation)
    return change(to: next)
  }

  /// The Secret of the volume that the operator added.
  var mountedSecret: String? {
    record.elements[Self.components.appending("volumes")]?.first?[path: "secret", "secretName"]?.string
  }

  /// What pods carry that run as the resource says; nil where the operator told them nothing.
  var digestInPods: String? { record.values[Self.digest]?.string }

  /// The digest of the certificates that the pods were told of; nil where they were told of none.
  var certificatesInPods: String? {
    guard let digest = digestInPods, let separator = digest.firstIndex(of: "-") else {
      return nil
    }
    return String(digest[..<separator])
  }

  /// The pods' annotation: it changes with the certificates, and with the TLS configuration, so that a pod that carries it runs
  /// with both.
  /// - Parameter certificates: digest of the certificates in the Secret.
  func digest(for intent: TLSIntent, certificates: String) throws -> String {
    let `internal` = intent.isInternalEnabled ? intent.serverName : ""
    let places = places(for: intent).map { "\($0.section) \($0.key) \($0.path)" }
    let text = ([intent.external.rawValue, `internal`, intent.secrets.server] + places).joined(separator: "\n")
    return try certificates + "-" + SHA256Digest.hexadecimal(of: Array(text.utf8)).prefix(16)
  }

  private func change(to draft: Draft, reverted: [JSONPointer] = []) -> MilvusChange {
    var next = draft.finished
    next[Self.applied] = .string(draft.added.annotation)
    return change(to: next, reverted: reverted)
  }

  private func change(to next: JSONValue, reverted: [JSONPointer] = []) -> MilvusChange {
    guard var patch = current.mergePatch(to: next) else { return .none }
    patch[JSONPointer(["metadata", "resourceVersion"])] = .string(resourceVersion)
    return .patch(patch, reverted: reverted)
  }
}

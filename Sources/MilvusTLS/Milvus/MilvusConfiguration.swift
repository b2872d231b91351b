import JSON
import PKI

/// The TLS of a `milvus.io/v1beta1` Milvus in its own fields: configuration keys, volumes, mounts, the Service's port
/// for REST and the annotation that rolls the pods. The only part that knows where a Milvus resource holds what
/// `TLSRequirements` asks for.
struct MilvusConfiguration {
  /// The name of a mount that makes milvus-operator take the one at its path away.
  static let removal = "_remove"
  static let config = JSONPointer(["spec", "config"])
  static let components = JSONPointer(["spec", "components"])
  static let mounts = components.appending("volumeMounts")
  private static let digest = JSONPointer(
    components.tokens + ["podAnnotations", Annotations.certificate]
  )
  private static let applied = JSONPointer(["metadata", "annotations", Annotations.applied])

  let current: JSONValue
  /// The resource without what the operator added to it: what its author wrote.
  let written: JSONValue
  /// What its author wrote, as Milvus reads it.
  let settings: MilvusSettings
  private let record: AppliedRecord
  private let resourceVersion: String
  /// The component that clients talk to.
  let serving: Component
  let isCluster: Bool

  init(_ milvus: ObservedMilvus) {
    current = [
      "metadata": ["annotations": .object(milvus.annotations.mapValues(JSONValue.string))], "spec": milvus.spec,
    ]
    record = AppliedRecord(annotation: milvus.annotations[Annotations.applied])
    written = record.strippedFrom(current)
    resourceVersion = milvus.resourceVersion
    isCluster = milvus.isCluster
    serving = Component.serving(isCluster: milvus.isCluster)
    settings = MilvusSettings(written, serving: serving, isCluster: isCluster)
  }

  /// The settings of Milvus with the operator's additions.
  var currentSettings: MilvusSettings { MilvusSettings(current, serving: serving, isCluster: isCluster) }

  /// The ports that Milvus listens on.
  var ports: MilvusPorts { MilvusPorts(currentSettings) }

  /// The versions of Milvus that the components run.
  var versions: [MilvusVersion] { MilvusVersion.all(in: current[Self.components], isCluster: isCluster) }

  /// Whether anything in the resource is the operator's.
  var isConfigured: Bool { record != AppliedRecord() }

  /// What in the resource contradicts the requirements.
  func conflicts(with requirements: TLSRequirements) -> [FieldConflict] {
    draft(for: requirements, digest: "", isRolledOut: true).conflicts.unique
  }

  /// The change that gives the resource what is required.
  /// - Parameters:
  ///   - digest: the pods' annotation.
  ///   - isRolledOut: whether every pod runs with what the resource says.
  ///   - wasConfigured: whether all of it was there before, according to the status.
  func change(
    for requirements: TLSRequirements,
    digest: String,
    isRolledOut: Bool,
    wasConfigured: Bool = false
  ) -> MilvusChange {
    let draft = draft(for: requirements, digest: digest, isRolledOut: isRolledOut)
    guard draft.conflicts.isEmpty else { return .conflicts(draft.conflicts.unique) }
    return change(to: draft, reverted: draft.reverted(wasConfigured: wasConfigured && !isConfigured))
  }

  private func draft(for requirements: TLSRequirements, digest: String, isRolledOut: Bool) -> Draft {
    var draft = Draft(written: written, record: record, current: current)
    configure(&draft, requirements)
    mount(&draft, requirements)
    markFormerMounts(&draft, isRolledOut: isRolledOut)
    draft.force(.string(digest), at: Self.digest)
    refuseDigestsOfSections(&draft)
    return draft
  }

  /// The change that removes everything the operator added.
  /// - Parameter isRolledOut: whether every pod runs without what was removed.
  func removal(isRolledOut: Bool) -> MilvusChange {
    var draft = Draft(written: written, record: record, current: current)
    markFormerMounts(&draft, isRolledOut: isRolledOut)
    guard draft.added == AppliedRecord() else { return change(to: draft) }
    var next = written
    next[Self.applied] = nil
    return change(to: next)
  }

  /// milvus-operator keeps the mounts of running Deployments: a mark that removes a former one of ours stays until
  /// these are through.
  private func markFormerMounts(_ draft: inout Draft, isRolledOut: Bool) {
    let standing = draft.next[Self.mounts]?.array?.compactMap(\.mountPath) ?? []
    for mount in record.elements[Self.mounts] ?? [] {
      let isMark = mount["name"]?.string == Self.removal
      guard let path = mount.mountPath, !standing.contains(path), !(isMark && isRolledOut) else { continue }
      let mark: JSONValue = ["name": .string(Self.removal), "mountPath": .string(path)]
      draft.append(mark, to: Self.mounts, unless: { $0 == mark }, fits: { _ in true })
    }
  }

  /// The value of a component, or of a deployment group, would win over the one that rolls all pods.
  private func refuseDigestsOfSections(_ draft: inout Draft) {
    for (section, value) in ComponentPods.running(written[Self.components], isCluster: isCluster).sorted(by: {
      $0.key < $1.key
    }) {
      let component = Self.components.appending(section)
      let groups = (value["groups"]?.array ?? []).indices.map {
        JSONPointer(component.tokens + ["groups", "\($0)", "annotations"])
      }
      for place in ([component.appending("podAnnotations")] + groups).map({ $0.appending(Annotations.certificate) })
      where written[place] != nil {
        draft.refuse(place, "no annotation of that name")
      }
    }
  }

  // MARK: Restarts

  /// The change that rolls the pods of a Milvus that was configured before, and leaves everything else; none where the
  /// certificates are those that its pods were started for.
  func restart(certificates: String) -> MilvusChange {
    guard let former = certificatesInPods, former != certificates, let digest = standingDigest else { return .none }
    return restart(digest: certificates + "-" + digest.dropFirst(former.count + 1).prefix { $0 != "-" })
  }

  /// The change that rolls the pods once more for the same certificates; none where that was done.
  var repeatedRestart: MilvusChange {
    guard let digest = standingDigest, !digest.hasSuffix(Self.repetition) else { return .none }
    return restart(digest: digest + Self.repetition)
  }

  /// The end of the pods' annotation after a repeated restart.
  private static let repetition = "-again"

  private func restart(digest: String) -> MilvusChange {
    var (next, added) = (current, record)
    next[Self.digest] = .string(digest)
    added.values[Self.digest] = .string(digest)
    next[Self.applied] = .string(added.annotation)
    return change(to: next)
  }

  /// A digest as the pods have to carry it: after a repeated restart for the same certificates and configuration, with
  /// its mark.
  func carried(_ digest: String) -> String {
    digestInPods == digest + Self.repetition ? digest + Self.repetition : digest
  }

  /// The operator's digest, where nobody changed it.
  private var standingDigest: String? {
    digestInPods.flatMap { current[Self.digest]?.string == $0 ? $0 : nil }
  }

  /// The Secret of the volume that the operator added.
  var mountedSecret: String? {
    record.elements[Self.components.appending("volumes")]?.first?[path: "secret", "secretName"]?.string
  }

  /// What pods carry that run as the resource says; nil before the operator configured it.
  var digestInPods: String? { record.values[Self.digest]?.string }

  /// The digest of the certificates that such pods were started for.
  var certificatesInPods: String? {
    guard let digest = digestInPods, let separator = digest.firstIndex(of: "-") else { return nil }
    return String(digest[..<separator])
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

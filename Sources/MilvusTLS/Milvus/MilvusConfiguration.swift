import JSON
import PKI

/// A value of the Milvus resource that contradicts what is asked for. The operator never decides such a case by itself.
public struct FieldConflict: Sendable, Equatable, CustomStringConvertible {
  /// Path in the resource, `spec.config.common.security.tlsMode`.
  public let field: String
  /// What stands there.
  public let found: String
  /// What the TLS asked for needs there.
  public let wanted: String

  public var description: String { "\(field) is \(found.shortened), the TLS asked for needs \(wanted.shortened)" }
}

/// What has to change in a Milvus resource.
enum MilvusChange: Equatable {
  case none
  /// A JSON merge patch that carries the resourceVersion it was made for.
  case patch(JSONValue)
  case conflicts([FieldConflict])
}

/// The TLS configuration of a Milvus resource: configuration keys, volume, mount and the digest that rolls the pods.
struct MilvusConfiguration {
  private static let config = JSONPointer(["spec", "config"])
  private static let components = JSONPointer(["spec", "components"])
  private static let digest = JSONPointer(
    components.tokens + ["podAnnotations", Names.certificateAnnotation]
  )
  private static let applied = JSONPointer(["metadata", "annotations", Names.appliedAnnotation])

  private let current: JSONValue
  /// The resource without what the operator added to it: what its author wrote.
  private let written: JSONValue
  private let record: AppliedRecord
  private let resourceVersion: String
  private let isCluster: Bool

  init(_ milvus: ObservedMilvus) {
    current = [
      "metadata": ["annotations": .object(milvus.annotations.mapValues(JSONValue.string))], "spec": milvus.spec,
    ]
    record = AppliedRecord(annotation: milvus.annotations[Names.appliedAnnotation])
    written = record.strippedFrom(current)
    resourceVersion = milvus.resourceVersion
    isCluster = milvus.isCluster
  }

  /// The `internaltls.sni` that the author wrote.
  var writtenServerName: String? {
    written[Self.config]?[path: "internaltls", "sni"]?.string
  }

  /// The Secret of the volume of that name that the author wrote.
  func writtenSecretName(volume: String) -> String? {
    written[Self.components]?["volumes"]?.array?
      .first { $0["name"]?.string == volume }?[path: "secret", "secretName"]?.string
  }

  /// The change that takes back everything the operator added.
  func removal() -> MilvusChange {
    var next = written
    next[Self.applied] = nil
    return change(to: next)
  }

  /// The change that gives the resource the TLS asked for.
  /// - Parameter digest: digest of the certificates in the Secret, for the pods' annotation.
  func change(for intent: TLSIntent, digest: String) -> MilvusChange {
    var draft = Draft(written: written, record: record, current: current)
    let mountPath = mountPath(for: intent)
    configure(&draft, intent: intent, mountPath: mountPath)
    mount(&draft, intent: intent, mountPath: mountPath)
    draft.force(.string(digest), at: Self.digest)
    guard draft.conflicts.isEmpty else { return .conflicts(draft.conflicts) }
    var next = draft.next
    next[Self.applied] = .string(draft.added.annotation)
    return change(to: next)
  }

  /// The change that rolls the pods of a Milvus that was configured before, and leaves everything else; none where the
  /// certificates are those its pods were told of.
  func restart(certificates: String) -> MilvusChange {
    guard let stood = record.values[Self.digest]?.string, current[Self.digest]?.string == stood,
      let separator = stood.firstIndex(of: "-"), stood[..<separator] != certificates
    else { return .none }
    let digest = JSONValue.string(certificates + stood[separator...])
    var (next, added) = (current, record)
    next[Self.digest] = digest
    added.values[Self.digest] = digest
    next[Self.applied] = .string(added.annotation)
    return change(to: next)
  }

  /// The pods' annotation: it changes with the certificates, and with the TLS configuration, so that a pod that carries it runs
  /// with both.
  /// - Parameter certificates: digest of the certificates in the Secret.
  func digest(for intent: TLSIntent, certificates: String) throws -> String {
    let external = intent.spec.external.mode.rawValue
    let `internal` = intent.spec.internal.isEnabled ? intent.serverName : ""
    let text = [external, `internal`, mountPath(for: intent)].joined(separator: "\n")
    return try certificates + "-" + SHA256Digest.hexadecimal(of: Array(text.utf8)).prefix(16)
  }

  private func mountPath(for intent: TLSIntent) -> String {
    intent.spec.mount.path ?? writtenMountPath ?? "/certs"
  }

  private func change(to next: JSONValue) -> MilvusChange {
    guard var patch = current.mergePatch(to: next) else { return .none }
    patch[JSONPointer(["metadata", "resourceVersion"])] = .string(resourceVersion)
    return .patch(patch)
  }

  // MARK: Configuration keys

  private static let fileKeys = [
    ("serverPemPath", Names.serverCertificate), ("serverKeyPath", Names.serverKey),
    ("caPemPath", Names.authorityCertificate),
  ]

  /// The folder of the first certificate path that the author wrote: the mount goes there.
  private var writtenMountPath: String? {
    for section in ["tls", "internaltls"] {
      for (key, file) in Self.fileKeys {
        guard let path = written[Self.config]?[path: section, key]?.string, path.hasSuffix("/" + file),
          path.utf8.count > file.utf8.count + 1
        else { continue }
        return String(path.dropLast(file.count + 1))
      }
    }
    return nil
  }

  private func configure(_ draft: inout Draft, intent: TLSIntent, mountPath: String) {
    let external = intent.spec.external
    if external.mode != .disabled {
      draft.require(.integer(external.mode.tlsMode), at: Self.key("common", "security", "tlsMode"))
      for (key, file) in Self.fileKeys { draft.require(.string(mountPath + "/" + file), at: Self.key("tls", key)) }
      serveREST(&draft, port: external.restPort)
    }
    if intent.spec.internal.isEnabled {
      draft.require(true, at: Self.key("common", "security", "internaltlsEnabled"))
      for (key, file) in Self.fileKeys {
        draft.require(.string(mountPath + "/" + file), at: Self.key("internaltls", key))
      }
      draft.require(.string(intent.serverName), at: Self.key("internaltls", "sni"))
    }
  }

  /// REST cannot share port 19530 with gRPC once TLS is on; it gets a port of its own, in Milvus and in its Service.
  private func serveREST(_ draft: inout Draft, port: Int?) {
    guard port != 0 else { return }
    let place = Self.key("proxy", "http", "port")
    if let port { draft.require(.integer(port), at: place) } else { draft.suggest(8080, at: place) }
    // Milvus takes "8080" as well; the Service's field is a number.
    guard let text = draft.next[place]?.description.filter({ $0 != "\"" }), let effective = Int(text),
      (1...65535).contains(effective), effective != Self.port
    else { return draft.refuse(place, "a port from 1 to 65535 other than \(Self.port), which is gRPC's") }
    let serving = isCluster ? "proxy" : "standalone"
    draft.suggest(.integer(effective), at: Self.components.appending(serving).appending("serviceRestfulPort"))
  }

  /// Milvus's port for gRPC (`proxy.port`).
  private static let port = 19530

  private static func key(_ path: String...) -> JSONPointer {
    JSONPointer(config.tokens + path)
  }

  // MARK: Volume and mount

  private func mount(_ draft: inout Draft, intent: TLSIntent, mountPath: String) {
    let secret = intent.secrets.server
    let name = intent.spec.mount.volumeName ?? writtenVolumeName(of: secret) ?? "certs"
    let volume: JSONValue = ["name": .string(name), "secret": ["secretName": .string(secret)]]
    for list in volumeLists {
      draft.append(
        volume,
        to: list,
        unless: { $0["name"]?.string == name },
        fits: { $0[path: "secret", "secretName"]?.string == secret }
      )
    }
    draft.append(
      ["name": .string(name), "mountPath": .string(mountPath), "readOnly": true],
      to: Self.components.appending("volumeMounts"),
      unless: { $0["mountPath"]?.string == mountPath },
      fits: { $0["name"]?.string == name && $0["subPath"] == nil }
    )
    for list in componentMounts(at: mountPath) {
      draft.refuse(list, "no mount at \(mountPath), where the mount for all components goes")
    }
  }

  /// Lists of a component's own mounts with one at a path: they are appended to the global ones, and no path can be mounted twice.
  private func componentMounts(at path: String) -> [JSONPointer] {
    (written[Self.components]?.object ?? [:]).filter { section in
      section.value["volumeMounts"]?.array?.contains { $0["mountPath"]?.string == path } ?? false
    }.keys.sorted().map { Self.components.appending($0).appending("volumeMounts") }
  }

  /// The name of a volume that the author wrote for this Secret.
  private func writtenVolumeName(of secret: String) -> String? {
    written[Self.components]?["volumes"]?.array?
      .first { $0[path: "secret", "secretName"]?.string == secret }?["name"]?.string
  }

  /// The global list, and that of every component with one of its own: milvus-operator lets it replace the global one, unless it
  /// is empty.
  private var volumeLists: [JSONPointer] {
    let sections = (written[Self.components]?.object ?? [:])
      .filter { $0.value["volumes"]?.array?.isEmpty == false }.keys.sorted()
    return [Self.components.appending("volumes")]
      + sections.map { Self.components.appending($0).appending("volumes") }
  }
}

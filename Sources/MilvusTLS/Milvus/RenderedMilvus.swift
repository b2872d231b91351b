import Foundation
import JSON
import PKI

/// A Milvus with its TLS in place, made from its resource alone: for those who deploy from files.
public struct RenderedMilvus: Sendable {
  /// Why a Milvus cannot have the specified TLS.
  public enum Problem: Error, Sendable, Equatable {
    /// Fields of the Milvus contradict it.
    case conflicts([FieldConflict])
    /// A field of the specification, an annotation, or a version of Milvus.
    case unusable(field: String, message: String)
  }

  /// The Secrets that the operator issues for a Milvus.
  public struct Secret: Sendable {
    public let name: String
    /// Entries in PEM.
    public let files: [String: String]
  }

  /// The resource: what its author wrote, and what the operator would add. The operator's own annotations are left out.
  public let resource: JSONValue
  public var name: String { context.milvus.name }
  /// The Secret that it mounts.
  public var secretName: String { context.names.server }
  /// The Secrets of the CA and of the clients, by their names.
  public var otherSecretNames: [String] { [context.names.authority] + context.names.clients.values.sorted() }
  public var external: ExternalMode { context.intent.external }
  public var isInternalEnabled: Bool { context.intent.isInternalEnabled }
  /// The port of REST, in the resource; nil where REST is off, or there is no external TLS.
  public let restPort: Int?
  private let context: ReleaseContext

  /// - Parameters:
  ///   - object: a `milvus.io/v1beta1` Milvus with a name.
  ///   - spec: `spec` of its MilvusTLS; nil for what the Milvus itself requests, or one-way TLS for clients.
  ///   - overrides: a merge patch of this specification.
  ///   - layout: the entries of its Secret that hold the files.
  ///   - secretOwners: Milvus of the same namespace by the Secrets that they have.
  /// - Throws: `Problem`.
  public init(
    _ object: JSONValue,
    spec: JSONValue? = nil,
    overrides: JSONValue = [:],
    layout: SecretLayout? = nil,
    secretOwners: [String: String] = [:],
    now: Date = Date()
  ) throws {
    var stored = object
    let defaults: [(String, JSONValue)] = [("namespace", "default"), ("uid", ""), ("resourceVersion", "")]
    for (name, value) in defaults {
      let place = JSONPointer(["metadata", name])
      stored[place] = stored[place] ?? value
    }
    guard let milvus = ObservedMilvus(stored) else {
      throw Problem.unusable(field: "metadata.name", message: "must be the name of the Milvus")
    }
    let configuration = MilvusConfiguration(milvus)
    let parsed: MilvusTLSSpec
    do throws(FieldError) {
      let requested = try RequestedTLS.reading(milvus.annotations, configuration.authored)
      parsed = try MilvusTLSSpec((spec ?? Self.spec(requested, overrides)).merging(overrides))
    } catch {
      let field = error.field.replacing("annotation ", with: "metadata.annotations.")
      throw Problem.unusable(field: field, message: error.problem)
    }
    var observation = Observation(now: now, milvus: milvus)
    observation.unmanagedSecretUsers = secretOwners
    let milvusTLS = ObservedMilvusTLS([
      "metadata": [
        "name": .string(milvus.name), "namespace": .string(milvus.namespace), "uid": "", "resourceVersion": "",
      ]
    ])
    guard let milvusTLS else { throw Problem.unusable(field: "metadata.name", message: "cannot be read") }
    var context = ReleaseContext(
      observation: observation,
      milvus: milvus,
      milvusTLS: milvusTLS,
      spec: parsed,
      configuration: configuration,
      requestProblem: nil,
      status: StatusDraft(milvusTLS, now: now)
    )
    context.intent = context.intent(context.names, layout ?? Self.layout(configuration, parsed, context.intent))
    self.context = context
    resource = try Self.resource(of: context, object)
    let settings = MilvusConfiguration(ObservedMilvus(stored.merging(["spec": resource["spec"] ?? [:]])) ?? milvus)
      .settings
    let servesREST = context.intent.external != .disabled && settings[.restEnabled]?.goBool != false
    restPort = servesREST ? settings[.restPort]?.goInt : nil
  }

  /// The entries of the Secret, as far as the author's mounts say; the others have their usual names.
  private static func layout(
    _ configuration: MilvusConfiguration,
    _ spec: MilvusTLSSpec,
    _ intent: TLSIntent
  ) -> SecretLayout {
    let written = configuration.writtenSecret(spec.mount)?.layout ?? [:]
    let isKubernetesTLS = spec.certificate.issuer != nil || written[.certificate] == "tls.crt"
    var layout = isKubernetesTLS ? ObservedSecret.kubernetesTLSLayout : .own
    // A Secret of type kubernetes.io/tls need not have a CA.
    if isKubernetesTLS, !intent.requiredFiles.contains(.authority) { layout[.authority] = nil }
    return layout.merging(written) { $1 }
  }

  /// What a Milvus requests by itself; one-way TLS for clients where nobody says anything.
  private static func spec(_ requested: RequestedTLS, _ overrides: JSONValue) -> JSONValue {
    guard requested.isRequest || overrides[path: "external", "mode"] != nil || overrides["internal"] != nil else {
      return ["external": ["mode": .string(ExternalMode.oneWay.rawValue)]]
    }
    var spec: JSONValue = [:]
    if let mode = requested.external { spec["external"] = ["mode": .string(mode.rawValue)] }
    if let isEnabled = requested.internal { spec["internal"] = ["enabled": .bool(isEnabled)] }
    return spec
  }

  private static func resource(of context: ReleaseContext, _ object: JSONValue) throws(Problem) -> JSONValue {
    let (configuration, intent) = (context.configuration, context.intent)
    if intent.isInternalEnabled, let old = configuration.versions.first(where: { $0.hasInternalTLS == false }) {
      let message = "is \(old.text.quoted); internal TLS needs Milvus 2.5.0 or later"
      throw Problem.unusable(field: old.field, message: message)
    }
    guard intent.isEnabled else {
      let conflicts = configuration.conflictsWithDisabled
      if conflicts.isEmpty { return object }
      throw Problem.conflicts(conflicts)
    }
    // Files of several Secrets are used as they are, whatever these hold.
    let provided = context.mountedFiles.map { files in
      files.compactMap { file in
        file.entries.last.map { FileMount(section: file.section, file: file.file, path: file.path, entry: $0) }
      }
    }
    let requirements = TLSRequirements(
      intent,
      files: provided ?? configuration.fileMounts(for: intent),
      isProvidedInPlace: provided != nil
    )
    switch configuration.change(for: requirements, digest: "", isRolledOut: true) {
    case .conflicts(let conflicts): throw Problem.conflicts(conflicts)
    case .none: return object
    case .patch(let patch, _):
      var next = object.merging(["spec": patch["spec"] ?? [:]])
      // The operator's annotation of the pods is about certificates that nobody knows here.
      let annotations = MilvusConfiguration.components.appending("podAnnotations")
      next[annotations] = object[annotations]
      return next
    }
  }

  /// Issues the certificates of the Milvus: what the operator would write into its Secrets. None for a Milvus without
  /// TLS.
  /// - Throws: `Problem` where somebody else provides one of the Secrets: `spec.certificate` and `spec.authority` are
  ///   fields of the MilvusTLS. `PKIError` for names that no certificate can carry.
  public func issueSecrets() throws -> [Secret] {
    try checkSource()
    guard context.intent.isEnabled else { return [] }
    var observation = context.observation
    var objects: [String: JSONValue] = [:]
    // Two rounds: the CA comes first.
    for _ in 0..<2 {
      let set = try CertificateSet(intent: context.intent, milvus: context.milvus, observation: observation)
      for write in set.needed {
        let secret = try CertificateIssuer.secret(
          for: write,
          authority: write.authoritySecret.flatMap { objects[$0] },
          old: nil,
          owner: context.milvus,
          now: observation.now
        )
        objects[write.desired.secretName] = secret
        observation.secrets[write.desired.secretName] = ObservedSecret(unwritten: secret)
      }
    }
    return objects.sorted { $0.key < $1.key }.map { name, object in
      let files = (object["data"]?.object ?? [:]).compactMapValues { value in
        value.string.flatMap { Data(base64Encoded: $0) }.map { String(decoding: $0, as: UTF8.self) }
      }
      return Secret(name: name, files: files)
    }
  }

  private func checkSource() throws(Problem) {
    let spec = context.spec
    if let issuer = spec.certificate.issuer {
      let message = "names the issuer \(issuer.name.quoted): cert-manager makes the Secret \(secretName)"
      throw Problem.unusable(field: "spec.certificate.issuerRef", message: message)
    }
    if let source = spec.certificate.source, source != .operator {
      let message = "is \(source.rawValue): somebody else makes the Secret \(secretName)"
      throw Problem.unusable(field: "spec.certificate.source", message: message)
    }
    if let name = spec.authority.secretName {
      let message = "names \(name): its owner makes this CA, and its key is not in reach here"
      throw Problem.unusable(field: "spec.authority.secretName", message: message)
    }
    if context.mountedFiles != nil {
      let message = "mounts the files of several Secrets or ConfigMaps, which somebody else makes"
      throw Problem.unusable(field: "spec.components.volumes", message: message)
    }
  }
}

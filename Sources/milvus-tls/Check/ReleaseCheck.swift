import Foundation
import JSON
import MilvusTLS
import YAML

/// Judges one Milvus by what the operator would say of it.
struct ReleaseCheck {
  let milvus: JSONValue
  let origin: ReleaseOrigin
  var milvusTLS: [CheckedObject] = []
  /// Whether nothing is known of the files that it reads: they are taken as they should be.
  var impliesTLS = false
  var secrets: [CheckedObject] = []
  /// Secrets that stand for folders.
  var folders: [JSONValue] = []
  var configMaps: [CheckedObject] = []
  /// Secrets that are not there yet and will be.
  var promised: Set<String> = []

  /// Conditions of a running cluster, which files do not decide.
  private static let passing: Set<ReadyReason> = [
    .waitingForCertManager, .certManagerNotInstalled, .certManagerUnreachable, .waitingForDeletion, .fieldsReverted,
    .milvusNotFound,
  ]

  /// Whether the configuration, or an annotation, asks for TLS.
  func requestsTLS(at now: Date) -> Bool { rehearsal(at: now).isRequest }

  private func rehearsal(at now: Date) -> Rehearsal {
    Rehearsal(
      milvus: milvus,
      milvusTLS: milvusTLS.map(\.json),
      secrets: secrets.map(\.stored) + folders,
      configMaps: configMaps.map(\.json),
      now: now
    )
  }

  /// - Throws: `PKIError` if no certificate can be issued.
  func findings(at now: Date) throws -> [Finding] {
    var rehearsal = rehearsal(at: now)
    let isImplied = impliesTLS && rehearsal.isRequest
    if isImplied { rehearsal = operatorRehearsal(at: now) }
    let outcome = try rehearsal.run()
    var findings = outcome.conditions.flatMap { self.findings(of: $0.condition, $0.milvusTLS) }
    if let warning = outcome.warning, warning.reason != .abandoned {
      findings += self.findings(.warning, warning.reason.rawValue, Self.split(warning.message, before: "spec."))
    }
    if !isImplied { findings += outcome.issued.compactMap(missing) }
    if !origin.isOperated { findings += self.findings(ofMissing: outcome.added, outcome.external) }
    let hiding: Set = [ReadyReason.filesNotVisible.rawValue, ReadyReason.secretMissing.rawValue]
    if milvusTLS.isEmpty, findings.contains(where: { hiding.contains($0.reason) && $0.severity == .error }) {
      findings += try settingFindings(at: now)
    }
    return findings
  }

  /// The conflicts of settings that the operator would find once it sees the files.
  private func settingFindings(at now: Date) throws -> [Finding] {
    var rehearsal = operatorRehearsal(at: now)
    return try rehearsal.run().conditions.filter { $0.condition.reason == ReadyReason.conflict.rawValue }.flatMap {
      let settings = Self.split($0.condition.message, before: "spec.").filter { piece in
        let field = piece.prefix { $0 != " " }
        return field.hasPrefix("spec.config.") && !field.lowercased().hasSuffix("path") || field.hasSuffix("]")
      }
      return findings(.error, ReadyReason.conflict.rawValue, settings)
    }
  }

  /// What the operator would do if it issued the files.
  private func operatorRehearsal(at now: Date) -> Rehearsal {
    let implied: JSONValue = [
      "metadata": [
        "name": milvus[path: "metadata", "name"] ?? "", "namespace": milvus[path: "metadata", "namespace"] ?? "default",
      ],
      "spec": ["certificate": ["source": "Operator"]],
    ]
    return Rehearsal(milvus: milvus, milvusTLS: [implied], secrets: [], configMaps: [], now: now)
  }

  // MARK: Conditions

  private func findings(of condition: Condition, _ name: String) -> [Finding] {
    guard condition.isWarning else { return [] }
    let message = condition.message
    guard condition.type == .ready else {
      let isKnown = origin.isOperated || condition.type != .versionAssumed
      return findings(
        isKnown ? .warning : .note,
        condition.type.rawValue,
        pieces(of: message, condition.type),
        of: message
      )
    }
    guard let reason = ReadyReason(rawValue: condition.reason), !Self.passing.contains(reason) else { return [] }
    switch reason {
    case .conflict: return findings(.error, condition.reason, Self.split(message, before: "spec."))
    case .secretInvalid:
      let faults = message.split(separator: "cannot be used: ", maxSplits: 1).last.map(String.init) ?? message
      return findings(.error, condition.reason, Self.split(faults, before: ""), of: message)
    case .invalidSpec, .superseded:
      let place = milvusTLS.first { $0.name == name }.map { object in
        object.place(of: reason == .superseded ? "metadata.name" : String(message.prefix { $0 != ":" }))
      }
      return [finding(.error, condition.reason, message, at: place ?? origin.place("metadata.name"))]
    case .invalidAnnotation:
      let annotation = message.dropFirst("annotation ".count).prefix { $0 != ":" }
      return [finding(.error, condition.reason, message, at: origin.place("metadata.annotations.\(annotation)"))]
    case .secretMissing where promised.contains { message.contains("Secret \($0)") }:
      return findings(.note, condition.reason, [message])
    default: return findings(.error, condition.reason, [message])
    }
  }

  private func pieces(of message: String, _ type: ConditionType) -> [String] {
    switch type {
    case .misplaced: return Self.split(message, before: "spec.")
    case .secretFindings:
      let text = message.prefixMatch(of: /Secret [^\s]+:[ ]/).map { String(message[$0.range.upperBound...]) } ?? message
      let findings = Self.split(text, before: "")
      // The name of the release is not known.
      return origin.isOperated ? findings : findings.filter { !$0.contains("covers no name of Service") }
    default: return [message]
    }
  }

  /// The findings that a message lists.
  private static func split(_ message: String, before start: String) -> [String] {
    message.components(separatedBy: "; " + start).enumerated().reduce(into: []) { pieces, piece in
      let (index, text) = piece
      // The second half of one finding.
      if text.hasPrefix("its names are "), let last = pieces.popLast() { return pieces.append("\(last); \(text)") }
      pieces.append(index == 0 ? text : start + text)
    }
  }

  private func findings(
    _ severity: Finding.Severity,
    _ reason: String,
    _ pieces: [String],
    of message: String? = nil
  ) -> [Finding] {
    pieces.map { finding(severity, reason, $0, at: place(of: $0, in: message ?? $0)) }
  }

  private func finding(
    _ severity: Finding.Severity,
    _ reason: String,
    _ message: String,
    mend: String? = nil,
    at place: FilePlace
  ) -> Finding {
    let words = origin.words(message)
      .replacing("does not exist yet; waiting for it", with: "is not among the files")
      .replacing("does not exist; waiting for it", with: "is not among the files")
    let isUnmounted = !origin.isOperated && reason == ReadyReason.filesNotVisible.rawValue
    return Finding(
      severity,
      reason,
      words,
      mend: mend ?? (isUnmounted ? "Mount the file at that path, or write the path where it is mounted." : nil),
      in: place.file,
      at: place.place
    )
  }

  // MARK: Places

  /// The place that a message is about: an entry of a Secret, a field, a path, a name.
  private func place(of piece: String, in message: String) -> FilePlace {
    let objects = secrets + configMaps
    let entries = objects.flatMap { object in
      object.entries.filter { piece.hasPrefix($0 + " ") }.map { (object, $0) }
    }
    if let (object, entry) = entries.first(where: { message.contains(" \($0.0.name)") }) ?? entries.first {
      return object.place(ofEntry: entry)
    }
    if let field = piece.firstMatch(of: /spec\.[^\s,;:()]+/)?.output {
      let field = field.hasSuffix(".") ? field.dropLast() : field
      if field.hasPrefix("spec.config") || field.hasPrefix("spec.components") { return origin.place(String(field)) }
      if let object = milvusTLS.first { return object.place(of: String(field)) }
    }
    let texts = [
      piece.firstMatch(of: /Milvus reads (.+?), which/)?.output.1,
      message.firstMatch(of: /(?:Secret|ConfigMap) ([^\s,;:]+)/)?.output.1,
    ]
    let places = texts.compactMap { $0.map(String.init) }.compactMap { text in
      origin.placeOfText(text) ?? milvusTLS.lazy.compactMap { $0.place(ofText: text) }.first
        ?? objects.first { $0.name == text }?.place(of: "metadata.name")
    }
    return places.first ?? origin.place("metadata.name")
  }

  // MARK: What is not in the files

  /// A Secret that is mounted and in no file: somebody creates it, or the operator does.
  private func missing(_ secret: String) -> Finding? {
    guard let place = origin.placeOfText(secret) else { return nil }
    let message =
      origin.isOperated
      ? "Secret \(secret) is not among the files: somebody creates it, or the operator issues it"
      : "Secret \(secret) is not among the files and was not judged"
    return finding(.note, ReadyReason.secretMissing.rawValue, message, at: place)
  }

  /// What the operator would add to the configuration, and nobody does here.
  private func findings(ofMissing added: JSONValue, _ external: ExternalMode?) -> [Finding] {
    let config = added[path: "spec", "config"] ?? [:]
    var findings: [Finding] = []
    if config[path: "proxy", "http", "port"] != nil {
      findings.append(
        finding(
          .note,
          ReadyReason.conflict.rawValue,
          "proxy.http.port is not set: with TLS, REST cannot share the gRPC port, and Milvus 2.6.7 and later do not start",
          mend: "Write proxy.http.port: 8080, or proxy.http.enabled: false.",
          at: origin.place("spec.config.proxy.http.port")
        )
      )
    }
    for section in ["tls", "internaltls"] {
      let keys = (config[section]?.object ?? [:]).keys.filter { key in
        key != "sni" && !(section == "tls" && key == "caPemPath" && external == .oneWay)
      }
      guard let first = keys.min() else { continue }
      let names = keys.sorted().map { "\(section).\($0)" }.joined(separator: ", ")
      findings.append(
        finding(
          .error,
          ReadyReason.filesNotVisible.rawValue,
          "\(names) \(keys.count == 1 ? "is" : "are") not set: Milvus uses what is in its image",
          mend: "Write the path of each file, and mount the files there.",
          at: origin.place("spec.config.\(section).\(first)")
        )
      )
    }
    if config[path: "internaltls", "sni"] != nil {
      findings.append(
        finding(
          .note,
          ReadyReason.conflict.rawValue,
          "internaltls.sni is not set: Milvus expects the name localhost in the certificate",
          mend: "Write a DNS name of the server certificate.",
          at: origin.place("spec.config.internaltls.sni")
        )
      )
    }
    return findings
  }
}

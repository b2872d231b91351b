import MilvusTLS
import YAML

/// One thing that is wrong with a file, and what mends it.
struct Finding: Hashable {
  enum Severity: String, Comparable {
    /// Milvus or the operator refuses it, or TLS is not what it seems.
    case error
    /// Its owner should know.
    case warning
    /// What cannot be told from the files; it never changes the exit status.
    case note

    static func < (left: Severity, right: Severity) -> Bool { left.order < right.order }

    private var order: Int { self == .error ? 0 : self == .warning ? 1 : 2 }
  }

  /// Milvus or its peers refuse a certificate file.
  static let certificateInvalid = "CertificateInvalid"
  /// The owner of a certificate file should know something about it.
  static let certificateFindings = "CertificateFindings"

  let severity: Severity
  /// One word, as in a condition: `Conflict`, `Misplaced`.
  let reason: String
  let message: String
  /// What the author of the file has to do.
  let mend: String
  /// The file as the user wrote it; `<stdin>` for standard input.
  var file: String
  var place: YAMLPlaces.Place

  init(
    _ severity: Severity,
    _ reason: String,
    _ message: String,
    mend: String? = nil,
    in file: String,
    at place: YAMLPlaces.Place = YAMLPlaces.Place(line: 1, column: 1)
  ) {
    self.severity = severity
    self.reason = reason
    self.message = message
    self.mend = mend ?? Self.mends[reason] ?? "Change the field as the message says."
    self.file = file
    self.place = place
  }

  /// What mends a finding, by reason.
  private static let mends = [
    ReadyReason.conflict.rawValue: "Write the value that the message asks for, or request the TLS that is written.",
    ReadyReason.filesNotVisible.rawValue:
      "Mount a Secret with the certificate, the key and the CA at that path, or let the operator issue them with annotation \(Annotations.external).",
    ReadyReason.secretMissing.rawValue: "Create it before Milvus starts; name its file too, so that it is judged.",
    ReadyReason.secretInvalid.rawValue:
      "Replace the file that the message names; `milvus-tls certs create` makes new ones.",
    ReadyReason.invalidAnnotation.rawValue: "Write one of the allowed values.",
    ReadyReason.invalidSpec.rawValue: "Write one of the allowed values.",
    ReadyReason.unsupportedVersion.rawValue: "Upgrade Milvus to 2.5.0 or later, or leave internal TLS off.",
    ReadyReason.superseded.rawValue: "Delete one of the two.",
    ReadyReason.secretInUse.rawValue: "Name another Secret.",
    ReadyReason.secretNotManaged.rawValue: "Name another Secret, or set certificate.source to Provided.",
    ReadyReason.authorityInvalid.rawValue: "Provide a CA certificate with its private key.",
    ConditionType.misplaced.rawValue: "Move the key to the place that the message names.",
    ConditionType.versionAssumed.rawValue:
      "Name a release of Milvus in the image's tag, or write spec.components.version.",
    ConditionType.mayBeOverridden.rawValue:
      "Write the variable with a plain value, or check that it says the same as the configuration.",
    ConditionType.secretFindings.rawValue: "Replace the certificate; `milvus-tls certs inspect` shows all of it.",
    ConditionType.authorityExpiring.rawValue: "Provide a CA certificate that is valid for longer.",
    ConditionType.restUnreachable.rawValue: "Write the same port in both places.",
    ConditionType.annotationsIgnored.rawValue: "Remove the annotations, or the MilvusTLS.",
    certificateInvalid: "Issue it anew: `milvus-tls certs renew` and `certs create` do.",
    certificateFindings: "Issue it anew where it is in use; `milvus-tls certs inspect` shows all of it.",
    TLSPlan.Warning.Reason.overridden.rawValue: "Remove the variable, or the setting that it overrides.",
  ]
}

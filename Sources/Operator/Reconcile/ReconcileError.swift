import MilvusTLS

/// Why a Milvus cannot be brought to what is asked for.
enum ReconcileError: Error, CustomStringConvertible {
  /// The plan kept changing: others write the same objects at the same time, or an action does not have its effect.
  case doesNotSettle(rounds: Int)
  /// The name of the MilvusTLS to be made is taken by one for another Milvus.
  case milvusTLSNameTaken(String)
  /// The name of the Certificate to be made is taken by one of somebody else.
  case certificateNotManaged(String)
  /// What was issued is not what was asked for; nothing was written.
  case unfitCertificate(CertificateViolation)
  /// An object was changed after the plan was made; the observation has it now, and a new plan is made.
  case newerState(String)
  /// Certificates are valid from a time to a time, and this process and the API server do not agree on which it is.
  case clockDiffers(tolerance: Duration)

  // These become conditions: a text that changes from one try to the next would be a write and an event each time.
  var description: String {
    switch self {
    case .doesNotSettle(let rounds):
      "Gave up after \(rounds) attempts because other clients keep changing the same objects; retrying"
    case .milvusTLSNameTaken(let name):
      "MilvusTLS \(name) exists but is for another Milvus; delete it and create it under another name"
    case .certificateNotManaged(let name):
      "Certificate \(name) exists but is not managed by milvus-tls-operator; choose another name in "
        + "certificate.secretName, or remove certificate.issuerRef to use the Secret as it is"
    case .unfitCertificate(let reason):
      "Not writing the issued certificate because it does not match the request: \(reason)"
    case .newerState(let object): "\(object) has changed since the plan was made; planning again"
    case .clockDiffers(let tolerance):
      "Not issuing certificates: the clocks of the operator and the API server differ by more than "
        + "\(tolerance.components.seconds / 60)m; check NTP on their nodes"
    }
  }
}

import Foundation
import MilvusTLS

/// Why a Milvus cannot be brought to what is asked for.
enum ReconcileError: Error, CustomStringConvertible {
  /// The plan kept changing: others write the same objects at the same time, or an action does not have its effect.
  case doesNotSettle
  /// The name of the MilvusTLS to be made is taken by one for another Milvus.
  case milvusTLSNameTaken(String)
  /// The name of the Certificate to be made is taken by one of somebody else.
  case certificateNotManaged(String)
  /// What was issued is not what was asked for; nothing was written.
  case unfitCertificate(CertificateViolation)
  /// An object was changed after the plan was made; the observation has it now, and a new plan is made.
  case newerState(String)
  /// Certificates are valid from a time to a time, and this process and the API server do not agree on which it is.
  case clockDiffers(own: Date, server: Date)

  var description: String {
    switch self {
    case .doesNotSettle: "the plan does not settle: other writers change the same objects"
    case .milvusTLSNameTaken(let name): "MilvusTLS \(name) exists and is for another Milvus; rename that one"
    case .certificateNotManaged(let name):
      "Certificate \(name) exists and was not made by this operator; name another Secret in certificate.secretName, or leave "
        + "issuerRef out to have the Secret used as it is"
    case .unfitCertificate(let reason):
      "the issued certificate is not what was asked for, nothing is written: \(reason)"
    case .newerState(let object): "\(object) was changed meanwhile"
    case .clockDiffers(let own, let server):
      "no certificate is issued: this operator's clock says \(own.kubernetesTime), the API server's \(server.kubernetesTime); set the "
        + "clock of the node that is wrong"
    }
  }
}

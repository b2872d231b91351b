import COpenSSL
import Foundation
import PKI

/// How a test's TLS server behaves; strict as Milvus is, TLS 1.3 alone, unless said otherwise.
struct TLSServerSettings: Sendable {
  /// What it does once the handshake is complete.
  enum Answer: Sendable {
    /// Sends an empty SETTINGS frame (RFC 9113, 6.5), as servers of gRPC do.
    case settings
    /// Waits for a request.
    case nothing
    /// Takes leave (close_notify), as Milvus's REST port does after a second without a request.
    case leave
    /// Closes the connection without a word.
    case hangUp
  }

  var chain: [Certificate]
  var key: PrivateKey
  /// Where there are any, a client certificate of one of them is required, as by Go's `RequireAndVerifyClientCert`.
  var clientAuthorities: [Certificate] = []
  /// When client certificates are judged.
  var date = today
  var version = TLS1_3_VERSION
  var answer = Answer.settings
}

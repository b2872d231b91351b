/// Why a forecast ends before its last day.
enum ForecastEnd: Error {
  /// Ready is False until somebody changes something.
  case notReady(String)
  /// cert-manager decides what it issues, and when.
  case certManager
  /// More steps than a person would read.
  case tooManySteps

  var message: String {
    switch self {
    case .notReady(let reason): "not Ready (\(reason)): what comes next depends on when that is corrected"
    case .certManager: "cert-manager issues and renews the certificates: the restarts follow its renewals"
    case .tooManySteps: "more would follow in the same way"
    }
  }
}

import ArgumentParser
import MilvusTLS

/// How long to wait for a Secret that somebody may provide, as an argument: a duration, or `never` for no end.
struct SecretWait {
  /// Nil for ever.
  let duration: Duration?

  static let standard = SecretWait(duration: .seconds(60))

  private init(duration: Duration?) {
    self.duration = duration
  }

  /// - Throws: `ValidationError` with the allowed values.
  init(argument: String) throws {
    if argument == "never" {
      duration = nil
    } else if let duration = Duration(kubernetes: argument) {
      self.duration = duration
    } else {
      throw ValidationError("must be a duration, for example 60s or 5m, or never")
    }
  }
}

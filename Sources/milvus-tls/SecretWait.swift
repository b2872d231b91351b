import ArgumentParser
import MilvusTLS

/// How long to wait for a Secret that somebody may provide, as an argument: a duration, or `never` for no end.
struct SecretWait: ExpressibleByArgument {
  /// Nil for ever.
  let duration: Duration?

  init(duration: Duration?) {
    self.duration = duration
  }

  init?(argument: String) {
    if argument == "never" {
      duration = nil
    } else if let duration = Duration(kubernetes: argument) {
      self.duration = duration
    } else {
      return nil
    }
  }

  var defaultValueDescription: String { "60s" }
}

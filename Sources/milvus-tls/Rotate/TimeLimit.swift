import ArgumentParser
import MilvusTLS

/// Maximum time to wait, as an argument.
struct TimeLimit: ExpressibleByArgument {
  let text: String

  /// Accepts any text; `duration` reports what is wrong with it.
  init(argument: String) {
    text = argument
  }

  /// - Throws: `ValidationError` unless the text is a duration from one second to one year.
  var duration: Duration {
    get throws {
      guard let duration = Duration(kubernetes: text), (.seconds(1)...Duration.hours(8760)).contains(duration) else {
        throw ValidationError(
          "--timeout \(text.debugDescription): must be a duration from 1s to 8760h, for example 90s, 10m or 1h30m"
        )
      }
      return duration
    }
  }
}

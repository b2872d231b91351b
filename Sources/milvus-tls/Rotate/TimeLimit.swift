import ArgumentParser
import MilvusTLS

/// How long to wait, as an argument.
struct TimeLimit: ExpressibleByArgument {
  let text: String

  /// Takes any text: `duration` says what is wrong with it.
  init(argument: String) {
    text = argument
  }

  /// - Throws: `ValidationError` for what is no duration from a second to a year.
  var duration: Duration {
    get throws {
      guard let duration = Duration(kubernetes: text), (.seconds(1)...Duration.hours(8760)).contains(duration) else {
        throw ValidationError(
          "--timeout \(text.debugDescription): must be a duration from 1s to 8760h, such as 90s, 10m or 1h30m"
        )
      }
      return duration
    }
  }
}

/// A failed step of an informer.
enum InformerError: Error, CustomStringConvertible {
  case listFailed(any Error)
  case versionCheckFailed(any Error)
  case watchStartFailed(any Error)
  case watchEventFailed(any Error)

  var cause: any Error {
    switch self {
    case .listFailed(let error), .versionCheckFailed(let error), .watchStartFailed(let error),
      .watchEventFailed(let error):
      error
    }
  }

  var description: String {
    switch self {
    case .listFailed(let error): "list: \(error)"
    case .versionCheckFailed(let error): "current version: \(error)"
    case .watchStartFailed(let error): "start of the watch: \(error)"
    case .watchEventFailed(let error): "event of the watch: \(error)"
    }
  }
}

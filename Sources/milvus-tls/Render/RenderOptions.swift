import ArgumentParser
import JSON
import MilvusTLS

/// Which TLS is rendered, and where the result goes.
struct RenderOptions: ParsableArguments {
  @Option(
    help: "TLS for clients: Disabled, OneWay or TwoWay. Default: what the file says, or OneWay if it says nothing.",
    transform: { text in
      guard let mode = ExternalMode(rawValue: text) else {
        throw ValidationError("must be one of \(ExternalMode.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      return mode
    }
  )
  var external: ExternalMode?

  @Flag(help: "Add TLS between the components of Milvus. Needs Milvus 2.5.")
  var `internal` = false

  @Option(help: "DNS name in the server certificate that the components expect (internaltls.sni).")
  var serverName: String?

  @Option(help: "Port of the REST API; 0 switches REST off. Default: what the file says, or 8080.")
  var restPort: Int?

  @Flag(help: "Print a unified diff instead of the result.")
  var diff = false

  @Flag(name: [.short, .long], help: "Write the result into the file instead of printing it.")
  var inPlace = false

  func validate() throws {
    if let restPort, !(0...65535).contains(restPort) {
      throw ValidationError("--rest-port \(restPort): must be 0 to 65535")
    }
    if serverName?.isEmpty ?? false { throw ValidationError("--server-name \"\": must not be empty") }
    if serverName != nil, !`internal` { throw ValidationError("--server-name: needs --internal") }
    if diff && inPlace { throw ValidationError("--diff and --in-place exclude each other") }
  }

  /// The flags as `spec` of a MilvusTLS.
  var spec: JSONValue {
    var spec: JSONValue = [:]
    if let external { spec[JSONPointer(["external", "mode"])] = .string(external.rawValue) }
    if `internal` { spec[JSONPointer(["internal", "enabled"])] = true }
    if let serverName { spec[JSONPointer(["internal", "serverName"])] = .string(serverName) }
    if let restPort { spec[JSONPointer(["external", "restPort"])] = .integer(restPort) }
    return spec
  }

  /// - Throws: `ValidationError` where standard input has no file to write to.
  func validateInput(_ file: String) throws {
    if inPlace, file == "-" { throw ValidationError("--in-place: needs a file, not standard input") }
  }
}

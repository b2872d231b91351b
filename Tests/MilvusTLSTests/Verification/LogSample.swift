import Testing

/// A log, and what has to be made of it.
struct LogSample: Sendable, CustomTestStringConvertible {
  enum Outcome: Sendable, Equatable {
    case confirmed
    case refuted
    case unknown
    /// Nothing yet: more has to be read.
    case open
  }

  let name: String
  let log: String
  let outcome: Outcome

  var testDescription: String { name }

  init(_ name: String, _ outcome: Outcome, _ log: String...) {
    self.name = name
    self.outcome = outcome
    self.log = log.joined(separator: "\n") + "\n"
  }

  /// Of the container whose log these are.
  static let startedAt = "2024-12-03T10:22:30Z"

  /// A line of the text format, some seconds after the container's start.
  static func line(_ message: String, _ fields: String = "", level: String = "INFO", at second: Int = 33) -> String {
    let total = 22 * 60 + second
    let (hour, minute) = (10 + total / 3600, total / 60 % 60)
    let time = "2024/12/03 \(hour):\(twoDigits(minute)):\(twoDigits(total % 60)).123 +00:00"
    return "[\(time)] [\(level)] [utils/util.go:56] [\"\(message)\"]\(fields.isEmpty ? "" : " \(fields)")"
  }

  private static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

  static func json(_ message: String, _ fields: String = "", level: String = "INFO") -> String {
    #"{"level":"\#(level)","time":"2024/12/03 10:22:33.123 +00:00","caller":"utils/util.go:56","message":"\#(message)"\#(fields)}"#
  }

  static let yes = line("Internal TLS Enabled", "[value=true]")
  static let no = line("Internal TLS Enabled", "[value=false]")
  static let yesJSON = json("Internal TLS Enabled", #","value":true"#)
  static let noJSON = json("Internal TLS Enabled", #","value":false"#)
  static let banner = "\n    __  _________ _   ____  ______\n\nWelcome to use Milvus!\nVersion:   v2.5.4\n"
  static let started = line("starting running Milvus components", at: 31)
  static let fault = line(
    "querynode can't create creds",
    #"[error="open /certs/server.key: no such file or directory"]"#,
    level: "WARN"
  )

  static let all = confirming + refuting + rotated + absent + fakes + hostile

  private static let confirming = [
    LogSample("the line", .confirmed, yes),
    LogSample("from banner to ready", .confirmed, banner, started, yes, yes, yes, line("ready")),
    LogSample("lower case", .confirmed, yes.replacing("Internal", with: "internal")),
    LogSample(
      "another file and line",
      .confirmed,
      yes.replacing("utils/util.go:56", with: "grpcproxy/service.go:1234")
    ),
    LogSample("coloured whole", .confirmed, "\u{1B}[34m\(yes)\u{1B}[0m"),
    LogSample("coloured level", .confirmed, yes.replacing("INFO", with: "\u{1B}[1;34mINFO\u{1B}[0m")),
    LogSample("window title before it", .confirmed, "\u{1B}]0;milvus\u{07}\(yes)"),
    LogSample("carriage returns", .confirmed, started + "\r", yes + "\r"),
    LogSample("trace ID after it", .confirmed, yes + " [traceID=18f2a]"),
    LogSample(
      "further fields around the value",
      .confirmed,
      line("Internal TLS Enabled", #"[traceID=18f2a] [module="rootcoord"] [value=true] [nodeID=3]"#)
    ),
    LogSample(
      "further fields around the value in JSON",
      .confirmed,
      json("Internal TLS Enabled", #","nodeID":3,"value":true,"module":"rootcoord""#)
    ),
    LogSample(
      "JSON of a logger that is not set up yet, then text",
      .confirmed,
      #"{"level":"info","ts":1733221351.5,"caller":"milvus/run.go:40","msg":"starting"}"#,
      yes
    ),
    LogSample("written late, in one piece", .confirmed, banner, started, yes, yes, line("ready", at: 90)),
    LogSample(
      "after a shell's output",
      .confirmed,
      "+ exec milvus run proxy",
      "2024/12/03 maxprocs: quota undefined",
      yes
    ),
    LogSample("JSON", .confirmed, yesJSON),
    LogSample(
      "JSON, other keys",
      .confirmed,
      #"{"level":"info","ts":"2024-12-03T10:22:33Z","msg":"internal TLS Enabled","value":"true"}"#
    ),
    LogSample("text, then JSON", .confirmed, banner, started, yesJSON),
    LogSample(
      "etcd's TLS trouble is another's",
      .confirmed,
      yes,
      line("etcd", #"[error="x509: certificate signed by unknown authority"]"#, level: "WARN")
    ),
    LogSample(
      "a peer still without TLS",
      .confirmed,
      yes,
      line("grpc: Server.Serve", #"[error="tls: first record does not look like a TLS handshake"]"#, level: "WARN")
    ),
    LogSample(
      "a fault long after the start",
      .confirmed,
      yes,
      line("ready", at: 55),
      line("proxy can't create creds", level: "WARN", at: 56)
    ),
    LogSample("a restart of the process that is better", .confirmed, banner, no, fault, banner, yes),
    LogSample(
      "a start slow to find etcd",
      .confirmed,
      started,
      line("retrying", at: 200),
      line("Internal TLS Enabled", "[value=true]", at: 320)
    ),
    LogSample("after a long line", .confirmed, line("x", "[data=\(String(repeating: "y", count: 200_000))]"), yes),
  ]

  private static let refuting = [
    LogSample("false", .refuted, no),
    LogSample("false in JSON", .refuted, noJSON),
    LogSample("false, all servers", .refuted, banner, started, no, no, no),
    LogSample("true and false", .refuted, yes, yes, no, yes),
    LogSample("false and true", .refuted, no, yes, yes),
    LogSample(
      "two servers' lines mixed, one with a fault",
      .refuted,
      yes,
      yes,
      fault,
      line("TLS Server PEM Path"),
      yes
    ),
    LogSample("a fault before the line", .refuted, fault, yes),
    LogSample("a restart of the process that is worse", .refuted, banner, yes, banner, no),
    LogSample(
      "no credentials for clients",
      .refuted,
      yes,
      line("Failed to create internal TLS credentials", #"[error="x509: x"]"#, level: "ERROR")
    ),
    LogSample("no authority", .refuted, yes, line("Error reading cert file in client", "[error=x]", level: "ERROR")),
    LogSample(
      "key of another certificate",
      .refuted,
      yes,
      line("serve", #"[error="tls: private key does not match public key"]"#, level: "WARN")
    ),
    LogSample(
      "fatal for a certificate",
      .refuted,
      yes,
      line("exit", #"[error="x509: certificate has expired"]"#, level: "FATAL")
    ),
    LogSample(
      "clients' authority without a certificate",
      .refuted,
      yes,
      line("fail to append ca to cert", level: "WARN")
    ),
    LogSample(
      "REST on gRPC's port",
      .refuted,
      yes,
      line(
        "can not initialize http listener",
        #"[error="proxy server(http) and external grpc server share the same port, tls mode must be 0"]"#,
        level: "WARN"
      )
    ),
    LogSample(
      "fault in JSON",
      .refuted,
      yesJSON,
      json("datanode can't create creds", #","error":"open x""#, level: "WARN")
    ),
    LogSample(
      "fault with an endless trace",
      .refuted,
      yes,
      fault + " [stack=\"" + String(repeating: "a.go:1 ", count: 20_000)
    ),
  ]

  private static let rotated = [
    LogSample("begins in the middle", .unknown, line("insert", at: 3600), line("search", at: 3601)),
    LogSample(
      "begins in the middle, says true",
      .unknown,
      line("insert", at: 3600),
      line("Internal TLS Enabled", "[value=true]", at: 3601)
    ),
    LogSample("begins with the line, late", .unknown, line("Internal TLS Enabled", "[value=true]", at: 600)),
    LogSample("begins inside a line", .unknown, #"tail of a line"] [value=true]"#, line("search", at: 900)),
    LogSample("JSON, begins late", .unknown, yesJSON.replacing("10:22", with: "11:22")),
    LogSample(
      "JSON with seconds since 1970, begins late",
      .unknown,
      #"{"level":"info","ts":1733224953.5,"msg":"Internal TLS Enabled","value":true}"#
    ),
  ]

  private static let absent = [
    LogSample("nothing", .open, ""),
    LogSample("still starting", .open, banner, started),
    LogSample("half an hour without the line", .unknown, started, line("search", at: 1900)),
    LogSample("the line after half an hour", .unknown, started, line("Internal TLS Enabled", "[value=true]", at: 1900)),
    LogSample("another message", .open, line("Internal TLS", "[value=true]")),
    LogSample("without a value", .open, line("Internal TLS Enabled")),
    LogSample("another value", .open, line("Internal TLS Enabled", "[value=truethy]")),
    LogSample("two values", .open, line("Internal TLS Enabled", "[value=true] [value=no]")),
    LogSample("two values in JSON", .open, json("Internal TLS Enabled", #","value":0,"value":true"#)),
    LogSample("JSON without a value", .open, json("Internal TLS Enabled")),
  ]

  private static let fakes = [
    LogSample("in a field", .open, line("insert", #"[data="[\"Internal TLS Enabled\"] [value=true]"]"#)),
    LogSample("in a message", .open, line(#"say [\"Internal TLS Enabled\"] [value=true]"#, "[x=y]")),
    LogSample("a whole line in a field", .open, line("search", "[expr=\"\(yes.replacing("\"", with: "\\\""))\"]")),
    LogSample(
      "a line break in a field, escaped",
      .open,
      line("search", "[expr=\"a\\n\(yes.replacing("\"", with: "\\\""))\"]")
    ),
    LogSample("behind other words", .open, "user wrote: \(yes)"),
    LogSample("without a time", .open, #"[t] [INFO] [a.go:1] ["Internal TLS Enabled"] [value=true]"#),
    LogSample("without a level", .open, yes.replacing("INFO", with: "ACCESS")),
    LogSample("without a caller", .open, yes.replacing("utils/util.go:56", with: "user: alice")),
    LogSample("words after it", .open, yes + " <user>"),
    LogSample(
      "an access log",
      .open,
      "[2024/12/03 10:22:33.123 +00:00] [ACCESS] <root: 1.2.3.4> Query [expr: Internal TLS Enabled] [value=true]"
    ),
    LogSample("another JSON field", .open, json("query", #","expr":"Internal TLS Enabled","value":true"#)),
    LogSample("JSON below the top", .open, json("query", #","body":{"message":"Internal TLS Enabled","value":true}"#)),
    LogSample(
      "a document inside a JSON text",
      .open,
      json("query", #","expr":"{\"message\":\"Internal TLS Enabled\",\"value\":true}""#)
    ),
    LogSample("JSON twice the message", .open, json("query", #","message":"Internal TLS Enabled","value":true"#)),
    LogSample(
      "a user's word for a fault",
      .open,
      line("insert", #"[data="can't create creds x509: malformed"]"#, level: "WARN")
    ),
    LogSample("a forged end of the line", .refuted, no, "x [value=true]", yes),
  ]

  private static let hostile = [
    LogSample("cut in the line", .open, yes + " [x=\"" + String(repeating: "z", count: 100_000)),
    LogSample("brackets without end", .open, String(repeating: "[", count: 100_000)),
    LogSample("JSON without end", .open, String(repeating: "{\"a\":", count: 20_000)),
    LogSample("escapes without end", .open, "\u{1B}]" + yes),
    LogSample("NUL and the like", .confirmed, "\u{0}\u{1}\(yes)\u{7F}"),
    LogSample("a combining mark on a bracket", .open, yes.replacing("[value=true]", with: "[value=true\u{301}]")),
  ]
}

import Foundation
import Testing

/// The C library's own reading of tzdata, through the `date` program.
enum SystemClock {
  /// The offsets of a zone, in seconds east of UTC.
  /// - Parameter times: in seconds since 1970.
  static func offsets(in zone: String, at times: [Int]) throws -> [Int] {
    let file = FileManager.default.temporaryDirectory.appending(path: "times-\(UUID().uuidString)")
    try Data(times.map { "@\($0)\n" }.joined().utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["timeout", "60", "date", "--file", file.path(percentEncoded: false), "+%::z"]
    process.environment = ["TZ": zone, "LC_ALL": "C", "PATH": "/usr/bin:/bin"]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = pipe
    try process.run()
    let output = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    return try output.split(separator: "\n").map(seconds)
  }

  /// Reads `-03:30:00`.
  private static func seconds(_ text: Substring) throws -> Int {
    let parts = try text.dropFirst().split(separator: ":").map { try #require(Int($0)) }
    try #require(parts.count == 3)
    return (text.hasPrefix("-") ? -1 : 1) * (parts[0] * 3600 + parts[1] * 60 + parts[2])
  }
}

import Foundation

/// `promtool check metrics`, Prometheus' own judge of an exposition.
public enum Promtool {
  /// What it complains about, parse errors and bad habits alike; empty where it is content.
  public static func complaints(about exposition: String) throws -> String {
    let folder = FileManager.default.temporaryDirectory.appending(path: "metrics-\(UUID().uuidString)")
    try exposition.write(to: folder, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(at: folder) }
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["timeout", "60", "promtool", "check", "metrics"]
    process.standardInput = try FileHandle(forReadingFrom: folder)
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    return process.terminationStatus == 0 ? output : "status \(process.terminationStatus): \(output)"
  }
}

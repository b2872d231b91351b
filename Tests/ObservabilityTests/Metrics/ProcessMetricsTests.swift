import Foundation
import Testing

@testable import Observability

@Suite struct ProcessMetricsTests {
  @Test func theMetricsOfTheProcessAreThoseOfThisProcess() throws {
    let values = Dictionary(
      uniqueKeysWithValues: ProcessMetrics.families().map { ($0.name, $0.samples.first?.value ?? 0) }
    )
    let age = Date().timeIntervalSince1970 - (values["process_start_time_seconds"] ?? 0)
    #expect((0..<3600).contains(age), "the tests began a moment ago")
    #expect((10e6..<4e9).contains(values["process_resident_memory_bytes"] ?? 0))
    #expect((3..<10_000).contains(values["process_open_fds"] ?? 0))
    #expect((0.001..<36_000).contains(values["process_cpu_seconds_total"] ?? 0))
  }
}

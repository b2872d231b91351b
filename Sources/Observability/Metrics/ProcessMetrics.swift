import Foundation
import Glibc

/// Process metrics as in every Prometheus client library, read from /proc on demand
/// (https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics).
public enum ProcessMetrics {
  /// The metric families. Values that the system does not provide are omitted.
  public static func families() -> [MetricFamily] {
    [
      gauge("process_open_fds", "Number of open file descriptors.", openFileDescriptors),
      gauge("process_resident_memory_bytes", "Resident memory size in bytes.", residentMemory),
      gauge("process_start_time_seconds", "Start time of the process since unix epoch in seconds.", startTime),
      MetricFamily(
        "process_cpu_seconds_total",
        .counter,
        help: "Total user and system CPU time spent in seconds.",
        samples: [MetricFamily.Sample(processorTime)]
      ),
    ]
  }

  private static func gauge(_ name: String, _ help: String, _ value: Double?) -> MetricFamily {
    MetricFamily(name, .gauge, help: help, samples: value.map { [MetricFamily.Sample($0)] } ?? [])
  }

  private static var openFileDescriptors: Double? {
    (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")).map { Double($0.count) }
  }

  /// In bytes; from proc(5), /proc/pid/statm.
  private static var residentMemory: Double? {
    let fields = contents("/proc/self/statm")?.split(separator: " ") ?? []
    guard fields.count > 1, let pages = Double(fields[1]) else { return nil }
    return pages * Double(sysconf(Int32(_SC_PAGESIZE)))
  }

  /// In seconds since 1970; from proc(5), `starttime` in /proc/pid/stat and `btime` in /proc/stat.
  private static var startTime: Double? {
    // The second field is the program's name in parentheses and may itself contain spaces and parentheses.
    guard let stat = contents("/proc/self/stat"), let end = stat.lastIndex(of: ")") else { return nil }
    let fields = stat[stat.index(after: end)...].split(separator: " ")
    let boot = contents("/proc/stat")?.split(separator: "\n").first { $0.hasPrefix("btime ") }
    guard fields.count > 19, let ticks = Double(fields[19]), let boot = boot.flatMap({ Double($0.dropFirst(6)) }) else {
      return nil
    }
    return boot + ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  /// In seconds.
  private static var processorTime: Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  private static func contents(_ path: String) -> String? {
    FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
  }
}

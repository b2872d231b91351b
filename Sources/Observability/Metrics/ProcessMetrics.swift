import Foundation
import Glibc

/// What every Prometheus client library tells of its process, read from /proc when asked
/// (https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics).
public enum ProcessMetrics {
  /// The families; of a value that the system does not give, none.
  public static func families() -> [MetricFamily] {
    [
      gauge("process_open_fds", "File descriptors that are open.", openFileDescriptors),
      gauge("process_resident_memory_bytes", "Memory in use.", residentMemory),
      gauge("process_start_time_seconds", "When the process started, in Unix time.", startTime),
      MetricFamily(
        "process_cpu_seconds_total",
        .counter,
        help: "Time on a processor, in user and system mode.",
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

  /// In bytes; proc(5), /proc/pid/statm.
  private static var residentMemory: Double? {
    let fields = contents("/proc/self/statm")?.split(separator: " ") ?? []
    guard fields.count > 1, let pages = Double(fields[1]) else { return nil }
    return pages * Double(sysconf(Int32(_SC_PAGESIZE)))
  }

  /// In seconds since 1970; proc(5), `starttime` of /proc/pid/stat and `btime` of /proc/stat.
  private static var startTime: Double? {
    // The second field is the program's name in parentheses, with blanks and parentheses of its own.
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

import CHost
import Glibc
import HostKit
import WorkerContract

/// Measures what all processes below this one use.
struct UsageMeter {
  private let base: String
  private var lastTime = Monotonic.now()
  private var lastSeconds = 0.0
  private var diskBytes: Int64 = 0
  private var nextDiskLook: Int64 = 0
  private(set) var peakBytes: Int64 = 0

  init(base: String) { self.base = base }

  /// CPU since the last sample, memory and disk now.
  mutating func sample() -> ShimNotice.Usage {
    let processes = ProcessEntry.descendants(of: getpid())
    let now = Monotonic.now()
    let seconds = cpuSeconds(processes)
    let elapsed = max(Double(now - lastTime) / 1000, 0.001)
    let percent = max(0, seconds - lastSeconds) / elapsed * 100
    lastTime = now
    lastSeconds = seconds
    let memory = note(processes)
    lookAtDisk(now)
    return ShimNotice.Usage(
      at: .now(), cpuPercent: percent, memoryBytes: memory, diskBytes: diskBytes)
  }

  /// Bytes resident now when they are more than the limit; nil when all is well. Pages that processes share are counted
  /// once, which is looked at only when the quick count is too high.
  mutating func memory(above limit: Int64) -> Int64? {
    let processes = ProcessTree.descendants()
    guard note(processes) > limit else { return nil }
    let fair = Int64(clamping: processes.reduce(0) { $0 + $1.proportionalBytes })
    return fair > limit ? fair : nil
  }

  private mutating func note(_ processes: [ProcessEntry]) -> Int64 {
    let bytes = Int64(clamping: processes.reduce(0) { $0 + $1.residentBytes })
    peakBytes = max(peakBytes, bytes)
    return bytes
  }

  private func cpuSeconds(_ processes: [ProcessEntry]) -> Double {
    let ticks = processes.reduce(0) { $0 + $1.ticks + $1.reapedTicks }
    return EndedProcesses.usage().cpuSeconds + Double(ticks) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  /// A walk through very many files is dear, and output waits meanwhile: at most 1% of the time goes there.
  private mutating func lookAtDisk(_ now: Int64) {
    guard now >= nextDiskLook else { return }
    diskBytes = Files.bytesOnDisk(below: base)
    nextDiskLook = now + (Monotonic.now() - now) * 100
  }
}

/// What the processes below this one that have ended and been reaped used.
enum EndedProcesses {
  static func usage() -> (cpuSeconds: Double, peakBytes: Int64) {
    var seconds = 0.0
    var peak: Int64 = 0
    htr_ended_children_usage(&seconds, &peak)
    return (seconds, peak)
  }
}

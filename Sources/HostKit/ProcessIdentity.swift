import CHost
import Glibc

/// A process, told apart for ever: its pid is only trusted together with its start time and the boot.
public struct ProcessIdentity: Sendable, Hashable {
  public let pid: Int32
  /// Clock ticks since boot, field 22 of `/proc/PID/stat`.
  public let startTime: UInt64

  public init(pid: Int32, startTime: UInt64) {
    self.pid = pid
    self.startTime = startTime
  }

  /// The identity of a living process; nil when there is none (a zombie is no living process).
  public init?(of pid: Int32) {
    guard let entry = ProcessEntry(pid: pid), !entry.isZombie else { return nil }
    self.init(pid: pid, startTime: entry.startTime)
  }

  public var isAlive: Bool { ProcessIdentity(of: pid) == self }

  /// A pidfd of this very process; nil when it is gone. Checked after opening, so that a reused pid is never held.
  public func openHandle() -> ProcessHandle? {
    let number = htr_pidfd_open(pid)
    guard number >= 0 else { return nil }
    let handle = ProcessHandle(owning: number)
    return isAlive ? handle : nil
  }
}

/// A pidfd: signals through it reach this process or nobody. It becomes readable when the process ends.
public final class ProcessHandle: Sendable {
  public let descriptor: Int32

  public init(owning descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// False when the process has ended.
  @discardableResult
  public func send(_ signal: Int32) -> Bool { htr_pidfd_send_signal(descriptor, signal) == 0 }
}

/// One line of the process table.
public struct ProcessEntry: Sendable {
  public let pid: Int32
  public let parent: Int32
  public let session: Int32
  public let isZombie: Bool
  public let startTime: UInt64
  /// Clock ticks spent in user and system mode.
  public let ticks: UInt64
  /// Clock ticks of its ended descendants that it has waited for.
  public let reapedTicks: UInt64
  /// Resident bytes.
  public let residentBytes: UInt64

  public init?(pid: Int32) {
    guard let text = try? Files.readPrefix("/proc/\(pid)/stat", limit: 4096),
      let close = text.lastIndex(of: UInt8(ascii: ")"))
    else { return nil }
    // The command's name may hold anything, spaces and brackets included: fields are counted after its last bracket.
    let fields = String(decoding: text[(close + 1)...], as: UTF8.self).split(separator: " ")
    guard fields.count > 21, let parent = Int32(fields[1]), let session = Int32(fields[3]),
      let user = UInt64(fields[11]), let system = UInt64(fields[12]),
      let reapedUser = UInt64(fields[13]), let reapedSystem = UInt64(fields[14]),
      let start = UInt64(fields[19]),
      let pages = UInt64(fields[21])
    else { return nil }
    self.pid = pid
    self.parent = parent
    self.session = session
    isZombie = fields[0] == "Z" || fields[0] == "X"
    startTime = start
    ticks = user + system
    reapedTicks = reapedUser + reapedSystem
    residentBytes = pages * UInt64(sysconf(Int32(_SC_PAGESIZE)))
  }

  /// Every process that can be seen now.
  public static func all() -> [ProcessEntry] {
    // A machine without /proc cannot run htr at all; `htrctl doctor` says so.
    guard let names = try? Files.names(in: "/proc") else { return [] }
    return names.compactMap { Int32($0) }.compactMap { ProcessEntry(pid: $0) }
  }

  /// The descendants of a process, parents before children. One that is born or ends meanwhile may be missed: whoever
  /// must not miss any looks until nothing is left.
  public static func descendants(of root: Int32) -> [ProcessEntry] {
    guard Files.exists("/proc/self/task/\(getpid())/children") else { return scanForDescendants(of: root) }
    var found: [ProcessEntry] = []
    var open = [root]
    while let pid = open.popLast() {
      for child in children(of: pid) {
        guard let entry = ProcessEntry(pid: child), entry.pid != root else { continue }
        found.append(entry)
        open.append(child)
      }
    }
    return found
  }

  /// The children of all threads of a process, as the kernel lists them: a few short files instead of all of /proc.
  private static func children(of pid: Int32) -> [Int32] {
    // A process that has ended meanwhile has no children any more.
    let threads = (try? Files.names(in: "/proc/\(pid)/task")) ?? []
    return threads.flatMap { thread -> [Int32] in
      let text = (try? Files.readText("/proc/\(pid)/task/\(thread)/children")) ?? ""
      return text.split(separator: " ").compactMap { Int32($0) }
    }
  }

  /// For kernels without those files.
  private static func scanForDescendants(of root: Int32) -> [ProcessEntry] {
    let children = Dictionary(grouping: all(), by: \.parent)
    var found: [ProcessEntry] = []
    var open = [root]
    while let pid = open.popLast() {
      for child in children[pid] ?? [] where child.pid != root {
        found.append(child)
        open.append(child.pid)
      }
    }
    return found
  }

  /// True when the process was started with `NAME=value` in its environment.
  public func hasEnvironment(_ variable: String) -> Bool {
    guard let bytes = try? Files.readPrefix("/proc/\(pid)/environ", limit: 1 << 20) else {
      return false
    }
    let wanted = Array(variable.utf8)
    return bytes.split(separator: 0).contains { $0.elementsEqual(wanted) }
  }
}

/// Identifies this run of the kernel: start times of processes mean nothing after a reboot.
public enum Boot {
  public static let id: String =
    (try? Files.readText("/proc/sys/kernel/random/boot_id"))?
    .split(separator: "\n").first.map(String.init) ?? "unknown"
}

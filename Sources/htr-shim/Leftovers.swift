import Glibc
import HostKit
import WorkerContract

/// What may be left of an attempt's processes outside this shim's own tree: those of a shim that was killed.
struct Leftovers {
  private let spec: LaunchSpec
  private let folder: AttemptFolder
  private let record: ProcessRecord?

  init(_ spec: LaunchSpec, in folder: AttemptFolder) {
    self.spec = spec
    self.folder = folder
    // Half a record (a power cut) still says that a worker was started: then nothing of this boot is its.
    record = try? ProcessRecord.read(folder.worker)
  }

  /// Ends the worker of a killed shim, saves its last output, and says that nobody knows how it ended.
  func finish() throws(SystemError) -> WorkerExit {
    end()
    let log = try patiently { () throws(SystemError) in try OutputLog(spec, in: folder) }
    try log.finish()
    return WorkerExit(
      outcome: .lost,
      message: "the shim was killed while the worker ran, so nobody knows how the worker ended",
      startedAt: record?.startedAt, endedAt: .now())
  }

  /// Kills until nothing is found.
  func end() {
    var pause: Int32 = 1
    while let first = find().first {
      let identity = ProcessIdentity(pid: first.pid, startTime: first.startTime)
      let handle = identity.openHandle()
      ProcessTree.kill(find)
      var waiting = pollfd(fd: handle?.descriptor ?? -1, events: Int16(POLLIN), revents: 0)
      poll(&waiting, 1, handle == nil ? 0 : pause)
      pause = min(pause * 2, 1000)
    }
  }

  /// The living processes that are provably this attempt's, and their descendants.
  private func find() -> [ProcessEntry] {
    let all = ProcessEntry.all().filter { !$0.isZombie && $0.pid != getpid() }
    let worker = record?.boot == Boot.id ? record?.identity : nil
    let leads = all.contains { $0.pid == worker?.pid && $0.startTime == worker?.startTime }
    let ours = all.filter { (leads && $0.session == worker?.pid) || isOurs($0) }
    guard !ours.isEmpty else { return [] }
    var found = Dictionary(ours.map { ($0.pid, $0) }) { first, _ in first }
    for process in ours {
      for below in ProcessEntry.descendants(of: process.pid) where !below.isZombie {
        found[below.pid] = below
      }
    }
    found[getpid()] = nil
    return Array(found.values)
  }

  /// It carries the attempt's token, or it prints into the attempt's pipe.
  private func isOurs(_ process: ProcessEntry) -> Bool {
    process.hasEnvironment("HTR_ATTEMPT=\(spec.token)")
      || [1, 2].contains { writesToPipe("/proc/\(process.pid)/fd/\($0)") }
  }

  /// Readers of the pipe, the daemon above all, are not the worker's.
  private func writesToPipe(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IWUSR != 0
      && linkTarget(path) == folder.output
  }

  private func linkTarget(_ path: String) -> String? {
    var target = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink(path, &target, target.count)
    guard count > 0 else { return nil }
    return String(decoding: target[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

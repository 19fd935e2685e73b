import CHost
import Glibc
import HostKit
import WorkerContract

/// Takes one attempt from wherever it stands to its end record.
///
/// Each step leaves a record, so a shim that was killed is followed by another that goes on behind the last record:
/// nothing that happened is done again, and above all no worker is started twice.
struct Shim {
  let folder: AttemptFolder
  let signals: SignalInbox

  /// Returns the exit status: 0 when the attempt has ended or another shim works on it, 1 when it cannot go on.
  static func work(on folder: AttemptFolder) -> Int32 {
    do {
      let lock = try Descriptor.open(folder.lock, O_RDWR | O_CREAT)
      guard try lock.lock() else { return 0 }
      // Never closed: the lock is held for exactly as long as this process lives.
      _ = lock.release()
      guard !Files.exists(folder.end) else { return 0 }
      guard let signals = SignalInbox([SIGCHLD, SIGTERM]) else {
        throw SystemError("receive signals for", folder.path)
      }
      try Shim(folder: folder, signals: signals).run()
      return 0
    } catch {
      complain("htr-shim: \(error)")
      return 1
    }
  }

  private func run() throws(SystemError) {
    let spec = readSpec()
    Failpoint.shimBeforeRecord.hit()
    if let identity = ProcessIdentity(of: getpid()) {
      let record = ProcessRecord(identity: identity, startedAt: .now())
      try patiently { () throws(SystemError) in try record.write(to: folder.shim, durable: false) }
    }
    guard htr_become_subreaper() == 0 else {
      throw SystemError("adopt the worker's descendants in", folder.path)
    }
    let exit: WorkerExit
    if let recorded = recordedExit() { exit = recorded } else { exit = try newExit(spec) }
    let notices = try? Notices(spec.get())
    if Packing.takesLong(folder) { notices?.send(.packing(at: .now())) }
    let packsModel = (try? spec.get().packsModel) ?? false
    let packing = Packing(folder: folder, onWait: { notices?.send(.waitingForRoom(at: .now())) })
    let end = packing.pack(after: exit, packsModel: packsModel)
    Failpoint.shimBeforeEndRecord.hit()
    // Nothing is synced here: being killed loses nothing of it, and the daemon brings to the disk what it publishes
    // before it says that the job has ended.
    try patiently { () throws(SystemError) in try end.write(to: folder.end, durable: false) }
    Failpoint.shimAfterEndRecord.hit()
  }

  private func readSpec() -> Result<LaunchSpec, SystemError> {
    do {
      guard let spec = try LaunchSpec.read(folder.spec) else {
        return .failure(SystemError("read", folder.spec, code: ENOENT))
      }
      return .success(spec)
    } catch {
      return .failure(error)
    }
  }

  /// A record that a power cut has emptied counts as none: what it told is unknown.
  private func recordedExit() -> WorkerExit? { try? WorkerExit.read(folder.workerExit) }

  /// Ends the worker's story, however much of it there was, and records how.
  private func newExit(_ spec: Result<LaunchSpec, SystemError>) throws(SystemError) -> WorkerExit {
    let mayStart = !Files.exists(folder.worker)
    let exit: WorkerExit
    switch spec {
    case .success(let spec):
      exit =
        mayStart
        ? try WorkerRun.finish(spec, in: folder, signals: signals)
        : try Leftovers(spec, in: folder).finish()
    case .failure(let error):
      let outcome: WorkerExit.Outcome = mayStart ? .notStarted : .lost
      exit = WorkerExit(
        outcome: outcome, message: error.description, startedAt: nil, endedAt: .now())
    }
    Failpoint.shimAfterWorkerExit.hit()
    try patiently { () throws(SystemError) in
      try exit.write(to: folder.workerExit, durable: false)
    }
    Failpoint.shimAfterExitRecorded.hit()
    return exit
  }
}

/// A line for whoever started this program by hand; a nursery's shims have nobody who listens.
func complain(_ line: String) {
  let bytes = Array("\(line)\n".utf8)
  _ = write(STDERR_FILENO, bytes, bytes.count)
}

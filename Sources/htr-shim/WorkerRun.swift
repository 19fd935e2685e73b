import CHost
import Glibc
import HostKit
import WorkerContract

/// One worker from its start to its end: output, limits, stop orders, samples.
struct WorkerRun {
  private static let memoryCheckInterval: Int64 = 500
  /// A worker that has ended by then needs no notice of its start: its end tells of both.
  private static let startNoticeDelay: Int64 = 15

  private let spec: LaunchSpec
  private let folder: AttemptFolder
  private let signals: SignalInbox
  private let log: OutputLog
  private let notices: Notices
  private var plan = StopPlan()
  private var meter: UsageMeter
  private var worker: Int32 = -1
  private var status: Int32?
  private var runtimeEnd: Int64?
  private var nextSample: Int64?
  private var nextMemoryCheck: Int64?
  private var startNoticeDue: Int64?
  private var logFailure: SystemError?

  /// Starts the worker unless it shall not start any more, and returns when its whole tree has ended and all its output
  /// is in the log. That a worker cannot be started is an exit too.
  static func finish(
    _ spec: LaunchSpec, in folder: AttemptFolder, signals: SignalInbox
  ) throws(SystemError) -> WorkerExit {
    let log: OutputLog
    do {
      log = try patiently { () throws(SystemError) in try OutputLog(spec, in: folder) }
    } catch {
      return notStarted(error.description)
    }
    if Files.exists(folder.stop) {
      return notStarted("stopped before the worker was started", cause: .stopOrder)
    }
    Failpoint.shimBeforeSpawn.hit()
    var run = WorkerRun(spec, in: folder, signals: signals, log: log)
    return try run.finish()
  }

  private mutating func finish() throws(SystemError) -> WorkerExit {
    let startedAt = Timestamp.now()
    var start: WorkerStart
    do {
      start = try WorkerStart(spec, output: log.sink)
    } catch {
      return Self.notStarted(error.message)
    }
    worker = start.pid
    try record(startedAt)
    do {
      try start.release()
    } catch {
      return Self.notStarted(error.message)
    }
    Failpoint.shimAfterSpawn.hit()
    setDeadlines()
    return supervise(startedAt)
  }

  private static func notStarted(
    _ message: String, cause: WorkerExit.Cause? = nil
  ) -> WorkerExit {
    WorkerExit(
      outcome: .notStarted, cause: cause, message: message, startedAt: nil, endedAt: .now())
  }

  private init(
    _ spec: LaunchSpec, in folder: AttemptFolder, signals: SignalInbox, log: OutputLog
  ) {
    self.spec = spec
    self.folder = folder
    self.signals = signals
    self.log = log
    notices = Notices(spec)
    meter = UsageMeter(base: folder.base)
  }

  /// The record stands before the program runs: whoever finds it starts no second one.
  private func record(_ startedAt: Timestamp) throws(SystemError) {
    guard let entry = ProcessEntry(pid: worker) else {
      throw SystemError("look at", "the worker's process \(worker)", code: ESRCH)
    }
    let identity = ProcessIdentity(pid: worker, startTime: entry.startTime)
    let record = ProcessRecord(identity: identity, startedAt: startedAt)
    try patiently { () throws(SystemError) in try record.write(to: folder.worker, durable: false) }
  }

  private mutating func setDeadlines() {
    let now = Monotonic.now()
    startNoticeDue = now + Self.startNoticeDelay
    runtimeEnd = spec.maximumRuntimeSeconds.map { now + Monotonic.milliseconds($0) }
    nextSample = spec.sampleSeconds > 0 ? now + Monotonic.milliseconds(spec.sampleSeconds) : nil
    // Not at once: short jobs end before there is anything to see.
    nextMemoryCheck = spec.memoryLimitBytes == nil ? nil : now + Self.memoryCheckInterval / 4
  }

  private mutating func supervise(_ startedAt: Timestamp) -> WorkerExit {
    while status == nil {
      handleNextEvents()
      if let due = startNoticeDue, Monotonic.now() >= due {
        startNoticeDue = nil
        notices.send(.workerStarted(at: startedAt))
      }
    }
    let endedAt = Timestamp.now()
    if ProcessTree.end(signals) { Leftovers(spec, in: folder).end() }
    do {
      try log.finish()
    } catch {
      logFailure = error
      _ = plan.begin(.diskFull, message: error.description, grace: 0, now: Monotonic.now())
    }
    if log.hasDiscarded {
      _ = plan.begin(.logLimit, message: logLimitMessage, grace: 0, now: Monotonic.now())
    }
    return exit(from: startedAt, to: endedAt)
  }

  private func exit(from startedAt: Timestamp, to endedAt: Timestamp) -> WorkerExit {
    let status = status ?? 0
    let code = htr_wait_status_exited(status)
    let ended = EndedProcesses.usage()
    return WorkerExit(
      outcome: code >= 0 ? .exited : .signaled, code: code >= 0 ? code : nil,
      signal: code >= 0 ? nil : htr_wait_status_signaled(status),
      cause: plan.cause, message: plan.message, startedAt: startedAt, endedAt: endedAt,
      cpuSeconds: ended.cpuSeconds, peakMemoryBytes: max(meter.peakBytes, ended.peakBytes))
  }

  private var logLimitMessage: String {
    "the log has reached its limit of \(spec.logLimitBytes) bytes"
  }

  // MARK: Events

  private mutating func handleNextEvents() {
    var waiting = [
      pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: log.source, events: Int16(POLLIN), revents: 0),
    ]
    poll(&waiting, nfds_t(logFailure == nil ? 2 : 1), timeUntilNextDeadline())
    if waiting[1].revents != 0 { moveOutput() }
    if waiting[0].revents != 0 {
      let taken = signals.take()
      if taken.contains(SIGTERM) { readOrder() }
      if taken.contains(SIGCHLD) { reap() }
    }
    if status == nil { meetDeadlines() }
  }

  private func timeUntilNextDeadline() -> Int32 {
    let next = [runtimeEnd, plan.killAt, nextSample, nextMemoryCheck, startNoticeDue].compactMap { $0 }.min()
    guard let next else { return -1 }
    return Int32(clamping: max(0, next - Monotonic.now()))
  }

  private mutating func moveOutput() {
    do {
      _ = try log.move()
    } catch {
      // From here on the output waits in the pipe; it is moved when the worker has ended and there is room.
      logFailure = error
      stop(.diskFull, message: error.description, grace: 0)
      return
    }
    if log.isFull, plan.cause == nil {
      stop(.logLimit, message: logLimitMessage)
    }
  }

  /// Worker or adopted orphan: whatever ended is reaped.
  private mutating func reap() {
    while true {
      var ended: Int32 = 0
      let pid = waitpid(-1, &ended, WNOHANG)
      if pid <= 0 { return }
      if pid == worker { status = ended }
    }
  }

  /// Only an order in the folder counts; a TERM without one comes from somebody who does not know what a shim is.
  private mutating func readOrder() {
    guard Files.exists(folder.stop) else { return }
    // An order that cannot be read is an order all the same: the spec's grace time holds.
    let order = try? StopOrder.read(folder.stop)
    stop(.stopOrder, grace: order?.graceSeconds)
  }

  // MARK: Limits

  private mutating func meetDeadlines() {
    let now = Monotonic.now()
    if let end = runtimeEnd, now >= end {
      runtimeEnd = nil
      stop(.maximumRuntime, message: nil)
    }
    if let due = nextMemoryCheck, now >= due {
      nextMemoryCheck = now + Self.memoryCheckInterval
      checkMemory()
    }
    if let due = nextSample, now >= due {
      nextSample = now + Monotonic.milliseconds(spec.sampleSeconds)
      notices.send(.usage(meter.sample()))
    }
    if plan.isKillDue(now: now) { ProcessTree.kill(ProcessTree.descendants) }
  }

  private mutating func checkMemory() {
    guard let limit = spec.memoryLimitBytes, let used = meter.memory(above: limit) else { return }
    let message = "the worker's processes held \(used) bytes of memory; their limit is \(limit)"
    stop(.memoryLimit, message: message, grace: 0)
  }

  /// Asks the whole tree to end, and kills it when the grace time (seconds; nil: the spec's) is over.
  private mutating func stop(
    _ cause: WorkerExit.Cause, message: String? = nil, grace: Double? = nil
  ) {
    let milliseconds = Monotonic.milliseconds(grace ?? spec.stopGraceSeconds)
    let now = Monotonic.now()
    if plan.begin(cause, message: message, grace: milliseconds, now: now) {
      ProcessTree.send(SIGTERM, to: ProcessTree.descendants())
    }
    if plan.isKillDue(now: now) { ProcessTree.kill(ProcessTree.descendants) }
  }
}

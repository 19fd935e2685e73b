import Glibc

/// Counts what is copied, reports it now and then, and asks whether to go on.
struct ProgressMeter {
  private(set) var progress: ChannelProgress
  private let isCancelled: () -> Bool
  private let report: (ChannelProgress) -> Void
  private var lastReport: Int64
  private var bytesSinceCheck: Int64 = 0

  private static let interval: Int64 = 200_000_000
  private static let bytesBetweenChecks: Int64 = 4 << 20

  init(
    plan: ChannelPlan, isCancelled: @escaping () -> Bool, report: @escaping (ChannelProgress) -> Void
  ) {
    progress = ChannelProgress(
      filesTotal: plan.items.count, bytesTotal: plan.items.reduce(0) { $0 + $1.size })
    self.isCancelled = isCancelled
    self.report = report
    lastReport = Self.now()
    report(progress)
  }

  mutating func add(_ bytes: Int64) throws(StoreError) {
    progress.bytesDone += bytes
    bytesSinceCheck += bytes
    if bytesSinceCheck >= Self.bytesBetweenChecks { try check() }
    reportNowAndThen()
  }

  mutating func endFile() {
    progress.filesDone += 1
    reportNowAndThen()
  }

  mutating func check() throws(StoreError) {
    bytesSinceCheck = 0
    if isCancelled() { throw StoreError(.cancelled, "the download was cancelled") }
  }

  func finish() { report(progress) }

  private mutating func reportNowAndThen() {
    let now = Self.now()
    guard now - lastReport >= Self.interval else { return }
    lastReport = now
    report(progress)
  }

  private static func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}

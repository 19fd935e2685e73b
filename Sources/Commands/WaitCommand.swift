import ArgumentParser
import Client
import JSONKit

struct WaitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "wait",
    abstract: "Wait until training or transform jobs have ended, or an endpoint is in service or gone.",
    subcommands: [WaitJobCommand.self, WaitEndpointCommand.self, WaitTransformCommand.self])
}

struct WaitJobCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "job",
    abstract: "Wait until training jobs have ended.",
    discussion: """
      Ends with 0 when all that ended are Completed, 1 when one Failed, 3 when one was Stopped, 4 after the time-out.

      EXAMPLES:
        htrctl wait job first second third
        htrctl wait job first second --any --timeout 600
      """)

  @Argument(help: "The jobs' names (1 to 1000).") var names: [String]
  @Flag(help: "Until one of them has ended, instead of all.") var any = false
  @Option(help: ArgumentHelp("Give up after this time.", valueName: "seconds")) var timeout: Double?
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if names.isEmpty || names.count > 1000 { throw ValidationError("Name 1 to 1000 jobs.") }
    if let timeout, !(timeout >= 0 && timeout < 1e9) {
      throw ValidationError("--timeout must be a number of seconds.")
    }
  }

  func run() throws {
    let client = common.client
    let start = ContinuousClock.now
    let deadline = timeout.map { start + .seconds($0) }
    let progress = WaitProgress(terminal: .current, start: start)
    while true {
      let left = deadline.map { max(.zero, $0 - .now) }
      // A long poll; shorter only where a person watches the time pass.
      let slice = min(left?.roundedUpSeconds ?? 300, progress.isShown ? 2 : 300)
      let (isDone, jobs) = try client.persistently {
        try client.wait(for: names, any: any, timeoutSeconds: slice)
      }
      progress.show(jobs)
      if isDone {
        progress.clear()
        return try finish(jobs)
      }
      if let deadline, ContinuousClock.now >= deadline {
        progress.clear()
        try finishLate(jobs)
      }
    }
  }

  private func finish(_ jobs: [WaitedJob]) throws {
    show(jobs, isDone: true)
    try ExitStatus(jobStatuses: jobs.filter(\.hasEnded).map(\.status)).end()
  }

  private func finishLate(_ jobs: [WaitedJob]) throws {
    show(jobs, isDone: false)
    let open = jobs.filter { !$0.hasEnded }.map(\.name)
    let time = AmountText.duration(seconds: timeout ?? 0)
    Terminal.current.note(
      "htrctl: wait: timed out after \(time). Still open: \(open.joined(separator: " "))")
    throw ExitStatus.timedOut
  }

  private func show(_ jobs: [WaitedJob], isDone: Bool) {
    if common.isJSON {
      let rows = jobs.map { job in
        JSON.members([
          "TrainingJobName": .string(job.name), "TrainingJobStatus": .string(job.status),
          "SecondaryStatus": .string(job.secondaryStatus),
          "FailureReason": job.failureReason.map { .string($0) },
        ])
      }
      return printJSON(["Done": .bool(isDone), "TrainingJobs": .array(rows)])
    }
    var table = Table(columns: [
      .init(title: "NAME"), .init(title: "STATUS"), .init(title: "REASON", mayShrink: true),
    ])
    table.rows = jobs.map { [$0.name, $0.status, $0.failureReason ?? ""] }
    table.show()
  }
}

/// One line on the screen that is overwritten while the wait lasts.
struct WaitProgress {
  let terminal: Terminal
  let start: ContinuousClock.Instant

  var isShown: Bool { terminal.notesOnScreen }

  func show(_ jobs: [WaitedJob]) {
    guard isShown else { return }
    let seconds = Double((ContinuousClock.now - start).components.seconds)
    terminal.passing(Self.line(jobs, seconds: seconds))
  }

  func clear() { terminal.clearPassing() }

  /// `2 of 5 ended (1 Starting, 2 Training), 12 s`
  static func line(_ jobs: [WaitedJob], seconds: Double) -> String {
    let open = jobs.filter { !$0.hasEnded }
    let counts = Dictionary(grouping: open, by: \.secondaryStatus).mapValues(\.count)
    let states = counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
    let detail = states.isEmpty ? "" : " (\(states.joined(separator: ", ")))"
    return "\(jobs.count - open.count) of \(jobs.count) ended\(detail), \(AmountText.duration(seconds: seconds))"
  }
}

extension Duration {
  /// Whole seconds: what is asked of the daemon never ends before what the user asked for.
  var roundedUpSeconds: Int {
    Int(components.seconds) + (components.attoseconds > 0 ? 1 : 0)
  }
}

import Client
import Glibc
import HostKit
import JSONKit
import TestKit
import Testing

/// Every durable step of daemon and shim, each with a kill exactly there.
///
/// Whatever dies: no acknowledged job is lost, no worker runs twice in one attempt, the log is what the worker wrote,
/// the artifact is whole, and no process is left over.
@Suite(.serialized) struct CrashTests {
  private static let daemonPoints: [Failpoint] = [
    .afterJobCommitted, .afterSlotGranted, .afterFolderPrepared, .duringChannelCopy, .afterShimLaunched,
    .afterWorkerStartRecorded, .beforeEndRecorded, .afterArtifactPublished, .afterEndRecorded,
  ]
  /// Until the worker starts, and from its recorded exit on, another shim goes on as if nothing had happened.
  private static let harmlessShimPoints: [Failpoint] = [
    .shimBeforeRecord, .shimBeforeSpawn, .shimAfterExitRecorded, .shimBeforeArchiveRename,
    .shimAfterArchiveRename, .shimBeforeEndRecord, .shimAfterEndRecord,
  ]
  /// In between nobody knows how the worker ended: the attempt counts as failed by our fault.
  private static let costlyShimPoints: [Failpoint] = [.shimAfterSpawn, .shimAfterWorkerExit]

  private static var options: DaemonFixture.Options {
    var options = DaemonFixture.Options()
    options.hasFailpoints = true
    options.settings = ["cpus: 4"]
    return options
  }

  @Test func `every failpoint has its test`() {
    let ofJobs = Self.daemonPoints + [.afterStopRecorded] + Self.harmlessShimPoints + Self.costlyShimPoints
    let tested =
      ofJobs + EndpointCrashTests.points + TransformCrashTests.points
      + AsyncInvocationTests.points
    // Those of the bucket store have theirs beside it.
    #expect(Set(tested) == Set(Failpoint.allCases.filter { !$0.rawValue.hasPrefix("store") }))
  }

  @Test(.timeLimit(.minutes(1)), arguments: daemonPoints)
  func `a daemon that dies comes back and completes the job`(_ point: Failpoint) async throws {
    try await DaemonFixture.use(Self.options) { daemon in
      let worker = try CountingWorker(in: daemon)
      try daemon.arm(point)
      do {
        try await daemon.create(worker.request("crashed"))
      } catch let error as ClientError {
        // The job goes its way while the answer goes its own: a daemon that dies then leaves its client in doubt.
        guard case .interrupted = error else { throw error }
      }
      #expect(try await daemon.end(by: .itself) == .signal(SIGKILL))
      #expect(daemon.hasFired(point))
      try await daemon.start()
      let record = try await daemon.end(of: "crashed")
      try await worker.checkCompleted(record, daemon)
      #expect(try await daemon.jobNames() == ["crashed"])
    }
  }

  @Test(.timeLimit(.minutes(1)), arguments: harmlessShimPoints)
  func `a shim that dies is followed by another and the job completes`(_ point: Failpoint) async throws {
    try await DaemonFixture.use(Self.options) { daemon in
      let worker = try CountingWorker(in: daemon)
      try daemon.arm(point)
      try await daemon.create(worker.request("crashed"))
      let record = try await daemon.end(of: "crashed")
      #expect(daemon.hasFired(point))
      try await worker.checkCompleted(record, daemon)
    }
  }

  @Test(.timeLimit(.minutes(1)), arguments: harmlessShimPoints + costlyShimPoints)
  func `daemon and shim that die together come back`(_ point: Failpoint) async throws {
    try await DaemonFixture.use(Self.options) { daemon in
      let worker = try CountingWorker(in: daemon)
      try daemon.arm(point)
      try daemon.arm(.afterShimLaunched)
      try await daemon.create(worker.request("crashed") { $0["RetryStrategy"] = ["MaximumRetryAttempts": 1] })
      #expect(try await daemon.end(by: .itself) == .signal(SIGKILL))
      try await waitUntil("the shim's death") { daemon.hasFired(point) }
      try await daemon.start()
      let record = try await daemon.end(of: "crashed")
      try await worker.checkCompleted(record, daemon, attempts: Self.costlyShimPoints.contains(point) ? 2 : 1)
    }
  }

  @Test(.timeLimit(.minutes(1)), arguments: costlyShimPoints)
  func `a shim that dies with its worker fails the attempt as our fault`(_ point: Failpoint) async throws {
    try await DaemonFixture.use(Self.options) { daemon in
      let worker = try CountingWorker(in: daemon)
      try daemon.arm(point)
      try await daemon.create(worker.request("lost"))
      let lost = try await daemon.end(of: "lost")
      #expect(lost.status == "Failed")
      #expect(lost.job["FailureReason"]?.string?.hasPrefix("InternalServerError: ") == true, "\(lost.job.text)")
      #expect(try worker.runs.count <= 1)
      #expect(lost.htr["ModelArtifactPath"] == nil)
      #expect(daemon.processes(of: "lost").isEmpty)

      try daemon.arm(point)
      try await daemon.create(worker.request("retried") { $0["RetryStrategy"] = ["MaximumRetryAttempts": 2] })
      let retried = try await daemon.end(of: "retried")
      try await worker.checkCompleted(retried, daemon, attempts: 2)
      let statuses = retried.job["SecondaryStatusTransitions"]?.array?.compactMap { $0["Status"]?.string } ?? []
      #expect(statuses.contains("Restarting"), "\(statuses)")
    }
  }

  @Test(.timeLimit(.minutes(1)), arguments: [false, true])
  func `a daemon that dies after a stop was recorded still stops the job`(_ isStubborn: Bool) async throws {
    var options = Self.options
    options.settings.append("stop-grace-seconds: 0.5")
    try await DaemonFixture.use(options) { daemon in
      try await daemon.create(JobRequest.endless("stopped", isStubborn ? ["ignore-term": "true", "fork": "4"] : [:]))
      try await daemon.training(of: "stopped")
      try daemon.arm(.afterStopRecorded)
      await #expect(throws: ClientError.self) {
        try await daemon.call("StopTrainingJob", ["TrainingJobName": "stopped"])
      }
      #expect(try await daemon.end(by: .itself) == .signal(SIGKILL))
      try await daemon.start()
      let record = try await daemon.end(of: "stopped")
      #expect(record.status == "Stopped")
      #expect(daemon.processes(of: "stopped").isEmpty)
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `attach goes on across kills of the daemon with no byte lost or repeated`() async throws {
    try await DaemonFixture.use(Self.options) { daemon in
      let gate = try Gate(in: daemon.folder)
      let lines = 2000
      let words = try daemon.script(
        """
        round=1
        while [ $round -le 4 ]; do
          line=1
          while [ $line -le \(lines) ]; do echo "round $round line $line"; line=$((line + 1)); done
          read go < '\(gate.path)'
          round=$((round + 1))
        done
        """)
      let expected = (1...4).map { round in (1...lines).map { "round \(round) line \($0)\n" }.joined() }
      try await daemon.create(JobRequest.command("long", words))
      let attach = try daemon.startCLI(["attach", "long"])
      for round in 1...4 {
        let soFar = Array(expected[..<round].joined().utf8)
        try await attach.waitUntil("round \(round)") { output, _ in output.count >= soFar.count }
        #expect(attach.output == soFar)
        if round == 4 {
          gate.open()
        } else {
          try await daemon.end(by: .kill)
          // The worker goes on while nobody is there to watch it.
          gate.open()
          try await daemon.start()
        }
      }
      #expect(try await attach.end() == .code(0), "\(attach.errorText)")
      #expect(attach.output.starts(with: Array(expected.joined().utf8)))
      #expect(attach.outputText.dropFirst(expected.joined().count).hasPrefix("job "))
      #expect(try await daemon.logText(of: "long") == expected.joined())
      #expect(try await daemon.record(of: "long").htr["Attempts"]?.array?.count == 1)
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a daemon that is stopped in good order leaves its jobs running, and finds their ends`() async throws {
    try await DaemonFixture.use(Self.options) { daemon in
      let gates = try (1...3).map { try Gate(in: daemon.folder, name: "gate\($0)") }
      for number in 1...3 {
        let words = try daemon.script(
          "echo begun; read go < '\(daemon.folder)/gate\(number)'; echo done\n", name: "w\(number)")
        try await daemon.create(JobRequest.command("job-\(number)", words))
        try await daemon.training(of: "job-\(number)")
      }
      let waiting = try daemon.startCLI(["wait", "job", "job-1", "job-2", "job-3"])
      #expect(try await daemon.end(by: .term) == .code(0))
      gates[0].open()
      try await waitUntil("the end of the first worker") { daemon.processes(of: "job-1").isEmpty }
      try await daemon.start()
      gates[1].open()
      gates[2].open()
      #expect(try await waiting.end() == .code(0), "\(waiting.errorText)")
      for number in 1...3 { #expect(try await daemon.logText(of: "job-\(number)") == "begun\ndone\n") }
    }
  }
}

/// A worker that writes down each of its runs, prints a known log and leaves a known model.
struct CountingWorker {
  private static let lines = 300
  private let words: [String]
  private let side: String
  private let data: String

  static var output: String { (1...lines).map { "line \($0) of the worker's log\n" }.joined() }

  init(in daemon: DaemonFixture) throws {
    side = "\(daemon.folder)/runs"
    data = "\(daemon.folder)/data"
    try Files.makeFolder(data)
    try Files.write("some data", to: "\(data)/data.txt", durable: false)
    try Files.write("more data", to: "\(data)/more.txt", durable: false)
    words = try daemon.script(
      """
      echo "$HTR_ATTEMPT" >> '\(side)'
      line=1
      while [ $line -le \(Self.lines) ]; do echo "line $line of the worker's log"; line=$((line + 1)); done
      cp "$SM_CHANNEL_TRAIN/data.txt" "$SM_MODEL_DIR/model.txt"
      echo result > "$SM_OUTPUT_DATA_DIR/result.txt"
      # Long enough for its start to be heard of by itself: that of shorter workers is told with their end.
      sleep 0.2
      """)
  }

  /// The tokens of the attempts that have run, one for each run.
  var runs: [String] {
    get throws { Files.exists(side) ? try Files.readText(side).split(separator: "\n").map(String.init) : [] }
  }

  func request(_ name: String, _ change: (inout JSON.Object) -> Void = { _ in }) -> JSON {
    JobRequest.command(name, words) {
      $0["InputDataConfig"] = [JobRequest.channel("train", "file://\(data)")]
      change(&$0)
    }
  }

  func checkCompleted(_ record: TrainingJobRecord, _ daemon: DaemonFixture, attempts: Int = 1) async throws {
    #expect(record.status == "Completed", "\(record.described.text)")
    #expect(record.htr["Attempts"]?.array?.count == attempts)
    let own = try runs.filter { $0.hasPrefix("\(record.name)/") }
    #expect(Set(own).count == own.count, "a worker ran twice in one attempt: \(own)")
    #expect(own.count <= attempts && own.last?.hasPrefix("\(record.name)/\(attempts)/") == true, "\(own)")

    let log = try await daemon.logText(of: record.name)
    if attempts == 1 {
      #expect(log == Self.output)
    } else {
      // An attempt whose worker was killed has written as far as it came.
      #expect(log.hasSuffix(Self.output))
      #expect(Self.output.hasPrefix(log.dropLast(Self.output.count)))
    }
    let path = try #require(record.htr["ModelArtifactPath"]?.string)
    #expect(try await daemon.sha256(path) == record.htr["ModelArtifactSha256"]?.string)
    #expect(try await daemon.members(ofArchive: path) == ["model.txt": "some data"])
    let output = try #require(record.htr["OutputArtifactPath"]?.string)
    #expect(try await daemon.sha256(output) == record.htr["OutputArtifactSha256"]?.string)
    #expect(try await daemon.members(ofArchive: output) == ["result.txt": "result\n"])
    #expect(daemon.processes(of: record.name).isEmpty)
    let statuses = record.job["SecondaryStatusTransitions"]?.array?.compactMap { $0["Status"]?.string } ?? []
    #expect(
      statuses.first == "Starting" && statuses.last == "Completed" && statuses.contains("Training"), "\(statuses)")
  }
}

import Client
import Foundation
import HostKit
import JSONKit
import TestKit
import Testing

/// Many readers, much output, impatient users: what the daemon holds it gives back, and everybody gets every byte.
@Suite(.serialized) struct StrainTests {
  private func openFiles(_ pid: Int32) throws -> Int { try Files.names(in: "/proc/\(pid)/fd").count }

  @Test(.timeLimit(.minutes(1)))
  func `fifty readers of one log get every byte, and those who leave are forgotten`() async throws {
    try await DaemonFixture.use { daemon in
      let gate = try Gate(in: daemon.folder)
      let words = try daemon.script(
        """
        line=1; while [ $line -le 500 ]; do echo "line $line"; line=$((line + 1)); done
        read go < '\(gate.path)'
        line=501; while [ $line -le 1000 ]; do echo "line $line"; line=$((line + 1)); done
        """)
      try await daemon.create(JobRequest.command("read", words))
      try await daemon.training(of: "read")
      let before = try openFiles(daemon.pid)
      let home = daemon.home
      let expected = (1...1000).map { "line \($0)\n" }.joined()
      let half = (1...500).map { "line \($0)\n" }.joined().utf8.count
      let waiting = Mailbox<Int>()
      try await withThrowingTaskGroup(of: Int.self) { group in
        for number in 0..<50 {
          group.addTask {
            try await offPool {
              // Every other one leaves at half time; each begins at another byte.
              let start = number * 7
              var bytes: [UInt8] = []
              try DaemonClient(home: home).followLog(of: "read", from: Int64(start)) {
                bytes += $0
                if bytes.count == half - start { waiting.send(number) }
                return number % 2 == 0 || bytes.count < half - start
              }
              let wanted = Array(expected.utf8.dropFirst(start))
              return bytes == (number % 2 == 0 ? wanted : Array(wanted.prefix(half - start))) ? 1 : 0
            }
          }
        }
        for number in 0..<50 { _ = try await waiting.first("reader \(number)") { $0 == number } }
        gate.open()
        var whole = 0
        for try await one in group { whole += one }
        #expect(whole == 50)
      }
      try await daemon.end(of: "read")
      try await waitUntil("the daemon to close what it opened") { try openFiles(daemon.pid) <= before + 8 }
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `fifty megabytes of log pass through a daemon that stays small`() async throws {
    try await DaemonFixture.use { daemon in
      let size = 50 << 20
      try await daemon.create(JobRequest.mock("loud", ["log-bytes": "\(size)", "epochs": "1", "print": "false"]))
      let client = daemon.client
      let (count, isRight) = try await offPool {
        var count = 0
        var isRight = true
        // Each line of a hundred bytes tells its own place.
        var rest: [UInt8] = []
        try client.followLog(of: "loud") { bytes in
          rest += bytes
          let whole = rest.count / 100 * 100
          for start in stride(from: 0, to: whole, by: 100 * 97) where count + start < size - 100 {
            let mark = "log line \((count + start) / 100) "
            isRight = isRight && rest[start...].starts(with: mark.utf8)
          }
          rest.removeFirst(whole)
          count += whole
          return true
        }
        return (count + rest.count, isRight)
      }
      #expect(isRight)
      #expect(count >= size && count < size + 1000)
      #expect(try await daemon.end(of: "loud").status == "Completed")
      let entry = try #require(ProcessEntry(pid: daemon.pid))
      #expect(entry.residentBytes < 250 << 20, "\(entry.residentBytes >> 20) MiB")
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `jobs leave no open files behind in the daemon`() async throws {
    try await DaemonFixture.use { daemon in
      func run(_ names: ClosedRange<Int>) async throws {
        for number in names {
          try await daemon.create(
            JobRequest.mock("job-\(number)", ["epochs": "1", "seconds-per-epoch": "0"]) {
              $0["AlgorithmSpecification"] = [
                "AlgorithmName": "mock", "TrainingInputMode": "File",
                "MetricDefinitions": [["Name": "loss", "Regex": "loss ([0-9.]+)"]],
              ]
              $0["CheckpointConfig"] = ["S3Uri": "s3://htr/points"]
            })
        }
        for number in names { #expect(try await daemon.end(of: "job-\(number)").status == "Completed") }
      }
      try await run(1...5)
      let before = try openFiles(daemon.pid)
      try await run(6...30)
      try await waitUntil("the daemon to close what it opened") { try openFiles(daemon.pid) <= before + 4 }
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a completed job takes everything with it that its worker has started`() async throws {
    try await DaemonFixture.use { daemon in
      let fit = try await daemon.cli(
        "fit", "--algorithm", "mock", "--name", "parent", "--hyperparameter", "fork=8", "--hyperparameter", "epochs=1")
      #expect(fit.code == 0, "\(fit.errors)")
      #expect(fit.output.contains("Left behind stubborn"))
      #expect(daemon.processes(of: "parent").isEmpty)
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a worker that somebody kills fails its job with the signal's name`() async throws {
    try await DaemonFixture.use { daemon in
      try Files.write(
        "import time\nprint('up', flush=True)\ntime.sleep(600)\n", to: "\(daemon.folder)/wait.py", durable: false)
      let fit = try daemon.startCLI(["fit", "--entry-point", "\(daemon.folder)/wait.py", "--name", "killed"])
      try await fit.waitUntil("the worker's first line") { output, _ in output == Array("up\n".utf8) }
      let record = try JSON(parsing: Files.read("\(daemon.home)/jobs/killed/1/worker.json"))
      kill(try #require(record["pid"]?.integer.flatMap(Int32.init(exactly:))), SIGKILL)
      #expect(try await fit.end() == .code(1))
      let job = try await daemon.record(of: "killed").job
      let reason = job["FailureReason"]?.string ?? ""
      #expect(reason.contains(#"ExtraInfo "OutOfMemory: Process killed by SIGKILL (signal 9)""#), "\(reason)")
      #expect(reason.contains("ExitCode 137"), "\(reason)")
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a job that is stopped while its data comes in never trains`() async throws {
    try await DaemonFixture.use { daemon in
      try Files.makeFolder("\(daemon.folder)/data")
      // Large enough that copying it takes longer than anything that this test waits for; nothing of it is stored.
      let hole = "\(daemon.folder)/data/hole"
      try Files.write("", to: hole, durable: false)
      #expect(truncate(hole, 16 << 30) == 0)
      try await daemon.create(
        JobRequest.endless("loading") {
          $0["InputDataConfig"] = [JobRequest.channel("train", "file://\(daemon.folder)/data")]
        })
      try await daemon.wait(for: "loading", "Downloading") { $0.secondaryStatus == "Downloading" }
      try await daemon.call("StopTrainingJob", ["TrainingJobName": "loading"])
      let record = try await daemon.end(of: "loading")
      #expect(record.status == "Stopped")
      let statuses = record.job["SecondaryStatusTransitions"]?.array?.compactMap { $0["Status"]?.string } ?? []
      #expect(statuses == ["Starting", "Downloading", "Stopping", "Stopped"], "\(statuses)")
      #expect(record.job["TrainingStartTime"] == nil)
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `an upload right after the start arrives whole`() async throws {
    try await DaemonFixture.use { daemon in
      let file = "\(daemon.folder)/object"
      try Files.write([UInt8](repeating: 7, count: 3 << 20), to: file, durable: false)
      let client = daemon.client
      let digest = try await daemon.sha256(file)
      for round in 1...12 {
        let uri = try await offPool { try client.putObject(bucket: "htr", key: "object-\(round)", file: file) }
        #expect(uri == "s3://htr/object-\(round)")
        #expect(try await daemon.sha256("\(daemon.home)/buckets/htr/object-\(round)") == digest)
        try await daemon.restart()
      }
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `who follows a job that is deleted is told its end, not left waiting`() async throws {
    try await DaemonFixture.use { daemon in
      try await daemon.create(JobRequest.mock("gone", ["epochs": "1"]))
      try await daemon.end(of: "gone")
      let version = try await daemon.record(of: "gone").version
      try await daemon.call("DeleteTrainingJob", ["TrainingJobName": "gone"])
      let client = daemon.client
      await #expect(throws: ServiceError.self) {
        try await offPool { try client.trainingJob("gone", newerThan: version, timeoutSeconds: 30) }
      }
      await #expect(throws: ServiceError.self) {
        try await offPool { try client.wait(for: ["gone"], any: false, timeoutSeconds: 30) }
      }
      await #expect(throws: ServiceError.self) { try await daemon.logBytes(of: "gone") }
    }
  }
}

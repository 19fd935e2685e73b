import Client
import Glibc
import HostKit
import JSONKit
import TestKit
import Testing

/// What is on record is there after a restart, as it was.
@Suite(.serialized) struct RestartTests {
  @Test(.timeLimit(.minutes(1)))
  func `ended jobs, their metrics, events, tags and logs are the same after a restart`() async throws {
    try await DaemonFixture.use { daemon in
      for number in 1...3 {
        let fit = try await daemon.cli(
          "fit", "--algorithm", "mock", "--name", "job-\(number)", "--metric", "loss=Train loss ([0-9.]+)", "--tag",
          "number=\(number)", "--hyperparameter", number == 2 ? "fail-at-epoch=2" : "epochs=2")
        #expect(fit.code == (number == 2 ? 1 : 0))
      }
      func everything() async throws -> [String] {
        var all: [String] = []
        for number in 1...3 {
          for words in [
            ["describe", "job-\(number)", "--events", "--json"], ["metrics", "job-\(number)", "--json"],
            ["logs", "job-\(number)"],
          ] {
            all.append(try await daemon.finish(daemon.startCLI(words)).output)
          }
          let arn = try #require(try await daemon.record(of: "job-\(number)").job["TrainingJobArn"])
          all.append(try await daemon.call("ListTags", ["ResourceArn": arn]).text)
        }
        return all
      }
      let before = try await everything()
      try await daemon.restart()
      #expect(try await everything() == before)
      try await daemon.end(by: .term)
      try await daemon.start()
      #expect(try await everything() == before)
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `jobs in line keep their order across a kill`() async throws {
    var options = DaemonFixture.Options()
    options.settings = ["cpus: 1"]
    try await DaemonFixture.use(options) { daemon in
      try await daemon.create(JobRequest.endless("runs"))
      try await daemon.training(of: "runs")
      for (name, priority) in [("third", "0"), ("fourth", "0"), ("first", "90"), ("fifth", "-5"), ("second", "90")] {
        try await daemon.create(
          JobRequest.mock(name, ["epochs": "1", "seconds-per-epoch": "0"]) {
            $0["Tags"] = [["Key": "htr:priority", "Value": .string(priority)]]
          })
      }
      try await daemon.restart()
      #expect(try await daemon.record(of: "runs").secondaryStatus == "Training")
      try await daemon.call("StopTrainingJob", ["TrainingJobName": "runs"])
      var starts: [(name: String, at: Double)] = []
      for name in ["first", "second", "third", "fourth", "fifth"] {
        let record = try await daemon.end(of: name)
        starts.append((name, try #require(record.job["TrainingStartTime"]?.number)))
      }
      #expect(starts.sorted { $0.at < $1.at }.map(\.name) == ["first", "second", "third", "fourth", "fifth"])
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a record that cannot be read is shown and kept, and the others go on`() async throws {
    let python = try #require(try await Python.find(boto3: false))
    var options = DaemonFixture.Options()
    options.settings = ["cpus: 1"]
    try await DaemonFixture.use(options) { daemon in
      daemon.expectErrors("a job's record cannot be read")
      try await daemon.create(JobRequest.endless("runs"))
      try await daemon.create(JobRequest.mock("spoilt"))
      try await daemon.create(JobRequest.mock("fine", ["epochs": "1"]))
      try await daemon.end()
      let database = "\(daemon.home)/htr.sqlite"
      let spoil =
        "import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); c.execute('UPDATE training_jobs SET state=? WHERE name=?', ('{broken', 'spoilt')); c.commit()"
      _ = try await daemon.tool(python, "-c", spoil, database)
      try await daemon.start()
      let status = try await daemon.cli("daemon", "status", "--json").json()
      #expect(status["UnreadableRecords"] == ["spoilt"])
      try await daemon.call("StopTrainingJob", ["TrainingJobName": "runs"])
      #expect(try await daemon.end(of: "fine").status == "Completed")
      // The name stays taken and the row stays as it is.
      await #expect(throws: ServiceError.self) { try await daemon.create(JobRequest.mock("spoilt")) }
      let described = try await daemon.cli("describe", "spoilt")
      #expect(described.code != 0 && described.errors.contains("spoilt"), "\(described.errors)")
      let jobs = try await daemon.cli("jobs", "--all")
      #expect(jobs.code == 0, "\(jobs.errors)")
      #expect(jobs.output.contains("fine") && jobs.output.contains("spoilt"), "\(jobs.output)")
      let read =
        "import sqlite3,sys; print(sqlite3.connect(sys.argv[1]).execute('SELECT state FROM training_jobs WHERE name=?', ('spoilt',)).fetchone()[0])"
      #expect(try await daemon.tool(python, "-c", read, database) == "{broken\n")
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `names that differ only in case do not share an ARN`() async throws {
    try await DaemonFixture.use { daemon in
      try await daemon.create(JobRequest.mock("Story", ["epochs": "1"]))
      do {
        try await daemon.create(JobRequest.mock("story", ["epochs": "1"]))
        Issue.record("two jobs have the ARN of one, and so each other's tags")
      } catch let error as ServiceError {
        #expect(error.code == "ResourceInUse")
      }
    }
  }

  /// The daemon and the shim die while output waits between them: the worker has written it, so it must be in the log.
  @Test(.timeLimit(.minutes(1)))
  func `output that nobody has taken yet survives the death of daemon and shim`() async throws {
    try await DaemonFixture.use { daemon in
      let gate = try Gate(in: daemon.folder)
      let lines = (1...200).map { "line \($0)\n" }.joined()
      let words = try daemon.script(
        """
        echo ready
        read go < '\(gate.path)'
        line=1
        while [ $line -le 200 ]; do echo "line $line"; line=$((line + 1)); done
        : > '\(daemon.folder)/written'
        read go < '\(gate.path)'
        """)
      try await daemon.create(JobRequest.command("lost", words))
      let follower = try daemon.startCLI(["logs", "lost", "--follow"])
      try await follower.waitUntil("the first line") { output, _ in output == Array("ready\n".utf8) }
      let record = try JSON(parsing: Files.read("\(daemon.home)/jobs/lost/1/shim.json"))
      let shim = try #require(record["pid"]?.integer.flatMap(Int32.init(exactly:)))
      kill(shim, SIGSTOP)
      gate.open()
      try await waitUntil("the worker's output") { Files.exists("\(daemon.folder)/written") }
      try await daemon.end(by: .kill)
      kill(shim, SIGKILL)
      try await waitUntil("the worker's end") { daemon.processes(of: "lost").isEmpty }
      try await daemon.start()
      let ended = try await daemon.end(of: "lost")
      #expect(ended.status == "Failed")
      let isWhole = try await daemon.logText(of: "lost") == "ready\n" + lines
      #expect(isWhole)
      try await follower.end()
      let isFollowedWhole = follower.outputText == "ready\n" + lines
      #expect(isFollowedWhole)
    }
  }
}

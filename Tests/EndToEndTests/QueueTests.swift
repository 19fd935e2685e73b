import Client
import HostKit
import JSONKit
import TestKit
import Testing

/// Who runs, who waits, and what is told of it.
@Suite(.serialized) struct QueueTests {
  private var oneSlot: DaemonFixture.Options {
    var options = DaemonFixture.Options()
    options.settings = ["cpus: 1", "memory-mib: 2048"]
    return options
  }

  @Test(.timeLimit(.minutes(1)))
  func `a job that cannot start says why, and a higher priority overtakes`() async throws {
    try await DaemonFixture.use(oneSlot) { daemon in
      try await daemon.create(JobRequest.endless("runs"))
      try await daemon.training(of: "runs")
      try await daemon.create(JobRequest.mock("ordinary", ["epochs": "1"]))
      let pending = try await daemon.wait(for: "ordinary", "Pending") { $0.secondaryStatus == "Pending" }
      #expect(pending.status == "InProgress")
      let message = try #require(pending.job["SecondaryStatusTransitions"]?.array?.last?["StatusMessage"]?.string)
      #expect(message.contains("1 CPUs (0 of 1 free)"), "\(message)")
      #expect(try await daemon.cli("describe", "ordinary").output.contains("Waiting for 1 CPUs (0 of 1 free)"))

      let urgent = try await daemon.cli(
        "fit", "--algorithm", "mock", "--name", "urgent", "--priority", "50", "--hyperparameter", "epochs=1",
        "--detach", "--json")
      #expect(urgent.code == 0)
      #expect(try urgent.json()["Htr"]?["Priority"] == 50)
      let behind = try await daemon.record(of: "ordinary")
      #expect(behind.htr["PendingReason"]?.string?.contains("behind 1 training job") == true, "\(behind.htr.text)")
      let status = try await daemon.cli("daemon", "status", "--json").json()
      #expect(status["TrainingJobs"]?["Pending"] == 2)
      #expect(status["Slots"]?["Cpus"] == ["Total": 1, "Used": 1])

      try await daemon.call("StopTrainingJob", ["TrainingJobName": "runs"])
      let first = try await daemon.end(of: "urgent")
      let second = try await daemon.end(of: "ordinary")
      let started = [first, second].compactMap { $0.job["TrainingStartTime"]?.number }
      #expect(started.count == 2 && started[0] < started[1])
      #expect(second.job["SecondaryStatusTransitions"]?.array?.compactMap { $0["Status"]?.string }.first == "Starting")
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a queued job can be stopped and deleted without ever starting`() async throws {
    try await DaemonFixture.use(oneSlot) { daemon in
      try await daemon.create(JobRequest.endless("runs"))
      try await daemon.create(JobRequest.mock("waits"))
      let busy = try await daemon.cli("delete", "waits")
      #expect(busy.code == 2)
      #expect(busy.errors.contains("ResourceInUse"))
      #expect(try await daemon.cli("stop", "waits", "--wait").code == 0)
      let record = try await daemon.record(of: "waits")
      #expect(record.status == "Stopped")
      #expect(record.htr["Attempts"]?.array?.isEmpty == true)
      #expect(record.job["TrainingStartTime"] == nil)
      #expect(try await daemon.logBytes(of: "waits").isEmpty)
      #expect(try await daemon.cli("delete", "waits").code == 0)
      #expect(try await daemon.jobNames() == ["runs"])
      // A deleted job's name is free again.
      try await daemon.create(JobRequest.mock("waits", ["epochs": "1"]))
      try await daemon.call("StopTrainingJob", ["TrainingJobName": "runs"])
      #expect(try await daemon.end(of: "waits").status == "Completed")
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a job that waits longer than it wants to is stopped`() async throws {
    try await DaemonFixture.use(oneSlot) { daemon in
      try await daemon.create(JobRequest.endless("runs"))
      try await daemon.create(
        JobRequest.mock("hurried") {
          $0["StoppingCondition"] = ["MaxRuntimeInSeconds": 1, "MaxWaitTimeInSeconds": 1]
          $0["EnableManagedSpotTraining"] = true
        })
      let record = try await daemon.end(of: "hurried")
      #expect(record.status == "Stopped")
      #expect(record.secondaryStatus == "MaxWaitTimeExceeded")
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `an instance type larger than the machine gets what there is, with a note, or is refused`() async throws {
    try await DaemonFixture.use(oneSlot) { daemon in
      let fit = try await daemon.cli(
        "fit", "--algorithm", "mock", "--instance-type", "ml.m5.4xlarge", "--hyperparameter", "epochs=1", "--json")
      #expect(fit.code == 0)
      let resources = try fit.json()["Htr"]?["Resources"]
      #expect(resources?["Cpus"] == 1)
      #expect(resources?["Note"]?.string?.contains("ml.m5.4xlarge") == true)
      try await daemon.end(by: .term)
      try Files.write("cpus: 1\noversize: refuse\n", to: "\(daemon.home)/settings.yaml", durable: false)
      try await daemon.start()
      let refused = try await daemon.cli("fit", "--algorithm", "mock", "--instance-type", "ml.m5.4xlarge")
      #expect(refused.code == 2)
      #expect(refused.errors.contains("ResourceLimitExceeded"))
      let unknown = try await daemon.cli("fit", "--algorithm", "mock", "--instance-type", "huge")
      #expect(unknown.errors.contains("'huge'"))
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a worker that takes more memory than its slot is ended and told so`() async throws {
    var options = DaemonFixture.Options()
    options.settings = ["instance-types: {small: {cpus: 1, memory-mib: 96}}"]
    try await DaemonFixture.use(options) { daemon in
      let fit = try await daemon.cli(
        "fit", "--algorithm", "mock", "--instance-type", "small", "--hyperparameter", "memory-megabytes=300",
        "--hyperparameter", "hang-at-epoch=1", "--json")
      #expect(fit.code == 1)
      #expect(try fit.json()["FailureReason"]?.string?.hasPrefix("AlgorithmError: OutOfMemory") == true)
    }
  }

  /// Text for people, JSON of a stable shape for programs.
  @Test(.timeLimit(.minutes(1)))
  func `jobs, describe, logs, metrics and delete tell about jobs`() async throws {
    try await DaemonFixture.use { daemon in
      for number in 1...3 {
        let fit = try await daemon.cli(
          "fit", "--algorithm", "mock", "--name", "job-\(number)", "--hyperparameter", "seconds-per-epoch=0",
          "--metric",
          "loss=Train loss ([0-9.]+)", "--metric", "test=Test loss ([0-9.]+)")
        #expect(fit.code == 0)
      }
      let jobs = try await daemon.cli("jobs", "--limit", "2", "--json").json()
      #expect(jobs["TrainingJobSummaries"]?.array?.compactMap { $0["TrainingJobName"]?.string } == ["job-3", "job-2"])
      #expect(jobs["NextToken"]?.string != nil)
      let table = try await daemon.cli("jobs", "--all", "--sort-by", "Name", "--order", "Ascending")
      #expect(table.output.split(separator: "\n").map { $0.prefix(5) } == ["NAME ", "job-1", "job-2", "job-3"])
      #expect(try await daemon.cli("jobs", "--status", "Failed", "--json").json()["TrainingJobSummaries"] == [])
      #expect(try await daemon.cli("jobs", "--status", "Broken").code == 2)

      let described = try await daemon.cli("describe", "job-1", "--events", "--json").json()
      let kinds = described["Events"]?.array?.compactMap { $0["Kind"]?.string } ?? []
      #expect(kinds.first == "created" && kinds.last == "attemptEnded", "\(kinds)")
      #expect(described["Htr"]?["Attempts"]?[0]?["ExitCode"] == 0)
      #expect(described["Htr"]?["Runtime"] == "builtin")
      let people = try await daemon.cli("describe", "job-1").output
      #expect(
        people.contains("Completed") && people.contains("loss=0.5")
          && people.contains("arn:aws:sagemaker:us-east-1:000000000000:training-job/job-1"))

      let log = try await daemon.logText(of: "job-1")
      #expect(try await daemon.cli("logs", "job-1").output == log)
      #expect(try await daemon.cli("logs", "job-1", "--offset", "12").output == String(log.dropFirst(12)))
      #expect(try await daemon.cli("logs", "job-1", "--tail", "1").output == "Training finished\n")

      let metrics = try await daemon.cli("metrics", "job-1", "--json").json()
      let loss = try #require(metrics["Metrics"]?.array?.first { $0["MetricName"] == "loss" })
      #expect(loss["Points"]?.array?.compactMap { $0[1]?.number } == [1, 0.6667, 0.5])
      #expect(loss["Min"]?.number == 0.5 && loss["Max"]?.number == 1)
      let plot = "\(daemon.folder)/plot"
      let drawn = try await daemon.cli("metrics", "job-1", "--plot", "--svg", "\(plot).svg", "--png", "\(plot).png")
      #expect(drawn.code == 0)
      #expect(try Files.readText("\(plot).svg").hasPrefix("<svg") || Files.readText("\(plot).svg").hasPrefix("<?xml"))
      #expect(try Files.read("\(plot).png").starts(with: [0x89, 0x50, 0x4E, 0x47]))

      let deleted = try await daemon.cli("delete", "job-1", "nobody", "job-2", "--json")
      #expect(deleted.code == 2)
      #expect(try deleted.json()["Deleted"] == ["job-1", "job-2"])
      #expect(try await daemon.jobNames() == ["job-3"])
      #expect(try await daemon.cli("describe", "job-1").errors.contains("there is no job of this name"))
      // Artifacts outlive their job, as they do in SageMaker; its folder does not.
      #expect(Files.exists("\(daemon.home)/buckets/htr/job-1/output/model.tar.gz"))
      #expect(!Files.exists("\(daemon.home)/jobs/job-1"))
    }
  }
}

import Client
import Glibc
import HostKit
import JSONKit
import TestKit
import Testing

/// Watching, waiting for and stopping jobs from other processes.
@Suite(.serialized) struct AttachingTests {
  @Test(.timeLimit(.minutes(1)))
  func `a detached job is attached from another process, and Ctrl-C leaves it running`() async throws {
    try await DaemonFixture.use { daemon in
      let gate = try Gate(in: daemon.folder)
      let words = try daemon.script(
        "echo first; read line < '\(gate.path)'; echo second; cp '\(daemon.folder)/worker.sh' \"$SM_MODEL_DIR/\"\n")
      let fit = try await daemon.finish(
        daemon.startCLI(["fit", "--name", "long", "--detach", "--command", "--"] + words))
      #expect(fit.code == 0, "\(fit.errors)")
      #expect(fit.output == "long\n")

      let attach = try daemon.startCLI(["attach", "long"])
      try await attach.waitUntil("the first line") { output, _ in output.starts(with: "first\n".utf8) }
      attach.send(SIGINT)
      #expect(try await attach.end() == .code(130))
      #expect(attach.errorText.contains("htrctl attach long"))
      #expect(try await daemon.record(of: "long").secondaryStatus == "Training")

      let again = try daemon.startCLI(["attach", "long", "--output", "json"])
      try await again.waitUntil("the past log") { _, errors in
        String(decoding: errors, as: UTF8.self).contains("first\n")
      }
      gate.open()
      let ended = try await daemon.finish(again)
      #expect(ended.code == 0)
      #expect(ended.errors.contains("second\n"))
      #expect(try ended.json()["TrainingJobStatus"] == "Completed")
      // Long after the end an attach still tells the whole story.
      let late = try await daemon.cli("attach", "long")
      #expect(late.code == 0)
      #expect(late.output.hasPrefix("first\nsecond\n"))
      #expect(try await daemon.cli("attach", "nobody").code == 2)
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `wait ends as its jobs do, with any, all and a time-out`() async throws {
    var options = DaemonFixture.Options()
    options.settings = ["cpus: 8"]
    try await DaemonFixture.use(options) { daemon in
      try await daemon.create(JobRequest.endless("endless"))
      try await daemon.create(JobRequest.mock("good", ["epochs": "1"]))
      try await daemon.create(JobRequest.mock("bad", ["fail-at-epoch": "1"]))
      let any = try await daemon.cli("wait", "job", "endless", "good", "--any", "--json")
      #expect(any.code == 0, "\(any.errors)")
      #expect(try any.json()["Done"] == true)
      #expect(try any.json()["TrainingJobs"]?.array?.count == 2)
      let all = try await daemon.cli("wait", "job", "good", "bad")
      #expect(all.code == 1)
      let late = try await daemon.cli("wait", "job", "good", "endless", "--timeout", "0.3", "--json")
      #expect(late.code == 4)
      #expect(try late.json()["Done"] == false)
      #expect(late.errors.contains("endless"))

      // Somebody who waits is woken by the end itself.
      let waiting = try daemon.startCLI(["wait", "job", "endless", "--timeout", "30"])
      #expect(try await daemon.cli("stop", "endless").code == 0)
      #expect(try await waiting.end() == .code(3))
      #expect(try await daemon.cli("wait", "job", "nobody").code == 2)
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a stopped job gets TERM and its model is packed`() async throws {
    try await DaemonFixture.use { daemon in
      try await daemon.create(JobRequest.endless("polite", ["model-bytes": "1000", "seed": "7"]))
      try await daemon.wait(for: "polite", "training") { $0.secondaryStatus == "Training" }
      let follower = try daemon.startCLI(["attach", "polite"])
      try await follower.waitUntil("the first epoch") { output, _ in output.starts(with: "Iteration 1\n".utf8) }
      let stop = try await daemon.cli("stop", "polite", "--wait", "--json")
      #expect(stop.code == 0)
      #expect(try stop.json()["TrainingJobs"]?[0]?["TrainingJobStatus"] == "Stopped")
      #expect(try await follower.end() == .code(3))
      let record = try await daemon.record(of: "polite")
      let path = try #require(record.htr["ModelArtifactPath"]?.string)
      #expect(try await daemon.sha256(path) == record.htr["ModelArtifactSha256"]?.string)
      #expect(try await daemon.tool("tar", "-tzf", path) == "model.bin\n")
      let statuses = (record.job["SecondaryStatusTransitions"]?.array ?? []).compactMap { $0["Status"]?.string }
      #expect(statuses == ["Starting", "Training", "Stopping", "Stopped"])
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a worker that ignores TERM is killed at once by stop --now, with all that it started`() async throws {
    try await DaemonFixture.use { daemon in
      try await daemon.create(JobRequest.endless("stubborn", ["ignore-term": "true", "fork": "8"]))
      try await daemon.training(of: "stubborn")
      let follower = try daemon.startCLI(["logs", "stubborn", "--follow"])
      try await follower.waitUntil("its descendants") { output, _ in
        String(decoding: output, as: UTF8.self).contains("Iteration 1\n")
      }
      #expect(daemon.processes(of: "stubborn").count > 4)
      // The first order gives 120 seconds; the second takes them away.
      #expect(try await daemon.cli("stop", "stubborn").code == 0)
      #expect(try await daemon.record(of: "stubborn").status == "Stopping")
      #expect(try await daemon.cli("stop", "stubborn", "--now", "--wait").code == 0)
      #expect(try await daemon.record(of: "stubborn").status == "Stopped")
      #expect(daemon.processes(of: "stubborn").isEmpty)
      #expect(try await follower.end() == .code(0))
      let again = try await daemon.cli("stop", "stubborn")
      #expect(again.code == 2)
      #expect(again.errors.contains("The request was rejected because the training job is in status Stopped."))
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a job that runs too long is stopped with MaxRuntimeExceeded and its model kept`() async throws {
    try await DaemonFixture.use { daemon in
      let fit = try await daemon.cli(
        "fit", "--algorithm", "mock", "--name", "slow", "--hyperparameter", "hang-at-epoch=1", "--max-runtime", "1",
        "--json")
      #expect(fit.code == 3)
      let job = try fit.json()
      #expect(job["TrainingJobStatus"] == "Stopped")
      #expect(job["SecondaryStatus"] == "MaxRuntimeExceeded")
      #expect(job["Htr"]?["ModelArtifactSha256"] != nil)
    }
  }
}

/// A named pipe that holds a worker up until the test opens it.
final class Gate {
  let path: String
  private let pipe: Descriptor

  init(in folder: String, name: String = "gate") throws {
    path = "\(folder)/\(name)"
    guard mkfifo(path, 0o600) == 0 else { throw SystemError("make", path) }
    // Both ends: opening never waits, and a line that nobody has read yet stays in it.
    pipe = try Descriptor.open(path, O_RDWR)
  }

  /// Lets one reader go on.
  func open() { _ = write(pipe.number, "\n", 1) }
}

import Client
import Glibc
import HostKit
import JSONKit
import TestKit
import Testing

/// A copy made while the daemon works is a daemon's whole state.
@Suite(.timeLimit(.minutes(2))) struct BackupTests {
  /// Puts objects and runs jobs until it is told to stop; the names of the jobs that were created.
  private func work(on daemon: DaemonFixture, until stop: Mailbox<Int>) async throws -> [String] {
    var names: [String] = []
    // Enough to have some of them in every state; all of them must end later.
    while stop.values.isEmpty, names.count < 24 {
      let name = "job-\(names.count)"
      try await daemon.call("CreateTrainingJob", JobRequest.mock(name))
      names.append(name)
      try await daemon.putObjects(["load/\(name)": String(repeating: name, count: 1000)])
    }
    return names
  }

  @Test func `backup under load, restored into an empty folder, has every job, artifact and endpoint`() async throws {
    try await DaemonFixture.use { daemon in
      try await daemon.deployMock("words")
      try await daemon.inService("words")
      for number in 0..<3 { try await daemon.call("CreateTrainingJob", JobRequest.mock("early-\(number)")) }
      for number in 0..<3 { _ = try await daemon.end(of: "early-\(number)") }
      let stop = Mailbox<Int>()
      async let load = work(on: daemon, until: stop)
      let backup = "\(daemon.folder)/backup"
      let first = try await daemon.cli("backup", backup, "--json")
      let second = try await daemon.cli("backup", backup, "--json")
      stop.send(1)
      let late = try await load
      #expect(first.code == 0 && second.code == 0, "\(first.errors) \(second.errors)")
      // The second copies only what is new.
      let copied = try (first.json()["CopiedFiles"]?.integer ?? 0, second.json()["CopiedFiles"]?.integer ?? 0)
      let files = try second.json()["Files"]?.integer ?? 0
      #expect(copied.0 > 0 && copied.1 < files)

      let early = try await digests(daemon)
      // What still runs would write into the folder that is lost here.
      for name in late { _ = try await daemon.end(of: name) }
      try await daemon.call("DeleteEndpoint", ["EndpointName": "words"])
      try await waitUntil("no worker") { daemon.servers(of: "words").isEmpty }
      try await daemon.end()
      try Files.rename(daemon.home, to: "\(daemon.folder)/lost")
      let restored = try await daemon.cli("restore", backup)
      #expect(restored.code == 0, "\(restored.errors)")
      let refused = try await daemon.cli("restore", backup)
      #expect(refused.code == 2 && refused.errors.contains("not empty"))

      try await daemon.start()
      try await daemon.inService("words")
      #expect(try await daemon.ask("words").status == 200)
      let jobs = try await daemon.call("ListTrainingJobs", ["NameContains": "job-", "MaxResults": 100])
      // Whatever was waiting or running is run again.
      for summary in jobs["TrainingJobSummaries"]?.array ?? [] {
        let record = try await daemon.end(of: try #require(summary["TrainingJobName"]?.string))
        #expect(record.status == "Completed", "\(record.described.text)")
      }
      #expect(try await digests(daemon) == early)
      for number in 0..<3 { #expect(try await daemon.cli("logs", "early-\(number)").output.isEmpty == false) }
    }
  }

  @Test func `a copy that is started beside the original leaves its workers alone`() async throws {
    try await DaemonFixture.use { daemon in
      try await daemon.deployMock("words")
      try await daemon.inService("words")
      let worker = daemon.servers(of: "words").map(\.pid)
      #expect(try await daemon.cli("backup", "\(daemon.folder)/backup").code == 0)
      let copy = "\(daemon.folder)/copy"
      #expect(try await daemon.cli("restore", "\(daemon.folder)/backup", "--home", copy).code == 0)
      let beside = try daemon.launch(["HTR_HOME": copy, "HTR_LISTEN": "127.0.0.1:\(try FreePort.find())"])
      try await beside.waitUntil("readiness") { _, errors in
        String(decoding: errors, as: UTF8.self).contains(" ready\n")
      }
      // The copy has a worker of its own.
      let client = DaemonClient(home: copy)
      try await waitUntil("the copy's endpoint") {
        try client.invoke(Invocation(endpoint: "words", body: .bytes([])), timeoutSeconds: 30).status == 200
      }
      #expect(worker.allSatisfy { daemon.servers(of: "words").map(\.pid).contains($0) })
      #expect(try await daemon.ask("words").status == 200)
      beside.send(SIGTERM)
      _ = try await beside.end()
    }
  }

  private func digests(_ daemon: DaemonFixture) async throws -> [String] {
    var digests: [String] = []
    for number in 0..<3 { digests.append(try await digest(of: "early-\(number)", daemon)) }
    return digests
  }

  /// The digest of a job's artifact, which must be the one on record.
  private func digest(of job: String, _ daemon: DaemonFixture) async throws -> String {
    let client = daemon.client
    let record = try await offPool { try client.trainingJob(job) }
    let sum = try await daemon.sha256(try #require(record.htr["ModelArtifactPath"]?.string))
    #expect(sum == record.htr["ModelArtifactSha256"]?.string)
    return sum
  }

  @Test func `gc tells what would go, removes it, and leaves what is needed`() async throws {
    try await DaemonFixture.use { daemon in
      try await daemon.call("CreateTrainingJob", JobRequest.mock("done"))
      _ = try await daemon.end(of: "done")
      let attempt = "\(daemon.home)/jobs/done/1"
      let young = try await daemon.cli("gc", "--dry-run")
      #expect(young.code == 0 && !young.output.contains(attempt))
      let trial = try await daemon.cli("gc", "--dry-run", "--older-than", "0")
      #expect(trial.output.contains(attempt) == Files.exists(attempt) && trial.output.contains("Would free"))
      let swept = try await daemon.cli("gc", "--older-than", "0")
      #expect(swept.output.contains("Freed") && !Files.exists(attempt))
      #expect(try await daemon.cli("logs", "done").code == 0)
      _ = try await digest(of: "done", daemon)
    }
  }
}

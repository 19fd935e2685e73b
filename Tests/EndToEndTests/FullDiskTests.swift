import Client
import Glibc
import HostKit
import JSONKit
import TestKit
import Testing

/// A disk without room: a small file system of its own under HTR_HOME, in a mount namespace that only the daemon sees.
@Suite(.serialized) struct FullDiskTests {
  /// Runs the body with a daemon whose `place` below the home is a disk of the given size; skips where mounting is
  /// not allowed.
  private func withSmallDisk(
    at place: String, mebibytes: Int, _ body: (DaemonFixture) async throws -> Void
  ) async throws {
    let words = ["/bin/sh", "-c", #"mkdir -p "$HTR_HOME\#(place)" && mount -t tmpfs -o size=\#(mebibytes)m none "$HTR_HOME\#(place)" && exec "$0""#]
    guard let unshare = Programs.installed("unshare") else { return print("skipped: there is no unshare") }
    let namespace = [unshare, "--mount"] + (getuid() == 0 ? [] : ["--user", "--map-root-user"]) + ["--"]
    let trial = try ChildProcess(
      unshare, Array(namespace.dropFirst()) + ["/bin/sh", "-c", "mount -t tmpfs none /mnt"],
      environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"])
    guard try await trial.end() == .code(0) else { return print("skipped: mounting is not allowed: \(trial.errorText)") }
    var options = DaemonFixture.Options()
    options.wrapper = namespace + words
    options.startsDaemon = place != ""
    try await DaemonFixture.use(options, body)
  }

  @Test(.timeLimit(.minutes(1)))
  func `a log that fills the disk fails the job as the machine's fault, and the next job runs`() async throws {
    try await withSmallDisk(at: "/jobs", mebibytes: 4) { daemon in
      let disk = "/proc/\(daemon.pid)/root\(daemon.home)/jobs"
      try Files.write([UInt8](repeating: 7, count: 3 << 20), to: "\(disk)/ballast", durable: false)
      try await daemon.create(JobRequest.mock("loud", ["log-bytes": "\(2 << 20)", "hang-at-epoch": "1"]))
      // The worker is ended at once; what it has printed until then waits for room.
      try await waitUntil("the worker") { try Files.status("\(disk)/loud/log")?.size ?? 0 > 0 }
      try await waitUntil("the worker's end") { daemon.processes(of: "loud").isEmpty }
      #expect(try await daemon.record(of: "loud").status == "InProgress")
      try Files.remove("\(disk)/ballast")
      let record = try await daemon.end(of: "loud")
      #expect(record.status == "Failed")
      let reason = record.job["FailureReason"]?.string ?? ""
      #expect(reason.hasPrefix("InternalServerError: The disk is full"), "\(reason)")
      #expect(daemon.processes(of: "loud").isEmpty)
      try await daemon.call("DeleteTrainingJob", ["TrainingJobName": "loud"])
      try await daemon.create(JobRequest.mock("quiet", ["epochs": "1"]))
      #expect(try await daemon.end(of: "quiet").status == "Completed")
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a model that does not fit is waited for until there is room`() async throws {
    try await withSmallDisk(at: "/buckets", mebibytes: 1) { daemon in
      // Publishing crosses to another file system, so it copies.
      daemon.expectErrors("cannot publish a job's artifacts; trying again")
      let client = daemon.client
      try Files.write([UInt8](repeating: 7, count: 900 << 10), to: "\(daemon.folder)/ballast", durable: false)
      let ballast = "\(daemon.folder)/ballast"
      _ = try await offPool { try client.putObject(bucket: "htr", key: "ballast", file: ballast) }
      try await daemon.create(JobRequest.mock("large", ["model-bytes": "\(400 << 10)", "epochs": "1"]))
      try await waitUntil("the daemon's complaint") { daemon.log.contains("cannot publish a job's artifacts") }
      #expect(try await daemon.record(of: "large").status == "InProgress")
      try Files.remove("/proc/\(daemon.pid)/root\(daemon.home)/buckets/htr/ballast")
      let record = try await daemon.end(of: "large")
      #expect(record.status == "Completed")
      #expect(record.htr["ModelArtifactSha256"]?.string != nil)
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a full job store refuses new jobs, keeps the old ones, and goes on when there is room`() async throws {
    try await withSmallDisk(at: "", mebibytes: 8) { daemon in
      // The whole home lies on the small disk, which is only seen through the daemon's own root.
      let process = try daemon.launch()
      defer { process.send(SIGKILL) }
      try await process.waitUntil("readiness") { _, errors in
        String(decoding: errors, as: UTF8.self).contains(" ready\n")
      }
      let home = "/proc/\(process.pid)/root\(daemon.home)"
      let client = DaemonClient(socket: "\(home)/htrd.sock")
      func create(_ name: String) async throws {
        _ = try await offPool { try client.call("CreateTrainingJob", JobRequest.mock(name, ["epochs": "1"])) }
      }
      func ended(_ name: String) async throws -> String {
        try await offPool {
          let (isDone, jobs) = try client.wait(for: [name], any: false, timeoutSeconds: 30)
          return isDone ? jobs[0].status : "late"
        }
      }
      try await create("before")
      #expect(try await ended("before") == "Completed")
      var ballast: Int32 = 0
      ballast = open("\(home)/ballast", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
      defer { close(ballast) }
      for chunk in [1 << 20, 1 << 12] {
        let zeros = [UInt8](repeating: 0, count: chunk)
        while write(ballast, zeros, chunk) == chunk {}
      }
      var refusals = 0
      var accepted: [String] = []
      for number in 1...200 where refusals < 3 {
        // What the store still has room for in its own files is accepted, and then kept.
        do {
          try await create("full-\(number)")
          accepted.append("full-\(number)")
        } catch let error as ServiceError {
          refusals += 1
          #expect(error.code == "InternalFailure", "\(error)")
          #expect(error.message.lowercased().contains("full"), "\(error)")
        }
      }
      #expect(refusals == 3)
      let names = try await offPool {
        try client.call("ListTrainingJobs", ["MaxResults": 100])["TrainingJobSummaries"]?.array?
          .compactMap { $0["TrainingJobName"]?.string } ?? []
      }
      #expect(names == ["before"] + accepted)
      ftruncate(ballast, 0)
      try await create("after")
      #expect(try await ended("after") == "Completed")
      for name in accepted { #expect(["Completed", "Failed"].contains(try await ended(name)), "\(name)") }
      process.send(SIGTERM)
      #expect(try await process.end() == .code(0))
    }
  }
}

import Client
import Glibc
import HostKit
import JSONKit
import TestKit
import Testing

/// A disk without room: HTR_HOME on a small file system in a mount namespace that only the daemon has.
@Suite(.serialized) struct FullDiskTests {
  @Test(.timeLimit(.minutes(1)))
  func `a log that fills the disk fails the job as the machine's fault, and the next job runs`() async throws {
    try await SmallDisk.use(mebibytes: 16) { disk in
      try await disk.create("before", ["epochs": "1"])
      #expect(try await disk.end(of: "before").status == "Completed")
      try disk.fill(leaving: 1 << 20)
      try await disk.create("loud", ["log-bytes": "\(3 << 20)", "hang-at-epoch": "1"])
      // The worker is ended at once; what it has printed until then waits for room.
      try await waitUntil("a full disk") { try disk.available() < 4096 }
      try await waitUntil("the worker's end") { disk.daemon.processes(of: "loud").isEmpty }
      try disk.makeRoom()
      let record = try await disk.end(of: "loud")
      #expect(record.status == "Failed")
      let reason = record.job["FailureReason"]?.string ?? ""
      #expect(reason.hasPrefix("InternalServerError: The disk is full"), "\(reason)")
      try await disk.create("after", ["epochs": "1"])
      #expect(try await disk.end(of: "after").status == "Completed")
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a model that cannot be packed for lack of room is no fault of its author`() async throws {
    try await SmallDisk.use(mebibytes: 16) { disk in
      try disk.fill(leaving: 3 << 20)
      try await disk.create("large", ["model-bytes": "\(2 << 20)", "epochs": "1"])
      // Whether it fails at once or waits for room is the shim's choice; whose fault it is is not.
      let isDone = try await disk.hasEnded("large", within: 3)
      try disk.makeRoom()
      let record = try await disk.end(of: "large")
      let reason = record.job["FailureReason"]?.string ?? ""
      #expect(record.status == "Completed" || reason.hasPrefix("InternalServerError: "), "\(reason)")
      #expect(isDone || record.status == "Completed")
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a full job store refuses new jobs, keeps the old ones, and goes on when there is room`() async throws {
    try await SmallDisk.use(mebibytes: 8) { disk in
      try await disk.create("before", ["epochs": "1"])
      #expect(try await disk.end(of: "before").status == "Completed")
      try disk.fill(leaving: 0)
      var refusals = 0
      var accepted: [String] = []
      for number in 1...200 where refusals < 3 {
        // What the store still has room for in its own files is accepted, and then kept.
        do {
          try await disk.create("full-\(number)", ["epochs": "1"])
          accepted.append("full-\(number)")
        } catch let error as ServiceError {
          refusals += 1
          #expect(error.code == "InternalFailure", "\(error)")
          #expect(error.message.lowercased().contains("full"), "\(error)")
        }
      }
      #expect(refusals == 3)
      #expect(try await disk.jobNames() == ["before"] + accepted)
      try disk.makeRoom()
      try await disk.create("after", ["epochs": "1"])
      #expect(try await disk.end(of: "after").status == "Completed")
      for name in accepted { #expect(try await disk.end(of: name).hasEnded) }
      #expect(try await disk.jobNames() == ["before"] + accepted + ["after"])
    }
  }
}

/// A daemon whose whole home lies on a small disk, seen from outside through the root of the daemon's process.
struct SmallDisk {
  let daemon: DaemonFixture
  let process: ChildProcess
  let home: String
  let client: DaemonClient

  /// Skips where mounting is not allowed.
  static func use(mebibytes: Int, _ body: (SmallDisk) async throws -> Void) async throws {
    guard let unshare = Programs.installed("unshare") else { return print("skipped: there is no unshare") }
    let namespace = [unshare, "--mount"] + (getuid() == 0 ? [] : ["--user", "--map-root-user"]) + ["--"]
    let trial = try ChildProcess(
      unshare, Array(namespace.dropFirst()) + ["/bin/sh", "-c", "mount -t tmpfs none /mnt"],
      environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"])
    guard try await trial.end() == .code(0) else {
      return print("skipped: mounting is not allowed: \(trial.errorText)")
    }
    var options = DaemonFixture.Options()
    let mount = #"mount -t tmpfs -o size=\#(mebibytes)m none "$HTR_HOME" && exec "$0""#
    options.wrapper = namespace + ["/bin/sh", "-c", mount]
    options.startsDaemon = false
    try await DaemonFixture.use(options) { daemon in
      let process = try daemon.launch()
      defer { process.send(SIGKILL) }
      try await process.waitUntil("readiness") { _, errors in
        String(decoding: errors, as: UTF8.self).contains(" ready\n")
      }
      let home = "/proc/\(process.pid)/root\(daemon.home)"
      let disk = SmallDisk(
        daemon: daemon, process: process, home: home, client: DaemonClient(socket: "\(home)/htrd.sock"))
      try await body(disk)
      process.send(SIGTERM)
      #expect(try await process.end() == .code(0))
    }
  }

  // MARK: Room

  func available() throws -> Int64 {
    guard let bytes = Files.availableBytes(at: home) else { throw SystemError("measure", home) }
    return bytes
  }

  func fill(leaving rest: Int64) throws {
    let file = try Descriptor.open("\(home)/ballast", O_WRONLY | O_CREAT | O_TRUNC)
    let wanted = try available() - rest
    for chunk in [1 << 16, 1 << 12] {
      let zeros = [UInt8](repeating: 0, count: chunk)
      while lseek(file.number, 0, SEEK_CUR) + off_t(chunk) <= off_t(wanted), write(file.number, zeros, chunk) == chunk {
      }
    }
  }

  func makeRoom() throws { try Files.remove("\(home)/ballast") }

  // MARK: Jobs

  func create(_ name: String, _ hyperparameters: [String: String]) async throws {
    let client = client
    _ = try await offPool { try client.call("CreateTrainingJob", JobRequest.mock(name, hyperparameters)) }
  }

  func record(
    of name: String, until fits: @escaping @Sendable (TrainingJobRecord) -> Bool
  ) async throws -> TrainingJobRecord {
    let client = client
    return try await offPool {
      let deadline = ContinuousClock.now + .seconds(30)
      var record = try client.trainingJob(name)
      while !fits(record) {
        guard ContinuousClock.now < deadline else { throw Overdue(what: "\(record.described.text)") }
        record = try client.trainingJob(name, newerThan: record.version, timeoutSeconds: 1)
      }
      return record
    }
  }

  func end(of name: String) async throws -> TrainingJobRecord {
    try await record(of: name) { $0.hasEnded }
  }

  func hasEnded(_ name: String, within seconds: Int) async throws -> Bool {
    let client = client
    return try await offPool { try client.wait(for: [name], any: false, timeoutSeconds: seconds).isDone }
  }

  func jobNames() async throws -> [String] {
    let client = client
    return try await offPool {
      try client.call("ListTrainingJobs", ["MaxResults": 100])["TrainingJobSummaries"]?.array?
        .compactMap { $0["TrainingJobName"]?.string } ?? []
    }
  }
}

import Client
import HostKit
import JSONKit
import TestKit
import Testing

/// What a shim leaves is not synced: in a later boot it counts only if it proves sound. The boot is simulated by the
/// one in the spec; the daemon dies between the shim's end record and its own.
struct PowerCutTests {
  private func withEndedAttempt(
    _ request: JSON, _ body: (DaemonFixture, _ attempt: String) async throws -> Void
  ) async throws {
    var options = DaemonFixture.Options()
    options.hasFailpoints = true
    try await DaemonFixture.use(options) { daemon in
      try daemon.arm(.beforeEndRecorded)
      try await daemon.create(request)
      _ = try await daemon.end(by: .itself)
      let attempt = "\(daemon.home)/jobs/cut/1"
      var spec = try #require(JSON(parsing: Files.read("\(attempt)/spec.json")).object)
      spec["boot"] = "another"
      try Files.write(JSON.object(spec).bytes, to: "\(attempt)/spec.json")
      try await body(daemon, attempt)
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `an end record of an earlier boot whose digests hold is believed`() async throws {
    try await withEndedAttempt(JobRequest.mock("cut", ["epochs": "1"])) { daemon, _ in
      try await daemon.start()
      let record = try await daemon.end(of: "cut")
      #expect(record.status == "Completed")
      #expect(record.htr["Attempts"]?.array?.count == 1)
    }
  }

  @Test(.timeLimit(.minutes(1)), arguments: ["end.json", "model.tar.gz"])
  func `what a power cut has torn is not published and the attempt counts as lost`(file: String) async throws {
    let request = JobRequest.mock("cut", ["epochs": "1"])
    try await withEndedAttempt(request) { daemon, attempt in
      try Files.write("", to: "\(attempt)/\(file)")
      try await daemon.start()
      let record = try await daemon.end(of: "cut")
      #expect(record.status == "Failed")
      let reason = record.job["FailureReason"]?.string ?? ""
      #expect(reason.hasPrefix("InternalServerError: "), "\(reason)")
      #expect(!Files.exists("\(daemon.home)/buckets/htr/cut/output/model.tar.gz"))
    }
  }
}

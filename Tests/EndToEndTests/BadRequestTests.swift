import Client
import Glibc
import HostKit
import JSONKit
import TestKit
import Testing

/// Requests that must be refused: each with the error that a SageMaker client expects, and none leaves anything.
@Suite(.serialized) struct BadRequestTests {
  @Test(.timeLimit(.minutes(1)))
  func `every fault of a request is refused by name and no job is left`() async throws {
    try await DaemonFixture.use { daemon in
      for fault in RequestFault.all {
        var request = try #require(JobRequest.mock("refused").object)
        fault.change(&request)
        do {
          try await daemon.create(.object(request))
          Issue.record("\(fault.name) was accepted")
        } catch let error as ServiceError {
          #expect(error.code == fault.code, "\(fault.name): \(error)")
          #expect(error.message.contains(fault.says), "\(fault.name): \(error)")
          #expect(error.status == 400)
        }
      }
      let own = JobRequest.mock("refused") {
        $0["InputDataConfig"] = [JobRequest.channel("train", "file://\(daemon.home)")]
      }
      await #expect(throws: ServiceError.self) { try await daemon.create(own) }
      let above = JobRequest.mock("refused") {
        $0["InputDataConfig"] = [JobRequest.channel("train", "file://\(daemon.folder)")]
      }
      await #expect(throws: ServiceError.self) { try await daemon.create(above) }
      let keys = JobRequest.mock("refused") {
        $0["InputDataConfig"] = [JobRequest.channel("train", "file://\(daemon.home)/jobs/../credentials")]
      }
      await #expect(throws: ServiceError.self) { try await daemon.create(keys) }
      #expect(try await daemon.jobNames().isEmpty)
      #expect(try Files.names(in: "\(daemon.home)/jobs").isEmpty)
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `several faults are told at once`() async throws {
    try await DaemonFixture.use { daemon in
      let request = JobRequest.mock("a_b") {
        $0["RoleArn"] = nil
        $0["VpcConfig"] = ["Subnets": ["a"]]
      }
      do {
        try await daemon.create(request)
        Issue.record("accepted")
      } catch let error as ServiceError {
        #expect(error.message.hasPrefix("3 validation errors detected: "), "\(error)")
      }
    }
  }

  /// A request as bytes, and the answer's status and error code.
  struct Raw: Sendable {
    let name: String
    var method = "POST"
    var path = "/"
    var target = "SageMaker.CreateTrainingJob"
    var body: [UInt8] = []
    let status: Int
    let code: String
  }

  static let raws: [Raw] = [
    Raw(name: "no JSON", body: Array("{not json".utf8), status: 400, code: "SerializationException"),
    Raw(name: "a list", body: Array("[]".utf8), status: 400, code: "SerializationException"),
    Raw(name: "bytes that are no text", body: [0xFF, 0xFE, 0x00], status: 400, code: "SerializationException"),
    Raw(name: "two values", body: Array("{}{}".utf8), status: 400, code: "SerializationException"),
    Raw(
      name: "a nest of lists", body: Array(String(repeating: "[", count: 100_000).utf8), status: 400,
      code: "SerializationException"),
    Raw(
      name: "a nest of objects", body: Array(String(repeating: #"{"a":"#, count: 50_000).utf8), status: 400,
      code: "SerializationException"),
    Raw(
      name: "more than a megabyte", body: Array(repeating: 0x20, count: (1 << 20) + 1), status: 413,
      code: "RequestEntityTooLargeException"),
    Raw(
      name: "ten megabytes", body: Array(repeating: 0x20, count: 10 << 20), status: 413,
      code: "RequestEntityTooLargeException"),
    Raw(
      name: "an unknown action", target: "SageMaker.CreateEverything", body: Array("{}".utf8), status: 400,
      code: "UnknownOperationException"),
    Raw(
      name: "another service", target: "Logs_20140328.GetLogEvents", body: Array("{}".utf8), status: 400,
      code: "UnknownOperationException"),
    Raw(name: "no action", target: "", body: Array("{}".utf8), status: 400, code: "UnknownOperationException"),
    Raw(
      name: "another path", path: "/elsewhere", body: Array("{}".utf8), status: 400, code: "UnknownOperationException"),
    Raw(name: "a method of its own", method: "GET", status: 400, code: "UnknownOperationException"),
    Raw(
      name: "an unknown route", method: "GET", path: "/htr/v1/nothing", status: 400, code: "UnknownOperationException"),
    Raw(
      name: "a job that is not there", method: "GET", path: "/htr/v1/training-jobs/nobody", status: 400,
      code: "ValidationException"),
    Raw(
      name: "a log that is not there", method: "GET", path: "/htr/v1/training-jobs/nobody/log", status: 400,
      code: "ValidationException"),
    Raw(
      name: "a log by a path", method: "GET", path: "/htr/v1/training-jobs/..%2F..%2Fcredentials/log", status: 400,
      code: "ValidationException"),
    Raw(
      name: "a wait for nothing", path: "/htr/v1/training-jobs/wait", body: Array("{}".utf8), status: 400,
      code: "ValidationException"),
  ]

  @Test(.timeLimit(.minutes(1)))
  func `requests that are none are answered with an error, and the daemon goes on`() async throws {
    try await DaemonFixture.use { daemon in
      let client = daemon.client
      for raw in Self.raws {
        let response = try await offPool {
          try client.send(
            raw.method, raw.path,
            headers: [("X-Amz-Target", raw.target), ("Content-Type", "application/x-amz-json-1.1")],
            body: raw.body.isEmpty ? .none : .bytes(raw.body), isRepeatable: false)
        }
        let answer = String(decoding: response.body, as: UTF8.self)
        #expect(response.status == raw.status, "\(raw.name): \(answer)")
        #expect(try JSON(parsing: response.body)["__type"] == .string(raw.code), "\(raw.name): \(answer)")
        #expect(response.headers["x-amzn-errortype"] == raw.code, "\(raw.name)")
      }
      #expect(try await daemon.jobNames().isEmpty)
      try await daemon.create(JobRequest.mock("fine", ["epochs": "1"]))
      #expect(try await daemon.end(of: "fine").status == "Completed")
    }
  }
}

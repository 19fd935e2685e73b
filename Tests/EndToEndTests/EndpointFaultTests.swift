import Client
import Glibc
import HostKit
import JSONKit
import TestKit
import Testing

/// Whatever is wrong with an artifact or a worker: a status that does not lie, a reason that helps, in bounded time.
@Suite struct EndpointFaultTests {
  private static var options: DaemonFixture.Options {
    var options = DaemonFixture.Options()
    options.settings = [
      "liveness-seconds: 0.2", "drain-seconds: 1", "instance-types: {ml.tiny: {cpus: 1, memory-mib: 64, gpus: 0}}",
    ]
    return options
  }

  /// The endpoint fails with a reason that says this; it can be deleted at once.
  private func expectFailure(
    _ daemon: DaemonFixture, _ name: String, _ words: String..., within limit: Duration = .seconds(20)
  ) async throws {
    let record = try await daemon.settled(name, within: limit)
    #expect(record.status == "Failed")
    for word in words {
      #expect(record.failureReason?.contains(word) == true, "\(record.failureReason ?? "no reason")")
    }
    #expect(try await daemon.ask(name).status == 400)
    try await daemon.deleteEndpoint(name)
    try await daemon.gone(name)
    #expect(daemon.servers(of: name).isEmpty)
  }

  // MARK: Artifacts

  enum Archive: String, CaseIterable { case garbage, truncated, hostile, otherAlgorithm }

  @Test(.timeLimit(.minutes(1)), arguments: Archive.allCases)
  func `an archive that cannot be served fails the endpoint and says why`(_ archive: Archive) async throws {
    try await DaemonFixture.use(Self.options) { daemon in
      let path = "\(daemon.folder)/bad.tar.gz"
      var image = "htr/mock"
      let word: String
      switch archive {
      case .garbage:
        try Files.write("this is no archive", to: path, durable: false)
        word = "archive"
      case .truncated:
        let whole = try await daemon.archive("whole", ["model.bin": String(repeating: "0123456789", count: 5000)])
        let bytes = try Files.read(whole)
        try Files.write(Array(bytes.prefix(bytes.count / 2)), to: path, durable: false)
        word = path
      case .hostile:
        try Files.write("out", to: "\(daemon.folder)/escaped", durable: false)
        _ = try await daemon.tool(
          "tar", "-czPf", path, "-C", daemon.folder, "--transform", "s,escaped,../escaped,", "escaped")
        word = "escaped"
      case .otherAlgorithm:
        image = "htr/word-segmentation"
        let other = try await daemon.archive("other", ["config.json": #"{"algorithm": "text-recognition"}"#])
        _ = try await daemon.tool("cp", other, path)
        word = "text-recognition"
      }
      try await daemon.deploy("bad", [DaemonFixture.container(image, archive: path)])
      try await expectFailure(daemon, "bad", word)
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `an archive that was changed after its model was created is not served`() async throws {
    try await DaemonFixture.use(Self.options) { daemon in
      try await daemon.createMock("changed")
      try await daemon.createConfig("changed", [VariantRequest(model: "changed")])
      _ = try await daemon.archive("changed", ["model.bin": "something else"])
      try await daemon.createEndpoint("changed", config: "changed")
      try await expectFailure(daemon, "changed", "changed")
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a model whose archive is not there cannot be created`() async throws {
    try await DaemonFixture.use(Self.options) { daemon in
      let error = await #expect(throws: ServiceError.self) {
        try await daemon.createModel("none", [DaemonFixture.container(archive: "\(daemon.folder)/none.tar.gz")])
      }
      #expect(error?.message.hasPrefix("Could not find model data at file://") == true)
    }
  }

  // MARK: Workers that do not get healthy

  @Test(.timeLimit(.minutes(1)))
  func `a worker that ends at its start fails the endpoint with its last words`() async throws {
    try await DaemonFixture.use(Self.options) { daemon in
      try await daemon.deployMock("dying", ["HTR_MOCK_START_EXIT": "3"])
      try await expectFailure(daemon, "dying", "ping health check", "exit code 3", "gives up")
    }
  }

  @Test(.timeLimit(.minutes(1)), arguments: [["HTR_MOCK_PING_SILENT": "1"], ["HTR_MOCK_PING_STATUS": "500"]])
  func `an endpoint whose worker never gets healthy can be deleted within seconds`(
    _ environment: [String: String]
  ) async throws {
    try await DaemonFixture.use(Self.options) { daemon in
      try await daemon.deployMock("stuck", environment)
      try await waitUntil("its worker") { !daemon.servers(of: "stuck").isEmpty }
      let record = try await daemon.endpoint("stuck")
      #expect(record.status == "Creating")
      #expect(record.waitingFor?.contains("i-1-1") == true)
      try await daemon.deleteEndpoint("stuck")
      try await daemon.gone("stuck", within: .seconds(15))
      #expect(daemon.servers(of: "stuck").isEmpty)
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `an update that fails is rolled back, and the former workers answer all the time`() async throws {
    try await DaemonFixture.use(Self.options) { daemon in
      try await daemon.deployMock("good")
      try await daemon.inService("good")
      try await daemon.prepareUpdate("bad", ["HTR_MOCK_START_EXIT": "1"])
      let tally = try await EndpointLoad.run(daemon, endpoint: "good", clients: 4) { load in
        try await daemon.updateEndpoint("good", config: "bad")
        let record = try await daemon.inService("good")
        #expect(record.configName == "good")
        #expect(record.failureReason?.contains("gives up") == true)
        try await load.answers(50)
      }
      #expect(tally.faults == [] && tally.interrupted == 0)
      #expect(tally.models.count == 1)
    }
  }

  // MARK: Workers that go wrong later

  @Test(.timeLimit(.minutes(1)))
  func `a request that a worker never answers is a model error, and the worker is replaced`() async throws {
    try await DaemonFixture.use(Self.options) { daemon in
      try await daemon.deployMock("hanging", ["SAGEMAKER_MODEL_SERVER_TIMEOUT": "1"])
      let pid = try await daemon.inService("hanging").workers[0].pid
      let answer = try await daemon.ask("hanging", "hang")
      #expect(answer.status == 424)
      #expect(answer.text.contains("timed out"))
      try await daemon.wait(forWorkersOf: "hanging", "another worker") {
        $0.count == 1 && $0[0].state == "Ready" && $0[0].pid != pid
      }
      #expect(try await daemon.ask("hanging").status == 200)
    }
  }

  @Test(.timeLimit(.minutes(1)), arguments: ["half", "garbage", "exit=3", "kill", "close=unanswered"])
  func `an answer that is none is a model error, and the endpoint lives on`(_ word: String) async throws {
    try await DaemonFixture.use(Self.options) { daemon in
      try await daemon.deployMock("odd", instances: 2)
      try await daemon.inService("odd")
      let answer = try await daemon.ask("odd", word)
      #expect(answer.status == 424, "\(answer.text)")
      #expect(answer.headers["x-amzn-errortype"] == "ModelError")
      #expect(try await daemon.ask("odd").status == 200)
      #expect(try await daemon.endpoint("odd").status == "InService")
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a worker's own error reaches the client with its status and message`() async throws {
    try await DaemonFixture.use(Self.options) { daemon in
      try await daemon.deployMock("refusing")
      try await daemon.inService("refusing")
      let answer = try await daemon.ask("refusing", "status=503")
      let error = try answer.json()
      #expect(answer.status == 424)
      #expect(error["OriginalStatusCode"] == 503)
      #expect(error["Message"]?.string?.hasPrefix("Received server error (503) from primary with message") == true)
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a worker that leaks memory is ended at its limit and replaced`() async throws {
    try await DaemonFixture.use(Self.options) { daemon in
      try await daemon.deployMock("leaking", ["HTR_MOCK_LEAK_MIB": "100"], instanceType: "ml.tiny")
      try await daemon.inService("leaking")
      _ = try await daemon.ask("leaking")
      let workers = try await daemon.wait(forWorkersOf: "leaking", "a replaced worker") {
        $0.contains { $0.restarts > 0 && $0.state == "Ready" }
      }
      #expect(workers[0].lastEnd?.contains("OutOfMemory") == true, "\(workers)")
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `workers that end right after their start again and again fail the endpoint`() async throws {
    try await DaemonFixture.use(Self.options) { daemon in
      try await daemon.deployMock("looping")
      try await daemon.inService("looping")
      // Each ends with the request that it is asked; nobody else asks.
      for _ in 0..<12 where try await daemon.endpoint("looping").status == "InService" {
        _ = try await daemon.ask("looping", "exit=7")
      }
      try await expectFailure(daemon, "looping", "end again and again", "exit code 7")
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a worker that ignores TERM is killed when its time to drain is over`() async throws {
    try await DaemonFixture.use(Self.options) { daemon in
      try await daemon.deployMock("stubborn", ["HTR_MOCK_IGNORE_TERM": "1"])
      try await daemon.inService("stubborn")
      try await daemon.deleteEndpoint("stubborn")
      try await daemon.gone("stubborn", within: .seconds(15))
      #expect(daemon.servers(of: "stubborn").isEmpty)
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a body that is too large is refused, and so is an unknown endpoint`() async throws {
    try await DaemonFixture.use(Self.options) { daemon in
      try await daemon.deployMock("small")
      try await daemon.inService("small")
      let answer = try await daemon.ask("small", body: String(repeating: "x", count: 6_291_457))
      #expect(answer.status == 413)
      #expect(answer.text.contains("HTTP content length exceeded 6291456 bytes."))
      let unknown = try await daemon.ask("nobody")
      #expect(unknown.status == 400)
      #expect(unknown.text.contains("Endpoint nobody of account 000000000000 not found."))
    }
  }
}

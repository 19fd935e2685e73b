import Client
import HostKit
import JSONKit
import TestKit
import Testing

/// Asynchronous invocations outlive whatever dies. What boto3 sees of them is in `runtime_scenarios.py`.
@Suite struct AsyncInvocationTests {
  static let points: [Failpoint] = [.afterAsyncOutput]

  private static var options: DaemonFixture.Options {
    var options = DaemonFixture.Options()
    options.hasFailpoints = true
    options.settings = ["drain-seconds: 1"]
    return options
  }

  /// An endpoint whose answers go to the bucket `answers`.
  private func deploy(_ daemon: DaemonFixture, _ environment: [String: String] = [:]) async throws {
    try await daemon.createMock("later", environment)
    try await daemon.call(
      "CreateEndpointConfig",
      [
        "EndpointConfigName": "later", "ProductionVariants": [VariantRequest(model: "later").json],
        "AsyncInferenceConfig": [
          "ClientConfig": ["MaxConcurrentInvocationsPerInstance": 1],
          "OutputConfig": ["S3OutputPath": "s3://answers/out"],
        ],
      ])
    try await daemon.createEndpoint("later", config: "later")
    try await daemon.inService("later")
  }

  /// Invokes with a body of its own.
  private func invoke(_ daemon: DaemonFixture, _ body: String, _ headers: [String: String] = [:]) async throws {
    let socket = "\(daemon.home)/htrd.sock"
    let reply = try await offPool {
      try UnixSocketHTTP.request(
        "POST", "/endpoints/later/async-invocations", at: socket, headers: headers, body: Array(body.utf8))
    }
    #expect(reply.status == 202, "\(reply.text)")
  }

  /// The objects under a prefix of the bucket whose names end so.
  private func objects(_ daemon: DaemonFixture, _ suffix: String) -> [String] {
    let folder = "\(daemon.home)/buckets/answers/out"
    // The folder comes with the first object.
    return ((try? Files.names(in: folder)) ?? []).filter { $0.hasSuffix(suffix) }
  }

  @Test(.timeLimit(.minutes(1)))
  func `what was accepted is answered by the next daemon when this one is killed`() async throws {
    try await DaemonFixture.use(Self.options) { daemon in
      try await deploy(daemon, ["HTR_MOCK_REQUEST_SECONDS": "0.2"])
      for number in 0..<10 { try await invoke(daemon, "body \(number)") }
      try await daemon.restart()
      try await waitUntil("ten answers") { objects(daemon, ".out").count == 10 }
      #expect(objects(daemon, "-error.out").isEmpty && objects(daemon, ".in").count == 10)
    }
  }

  @Test(.timeLimit(.minutes(1)), arguments: points)
  func `a daemon that dies between an answer and its record does it again`(_ point: Failpoint) async throws {
    try await DaemonFixture.use(Self.options) { daemon in
      try await deploy(daemon)
      try daemon.arm(point)
      try await invoke(daemon, "once")
      _ = try await daemon.end(by: .itself)
      #expect(daemon.hasFired(point) && objects(daemon, ".out").count == 1)
      try await daemon.start()
      try await invoke(daemon, "twice")
      try await waitUntil("the second answer") { objects(daemon, ".out").count == 2 }
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `what waits longer than it may is told so, and what the model refuses too`() async throws {
    try await DaemonFixture.use(Self.options) { daemon in
      try await deploy(daemon)
      try await invoke(daemon, "bad", ["X-Amzn-SageMaker-Custom-Attributes": "mock:status=400"])
      try await waitUntil("a failure") { objects(daemon, "-error.out").count == 1 }
      // One at a time: the second waits for the first.
      try await invoke(daemon, "slow", ["X-Amzn-SageMaker-Custom-Attributes": "mock:seconds=3"])
      try await invoke(daemon, "late", ["X-Amzn-SageMaker-RequestTTLSeconds": "1"])
      try await waitUntil("another failure") { objects(daemon, "-error.out").count == 2 }
      let texts = try objects(daemon, "-error.out").map {
        try Files.readText("\(daemon.home)/buckets/answers/out/\($0)", limit: 1 << 16)
      }
      #expect(
        texts.contains { $0.contains("client error (400)") } && texts.contains { $0.contains("RequestTTLSeconds") })
    }
  }
}

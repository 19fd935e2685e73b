import Client
import HostKit
import JSONKit
import TestKit
import Testing

/// Models on a disk that is full, or that a power cut has torn.
@Suite struct EndpointDiskTests {
  /// An archive of so many bytes that cannot be compressed.
  private func archive(_ name: String, kibibytes: Int, _ daemon: DaemonFixture) async throws
    -> String
  {
    let folder = "\(daemon.folder)/\(name)"
    try Files.makeFolder(folder)
    var random = SystemRandomNumberGenerator()
    let words = (0..<(kibibytes << 7)).map { _ in random.next() }
    try Files.write(words.withUnsafeBytes { Array($0) }, to: "\(folder)/model.bin", durable: false)
    _ = try await daemon.tool("tar", "-czf", "\(folder).tar.gz", "-C", folder, "model.bin")
    return "\(folder).tar.gz"
  }

  @Test(.timeLimit(.minutes(1)))
  func
    `a model without room is told as such, an update to it is rolled back, and with room it is served`()
    async throws
  {
    try await SmallDisk.use(mebibytes: 24) { disk in
      let client = EndpointClient(disk.client)
      try await client.makeModel("small", try await archive("small", kibibytes: 16, disk.daemon))
      try await client.makeModel(
        "large", try await archive("large", kibibytes: 6 << 10, disk.daemon))
      try await client.create("served", "small")
      #expect(try await client.settled("served").status == "InService")
      try disk.fill(leaving: 3 << 20)

      try await client.call(
        "UpdateEndpoint", ["EndpointName": "served", "EndpointConfigName": "large"])
      let served = try await client.settled("served")
      #expect(served.status == "InService" && served.configName == "small")
      #expect(
        served.failureReason?.contains("The disk is full") == true, "\(served.described.text)")
      #expect(try await client.answer(of: "served")["bytes"] == 5)
      try await client.create("failed", "large")
      let failed = try await client.settled("failed")
      #expect(failed.status == "Failed")
      #expect(
        failed.failureReason?.contains("The disk is full") == true, "\(failed.described.text)")
      #expect(try Files.names(in: "\(disk.home)/models/tmp") == [], "what was begun takes room")

      try disk.makeRoom()
      try await client.call(
        "UpdateEndpoint", ["EndpointName": "served", "EndpointConfigName": "large"])
      #expect(try await client.settled("served").configName == "large")
      #expect(try await client.answer(of: "served")["bytes"] == 5)
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `an unpacked model that a power cut has torn is unpacked anew`() async throws {
    try await DaemonFixture.use { daemon in
      try await daemon.deployMock("torn")
      try await daemon.inService("torn")
      let mark = try await daemon.mark(of: "torn")
      try await daemon.end()
      for process in daemon.remains {
        ProcessIdentity(pid: process.pid, startTime: process.startTime).openHandle()?.send(9)
      }
      try await waitUntil("the end of all processes") { daemon.remains.isEmpty }
      let models = "\(daemon.home)/models"
      let entry = try #require(try Files.names(in: models).first { $0.count == 64 })
      try Self.pretendReboot("\(models)/\(entry)/record.json")
      try Self.pretendReboot("\(daemon.home)/endpoints/torn/1/AllTraffic/1/1/0/spec.json")
      _ = try await daemon.tool("chmod", "-R", "u+w", "\(models)/\(entry)")
      try Files.write("no", to: "\(models)/\(entry)/files/model.bin", durable: false)
      try await daemon.start()
      #expect(try await daemon.ask("torn").json()["model_sha256"] == mark)
    }
  }

  /// What was written belongs to another boot from now on.
  private static func pretendReboot(_ path: String) throws {
    var record = try #require(JSON(parsing: Files.read(path)).object)
    #expect(record["boot"] != nil)
    record["boot"] = "another"
    try Files.write(JSON.object(record).bytes, to: path, durable: false)
  }
}

/// Endpoints of a daemon that is reached by its socket only.
private struct EndpointClient {
  private let client: DaemonClient

  init(_ client: DaemonClient) { self.client = client }

  func call(_ action: String, _ input: JSON) async throws {
    _ = try await offPool { [client] in try client.call(action, input) }
  }

  /// A mock model and a configuration of one name.
  func makeModel(_ name: String, _ archive: String) async throws {
    let container = DaemonFixture.container(archive: archive)
    try await call(
      "CreateModel",
      [
        "ModelName": .string(name), "ExecutionRoleArn": DaemonFixture.role,
        "PrimaryContainer": container,
      ])
    try await call(
      "CreateEndpointConfig",
      [
        "EndpointConfigName": .string(name),
        "ProductionVariants": [VariantRequest(model: name).json],
      ])
  }

  func create(_ name: String, _ config: String) async throws {
    try await call(
      "CreateEndpoint", ["EndpointName": .string(name), "EndpointConfigName": .string(config)])
  }

  func settled(_ name: String) async throws -> EndpointRecord {
    try await offPool { [client] in
      let deadline = ContinuousClock.now + .seconds(30)
      var record = try client.endpoint(name)
      while !record.isSettled {
        guard ContinuousClock.now < deadline else { throw Overdue(what: record.described.text) }
        record = try client.endpoint(name, newerThan: record.version, timeoutSeconds: 1)
      }
      return record
    }
  }

  func answer(of name: String) async throws -> JSON {
    try await offPool { [client] in
      let question = Invocation(endpoint: name, body: .bytes(Array("hello".utf8)))
      return try client.invoke(question, timeoutSeconds: 30).json()
    }
  }
}

import Client
import HostKit
import JSONKit
import TestKit
import Testing

/// Endpoints that are changed, deleted or left without their daemon while their workers still start.
@Suite struct EndpointInterruptionTests {
  /// A worker that serves from the moment on that the test opens the gate.
  private func prepareGated(_ name: String, _ daemon: DaemonFixture, instances: Int = 1)
    async throws -> Gate
  {
    let gate = try Gate(in: daemon.folder, name: "\(name)-gate")
    let start = """
      #!/bin/sh
      read go < '\(gate.path)'
      mkdir "$SAGEMAKER_BASE_DIR/weights"
      printf '\(name)' > "$SAGEMAKER_BASE_DIR/weights/model.bin"
      exec '\(try Programs.built("htr-worker"))' serve mock --model "$SAGEMAKER_BASE_DIR/weights" --socket "$HTR_SOCKET"
      """
    let archive = try await daemon.archive(name, ["code/serve": start, "model.bin": name])
    try await daemon.createModel(name, [DaemonFixture.container("htr/command", archive: archive)])
    try await daemon.createConfig(name, [VariantRequest(model: name, instances: instances)])
    return gate
  }

  private func pids(_ daemon: DaemonFixture, _ endpoint: String) -> Set<Int64> {
    Set(daemon.servers(of: endpoint).map { Int64($0.pid) })
  }

  @Test(.timeLimit(.minutes(1)))
  func
    `workers that start while the daemon dies are taken up, and the endpoint comes into service`()
    async throws
  {
    try await DaemonFixture.use { daemon in
      let gate = try await prepareGated("slow", daemon, instances: 2)
      try await daemon.createEndpoint("slow", config: "slow")
      try await waitUntil("both workers") { pids(daemon, "slow").count == 2 }
      let before = pids(daemon, "slow")
      try await daemon.restart()
      #expect(try await daemon.endpoint("slow").status == "Creating")
      #expect(pids(daemon, "slow") == before)
      for _ in 1...2 { gate.open() }
      let record = try await daemon.inService("slow")
      #expect(Set(record.workers.compactMap(\.pid)) == before)
      #expect(record.workers.allSatisfy { $0.restarts == 0 })
      #expect(pids(daemon, "slow") == before)
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `an update whose daemon dies goes on, and the old version answers until it is through`()
    async throws
  {
    try await DaemonFixture.use { daemon in
      try await daemon.deployMock("old")
      let old = Set(try await daemon.inService("old").workers.compactMap(\.pid))
      let gate = try await prepareGated("new", daemon)
      try await daemon.updateEndpoint("old", config: "new")
      try await waitUntil("the new worker") { pids(daemon, "old").count == 2 }
      let both = pids(daemon, "old")
      try await daemon.restart()
      #expect(try await daemon.endpoint("old").status == "Updating")
      #expect(try await daemon.ask("old").json()["model_sha256"] == daemon.mark(of: "old"))
      #expect(pids(daemon, "old") == both)
      gate.open()
      let record = try await daemon.inService("old")
      #expect(record.configName == "new")
      #expect(try await daemon.ask("old").json()["model_sha256"] == daemon.mark(of: "new"))
      try await waitUntil("the old worker's end") { pids(daemon, "old") == both.subtracting(old) }
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `while an endpoint is created or updated it takes no other change, but its deletion`()
    async throws
  {
    try await DaemonFixture.use { daemon in
      let arn = "arn:aws:sagemaker:us-east-1:000000000000:endpoint/busy"
      func refusesChanges() async throws {
        for change in [
          { try await daemon.updateEndpoint("busy", config: "first") },
          { try await daemon.scale("busy", to: 2) },
        ] {
          let error = await #expect(throws: ServiceError.self) { try await change() }
          #expect(error?.message == #"Cannot update in-progress endpoint "\#(arn)"."#)
        }
      }
      let gate = try await prepareGated("first", daemon)
      _ = try await prepareGated("second", daemon)
      try await daemon.createEndpoint("busy", config: "first")
      try await refusesChanges()
      try await waitUntil("its worker") { pids(daemon, "busy").count == 1 }
      gate.open()
      try await daemon.inService("busy")
      try await daemon.updateEndpoint("busy", config: "second")
      try await refusesChanges()
      try await waitUntil("the second worker") { pids(daemon, "busy").count == 2 }
      try await daemon.deleteEndpoint("busy")
      try await daemon.gone("busy", within: .seconds(15))
      #expect(pids(daemon, "busy").isEmpty)
      #expect(!Files.exists("\(daemon.home)/endpoints/busy"))
    }
  }
}

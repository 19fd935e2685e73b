import Client
import Glibc
import HostKit
import JSONKit
import TestKit
import Testing

/// A daemon that is killed at the worst moments, and a machine that was switched off.
@Suite struct EndpointCrashTests {
  static let points: [Failpoint] = [.afterEndpointCommitted, .afterWorkerLaunched]

  private static var options: DaemonFixture.Options {
    var options = DaemonFixture.Options()
    options.hasFailpoints = true
    options.settings = ["drain-seconds: 1"]
    return options
  }

  /// Every worker that lives is one that the daemon knows.
  private func expectNoOrphans(_ daemon: DaemonFixture, _ endpoint: String) async throws {
    let known = Set(try await daemon.endpoint(endpoint).workers.compactMap(\.pid))
    try await waitUntil("only the workers that the daemon knows") {
      Set(daemon.servers(of: endpoint).map { Int64($0.pid) }) == known
    }
  }

  @Test(.timeLimit(.minutes(1)), arguments: points)
  func `an endpoint that was accepted comes into service after a crash`(_ point: Failpoint) async throws {
    try await DaemonFixture.use(Self.options) { daemon in
      try await daemon.createMock("e")
      try await daemon.createConfig("e", [VariantRequest(model: "e", instances: 2)])
      try daemon.arm(point)
      // The daemon may die before it answers.
      _ = try? await daemon.createEndpoint("e", config: "e")
      _ = try await daemon.end(by: .itself)
      #expect(daemon.hasFired(point))
      try await daemon.start()
      try await daemon.inService("e")
      #expect(try await daemon.ask("e").status == 200)
      try await expectNoOrphans(daemon, "e")
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `workers live on while the daemon is away, and are taken up again as they are`() async throws {
    try await DaemonFixture.use(Self.options) { daemon in
      try await daemon.deployMock("kept", instances: 2)
      let before = try await daemon.inService("kept")
      try await daemon.restart()
      #expect(try await daemon.ask("kept").status == 200)
      let after = try await daemon.inService("kept")
      #expect(after.workers.compactMap(\.pid) == before.workers.compactMap(\.pid))
      try await expectNoOrphans(daemon, "kept")
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a worker that ended while the daemon was away is followed by another`() async throws {
    try await DaemonFixture.use(Self.options) { daemon in
      try await daemon.deployMock("lost")
      let pid = try #require(try await daemon.inService("lost").workers[0].pid)
      try await daemon.end()
      kill(Int32(pid), SIGKILL)
      try await waitUntil("its end") { !daemon.servers(of: "lost").contains { Int64($0.pid) == pid } }
      try await daemon.start()
      #expect(try await daemon.ask("lost").status == 200)
      try await expectNoOrphans(daemon, "lost")
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a pipeline that lost a stage while the daemon was away is started anew as a whole`() async throws {
    try await DaemonFixture.use(Self.options) { daemon in
      let archive = try await daemon.archive("stage", ["model.bin": "stage"])
      try await daemon.deploy(
        "stages", [DaemonFixture.container(archive: archive), DaemonFixture.container(archive: archive)])
      let first = try #require(try await daemon.inService("stages").workers[0].pid)
      let second = try #require(daemon.servers(of: "stages").first { Int64($0.pid) != first })
      try await daemon.end()
      kill(second.pid, SIGKILL)
      try await waitUntil("its end") { !daemon.servers(of: "stages").contains { $0.pid == second.pid } }
      try await daemon.start()
      #expect(try await daemon.ask("stages").status == 200)
      try await waitUntil("two new processes") {
        let servers = daemon.servers(of: "stages")
        return servers.count == 2 && !servers.contains { Int64($0.pid) == first }
      }
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `an update goes on after a crash and leaves no worker of the former deployment`() async throws {
    try await DaemonFixture.use(Self.options) { daemon in
      try await daemon.deployMock("updated")
      try await daemon.inService("updated")
      try await daemon.prepareUpdate("next", instances: 2)
      try daemon.arm(.afterWorkerLaunched)
      // The daemon may die before it answers.
      _ = try? await daemon.updateEndpoint("updated", config: "next")
      _ = try await daemon.end(by: .itself)
      try await daemon.start()
      let record = try await daemon.wait(forEndpoint: "updated", "the update") {
        $0.isSettled && $0.configName == "next"
      }
      #expect(record.status == "InService")
      #expect(try await daemon.ask("updated").json()["model_sha256"] == daemon.mark(of: "next"))
      try await daemon.wait(forWorkersOf: "updated", "two workers") { $0.count == 2 && $0.allSatisfy { $0.pid != nil } }
      try await expectNoOrphans(daemon, "updated")
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a deletion goes on after a crash`() async throws {
    try await DaemonFixture.use(Self.options) { daemon in
      try await daemon.deployMock("deleted", ["HTR_MOCK_IGNORE_TERM": "1"])
      try await daemon.inService("deleted")
      try await daemon.deleteEndpoint("deleted")
      try await daemon.restart()
      try await daemon.gone("deleted")
      #expect(daemon.servers(of: "deleted").isEmpty)
      #expect(!Files.exists("\(daemon.home)/endpoints/deleted"))
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `after a reboot endpoints come back with workers of their own`() async throws {
    try await DaemonFixture.use(Self.options) { daemon in
      try await daemon.deployMock("back", instances: 2)
      try await daemon.inService("back")
      try await daemon.end()
      // What a reboot does: nothing runs any more, and what was written belongs to an earlier boot.
      for process in daemon.remains { kill(process.pid, SIGKILL) }
      try await waitUntil("the end of all processes") { daemon.remains.isEmpty }
      for index in 1...2 {
        let path = "\(daemon.home)/endpoints/back/1/AllTraffic/\(index)/1/0/spec.json"
        var spec = try #require(JSON(parsing: Files.read(path)).object)
        spec["boot"] = "another"
        try Files.write(JSON.object(spec).bytes, to: path)
      }
      try await daemon.start()
      #expect(try await daemon.ask("back").status == 200)
      let record = try await daemon.wait(forEndpoint: "back", "both workers") {
        $0.workers.count == 2 && $0.workers.allSatisfy { $0.state == "Ready" }
      }
      #expect(record.status == "InService")
      try await expectNoOrphans(daemon, "back")
    }
  }
}

import Client
import Glibc
import HostKit
import JSONKit
import TestKit
import Testing

/// Under load, while everything that serves is killed and replaced. `ops/bench/endurance` does the same at full length.
@Suite(.serialized) struct EndpointStrainTests {
  private static let clients = 32

  /// Kills one of the endpoint's workers, whichever the daemon names first.
  private func killWorker(_ daemon: DaemonFixture, _ endpoint: String) async throws {
    let workers = try await daemon.wait(forWorkersOf: endpoint, "a living worker") { $0.contains { $0.pid != nil } }
    let pid = try #require(workers.compactMap(\.pid).first)
    kill(Int32(pid), SIGKILL)
  }

  @Test(.timeLimit(.minutes(2)))
  func `no request is lost or answered wrongly while workers are killed and the endpoint is updated`() async throws {
    try await DaemonFixture.use { daemon in
      for name in ["old", "new"] { try await daemon.prepareUpdate(name, instances: 2) }
      try await daemon.createEndpoint("strained", config: "old")
      try await daemon.inService("strained")
      let tally = try await EndpointLoad.run(daemon, endpoint: "strained", clients: Self.clients) { load in
        for config in ["new", "old", "new", "old", "new"] {
          try await daemon.updateEndpoint("strained", config: config)
          let record = try await daemon.inService("strained")
          #expect(record.configName == config)
          for _ in 0..<2 {
            try await killWorker(daemon, "strained")
            try await load.answers(50)
          }
        }
      }
      #expect(tally.faults == [])
      #expect(tally.interrupted == 0)
      let marks = [try await daemon.mark(of: "old").string, try await daemon.mark(of: "new").string]
      #expect(Set(tally.models.keys) == Set(marks.compactMap { $0 }))
    }
  }

  @Test(.timeLimit(.minutes(2)))
  func `a daemon that is killed under load loses only what it had in hand`() async throws {
    try await DaemonFixture.use { daemon in
      try await daemon.deployMock("steady", instances: 2)
      let before = try await daemon.inService("steady")
      let tally = try await EndpointLoad.run(daemon, endpoint: "steady", clients: Self.clients) { load in
        for _ in 0..<2 {
          try await daemon.restart()
          // By then every client has noticed what the daemon's death cut off.
          try await load.answers(200)
          let cut = load.sofar.interrupted
          try await load.answers(200)
          #expect(load.sofar.interrupted == cut)
        }
      }
      #expect(tally.faults == [])
      // The workers have noticed nothing.
      let after = try await daemon.inService("steady")
      #expect(after.workers.map(\.pid) == before.workers.map(\.pid))
      #expect(after.workers.allSatisfy { $0.restarts == 0 })
    }
  }

  @Test(.timeLimit(.minutes(2)))
  func `when all workers are killed at once, requests wait for the next ones`() async throws {
    try await DaemonFixture.use { daemon in
      try await daemon.deployMock("all", instances: 3)
      try await daemon.inService("all")
      let tally = try await EndpointLoad.run(daemon, endpoint: "all", clients: Self.clients) { load in
        for worker in try await daemon.endpoint("all").workers { kill(Int32(try #require(worker.pid)), SIGKILL) }
        try await load.answers(300)
      }
      #expect(tally.faults == [])
      #expect(tally.interrupted == 0)
    }
  }
}

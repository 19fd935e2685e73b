import Client
import HostKit
import JSONKit
import TestKit
import Testing

/// The whole way of an endpoint by `htrctl`, as a person goes it.
@Suite struct EndpointTests {
  private func fit(_ daemon: DaemonFixture, _ name: String, _ more: [String] = []) async throws {
    let words = ["fit", "--algorithm", "mock", "--name", name, "--hyperparameter", "epochs=1"] + more
    let fit = try await daemon.finish(daemon.startCLI(words))
    try #require(fit.code == 0, "\(fit.errors)")
  }

  @Test(.timeLimit(.minutes(1)))
  func `a trained model is deployed, asked, updated, scaled up and down, and deleted`() async throws {
    try await DaemonFixture.use { daemon in
      try Files.write("words on a line", to: "\(daemon.folder)/line.txt", durable: false)
      func invoke() async throws -> JSON {
        let finished = try await daemon.cli("invoke", "words", "\(daemon.folder)/line.txt")
        try #require(finished.code == 0, "\(finished.errors)")
        return try finished.json()
      }
      try await fit(daemon, "first")
      let deploy = try await daemon.cli("deploy", "first", "--endpoint", "words")
      try #require(deploy.code == 0, "\(deploy.errors)")
      #expect(deploy.output.contains("InService"))
      let before = try await invoke()
      #expect(before["bytes"] == 15 && before["content_type"] == "text/plain")

      try await fit(daemon, "second", ["--hyperparameter", "model-bytes=2000"])
      let update = try await daemon.cli("update", "words", "second")
      try #require(update.code == 0, "\(update.errors)")
      let after = try await invoke()
      #expect(after["model_sha256"] != before["model_sha256"])
      #expect(daemon.servers(of: "words").map { Int64($0.pid) } == [after["pid"]?.integer])

      for count in [3, 1] {
        let scale = try await daemon.cli("scale", "words", "\(count)")
        try #require(scale.code == 0, "\(scale.errors)")
        try await waitUntil("\(count) workers") { daemon.servers(of: "words").count == count }
        let variant = try await daemon.endpoint("words").variants[0]
        #expect(variant["CurrentInstanceCount"] == .integer(Int64(count)))
      }
      #expect(try await invoke()["pid"] == after["pid"], "the first worker should have been left alone")

      let logs = try await daemon.cli("logs", "endpoint", "words")
      #expect(logs.code == 0 && logs.output.contains("ready"), "\(logs.output) \(logs.errors)")
      let delete = try await daemon.cli("delete", "endpoint", "words", "--all", "--wait")
      #expect(delete.code == 0, "\(delete.errors)")
      #expect(daemon.servers(of: "words").isEmpty)
      #expect(!Files.exists("\(daemon.home)/endpoints/words"))
      #expect(try await daemon.cli("invoke", "words", "\(daemon.folder)/line.txt").code == 1)
      #expect(try await daemon.cli("endpoints", "--json").json()["Endpoints"] == [])
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `variants get requests by their weights, and a named one gets it whatever they are`() async throws {
    try await DaemonFixture.use { daemon in
      for model in ["old", "new"] { try await daemon.createMock(model) }
      try await daemon.createConfig(
        "both",
        [
          VariantRequest(name: "steady", model: "old", weight: 3),
          VariantRequest(name: "canary", model: "new", weight: 1),
        ])
      try await daemon.createEndpoint("mixed", config: "both")
      try await daemon.inService("mixed")
      func shares(_ count: Int) async throws -> [String: Int] {
        let client = daemon.client
        return try await offPool {
          var shares: [String: Int] = [:]
          for _ in 0..<count {
            let answer = try client.invoke(Invocation(endpoint: "mixed", body: .bytes([1])), timeoutSeconds: 20)
            shares[answer.headers["x-amzn-invoked-production-variant"] ?? "none", default: 0] += 1
          }
          return shares
        }
      }
      // 100 are expected for the canary; six standard deviations (of 8.7) are never left by chance.
      let first = try await shares(400)
      #expect((48...152).contains(first["canary"] ?? 0) && first.values.reduce(0, +) == 400, "\(first)")
      #expect(Set(first.keys) == ["steady", "canary"])

      let scale = try await daemon.cli("scale", "mixed", "--weight", "steady=0", "--weight", "canary=2")
      #expect(scale.code == 0, "\(scale.errors)")
      #expect(try await shares(50) == ["canary": 50])
      let named = try await daemon.ask("mixed", variant: "steady")
      #expect(named.status == 200, "\(named.text)")
      #expect(try await named.json()["model_sha256"] == daemon.mark(of: "old"))
      #expect(try await daemon.ask("mixed", variant: "nobody").status == 400)
      let none = try await daemon.cli("scale", "mixed", "--weight", "canary=0")
      #expect(none.code == 2 && none.errors.contains("weight above 0"), "\(none.errors)")
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `the latest completed job of a prefix, an archive and a folder are deployed`() async throws {
    try await DaemonFixture.use { daemon in
      try await fit(daemon, "words-1")
      try await fit(daemon, "words-2", ["--hyperparameter", "model-bytes=2000"])
      let failed = try await daemon.cli(
        "fit", "--algorithm", "mock", "--name", "words-3", "--hyperparameter", "fail-at-epoch=1")
      #expect(failed.code == 1)
      let latest = try await daemon.cli("deploy", "--latest", "words", "--endpoint", "latest", "--output", "json")
      try #require(latest.code == 0, "\(latest.errors)")
      #expect(try latest.json()["EndpointStatus"] == "InService")
      let job = try await daemon.record(of: "words-2")
      let second = try #require(job.htr["ModelArtifactPath"]?.string)
      _ = try await daemon.tool("tar", "-xzf", second, "-C", daemon.folder, "model.bin")
      let mark = JSON.string(try await daemon.sha256("\(daemon.folder)/model.bin"))
      #expect(try await daemon.ask("latest").json()["model_sha256"] == mark)

      try Files.makeFolder("\(daemon.folder)/plain")
      _ = try await daemon.tool("cp", "\(daemon.folder)/model.bin", "\(daemon.folder)/plain/model.bin")
      for (name, source) in [("archive", second), ("folder", "\(daemon.folder)/plain")] {
        let deploy = try await daemon.cli("deploy", source, "--image", "htr/mock", "--endpoint", name)
        #expect(deploy.code == 0, "\(deploy.errors)")
        #expect(try await daemon.ask(name).json()["model_sha256"] == mark)
      }
      let nothing = try await daemon.cli("deploy", "--latest", "nothing-of-this", "--endpoint", "none")
      #expect(nothing.code == 2 && nothing.errors.contains("--latest nothing-of-this"), "\(nothing.errors)")
      let taken = try await daemon.cli("deploy", "words-1", "--endpoint", "latest")
      #expect(taken.code == 2 && taken.errors.contains("htrctl update latest"), "\(taken.errors)")
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `waiting for an endpoint ends with what has become of it`() async throws {
    try await DaemonFixture.use { daemon in
      let gate = try Gate(in: daemon.folder)
      let archive = try await daemon.archive("slow", ["code/serve": Self.gatedServer])
      let environment = ["GATE": gate.path, "WORKER": try Programs.built("htr-worker")]
      try await daemon.deploy("slow", [DaemonFixture.container("htr/command", archive: archive, environment)])

      let late = try await daemon.cli("wait", "endpoint", "slow", "--timeout", "0.2")
      #expect(late.code == 4 && late.errors.contains("worker i-1-1 of AllTraffic"), "\(late.errors)")
      let waiting = try daemon.startCLI(["wait", "endpoint", "slow"])
      let changing = try await daemon.cli("scale", "slow", "2")
      #expect(changing.code == 2 && changing.errors.contains("Creating"), "\(changing.errors)")
      gate.open()
      let served = try await daemon.finish(waiting)
      #expect(served.code == 0, "\(served.errors)")

      let leaving = try daemon.startCLI(["wait", "endpoint", "slow", "--for", "deleted"])
      try await daemon.deleteEndpoint("slow")
      #expect(try await leaving.end() == .code(0), "\(leaving.errorText)")
      #expect(try await daemon.cli("wait", "endpoint", "slow", "--for", "deleted").code == 0)
      let missing = try await daemon.cli("wait", "endpoint", "slow")
      #expect(missing.code == 2 && missing.errors.contains("no endpoint of this name"), "\(missing.errors)")
    }
  }

  /// A worker that starts when the test says so.
  private static let gatedServer = """
    #!/bin/sh
    read go < "$GATE"
    echo weights > "$SM_MODEL_DIR/model.bin"
    exec "$WORKER" serve mock --model "$SM_MODEL_DIR" --socket "$HTR_SOCKET"

    """
}

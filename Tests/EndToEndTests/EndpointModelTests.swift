import Client
import HostKit
import JSONKit
import TestKit
import Testing

/// `htrctl model` on the artifacts of real jobs.
@Suite struct EndpointModelTests {
  @Test(.timeLimit(.minutes(1)))
  func `a job's model is verified, packed under other names, unpacked and deployed`() async throws {
    try await DaemonFixture.use { daemon in
      let folder = daemon.folder
      let fit = try await daemon.cli(
        "fit", "--algorithm", "mock", "--name", "trained", "--hyperparameter", "epochs=1")
      try #require(fit.code == 0, "\(fit.errors)")
      let verify = try await daemon.cli("model", "verify", "trained", "--json")
      #expect(verify.code == 0, "\(verify.errors)")
      #expect(try verify.json()["Sha256"] == verify.json()["RecordedSha256"])

      try Files.write("alpha", to: "\(folder)/labels.txt", durable: false)
      let pack = [
        "model", "pack", "trained", "--add", "\(folder)/labels.txt=labels.txt", "--json", "-o",
      ]
      let digests = try await ["one", "two"].asyncMap { name in
        let packed = try await daemon.finish(daemon.startCLI(pack + ["\(folder)/\(name).tar.gz"]))
        #expect(packed.code == 0, "\(packed.errors)")
        return try packed.json()["Sha256"]
      }
      #expect(digests[0] != nil && digests[0] == digests[1])
      let renamed = try await daemon.cli(
        "model", "pack", "\(folder)/one.tar.gz", "--rename", "labels.txt=words/labels.txt", "-o",
        "\(folder)/three.tar.gz")
      #expect(renamed.code == 0, "\(renamed.errors)")
      let unpack = try await daemon.cli(
        "model", "unpack", "\(folder)/three.tar.gz", "-o", "\(folder)/out")
      #expect(unpack.code == 0, "\(unpack.errors)")
      #expect(try Files.readText("\(folder)/out/words/labels.txt") == "alpha")
      let mark = JSON.string(try await daemon.sha256("\(folder)/out/model.bin"))
      let deploy = try await daemon.cli(
        "deploy", "\(folder)/three.tar.gz", "--image", "htr/mock", "--endpoint", "packed")
      #expect(deploy.code == 0, "\(deploy.errors)")
      #expect(try await daemon.ask("packed").json()["model_sha256"] == mark)
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a model that was cut off or changed since is found out`() async throws {
    try await DaemonFixture.use { daemon in
      let fit = try await daemon.cli(
        "fit", "--algorithm", "mock", "--name", "spoilt", "--hyperparameter", "epochs=1")
      try #require(fit.code == 0, "\(fit.errors)")
      let path = try #require(
        try await daemon.record(of: "spoilt").htr["ModelArtifactPath"]?.string)
      let bytes = try Files.read(path)
      let half = "\(daemon.folder)/half.tar.gz"
      try Files.write(Array(bytes.prefix(bytes.count / 2)), to: half, durable: false)
      let cut = try await daemon.cli("model", "verify", half)
      #expect(cut.code == 1 && cut.errors.contains("half.tar.gz"), "\(cut.errors)")
      let unpack = try await daemon.cli("model", "unpack", half, "-o", "\(daemon.folder)/out")
      #expect(unpack.code != 0, "\(unpack.output)")
      #expect(!Files.exists("\(daemon.folder)/out/model.bin"))

      let other = try await daemon.archive("other", ["model.bin": "another model"])
      _ = try await daemon.tool("cp", other, path)
      let changed = try await daemon.cli("model", "verify", "spoilt")
      #expect(changed.code == 1 && changed.errors.contains("changed since"), "\(changed.errors)")
    }
  }
}

extension Sequence {
  /// Maps one element after the other.
  fileprivate func asyncMap<Result>(_ transform: (Element) async throws -> Result) async rethrows
    -> [Result]
  {
    var results: [Result] = []
    for element in self { results.append(try await transform(element)) }
    return results
  }
}

import HostKit
import JSONKit
import TestKit
import Testing

/// `htrctl transform` and its kin.
@Suite struct TransformCommandTests {
  @Test(.timeLimit(.minutes(1)))
  func `a folder of files becomes a folder of outputs`() async throws {
    try await DaemonFixture.use { daemon in
      try await daemon.createMock("m")
      for (name, text) in [("a.txt", "alpha"), ("deep/b c.txt", "beta"), (".hidden", "no input")] {
        try Files.makeFolder(Files.parent(of: "\(daemon.folder)/pages/\(name)"))
        try Files.write(text, to: "\(daemon.folder)/pages/\(name)", durable: false)
      }
      let done = try await daemon.cli(
        "transform", "m", "pages", "readings", "--name", "t", "--accept", "application/octet-stream", "--workers", "2")
      #expect(done.code == 0, "\(done.errors)")
      #expect(done.output.contains("2 of 2 objects") && done.output.contains("(2 files)"), "\(done.output)")
      #expect(try Files.readText("\(daemon.folder)/readings/a.txt.out") == "alpha")
      #expect(try Files.readText("\(daemon.folder)/readings/deep/b c.txt.out") == "beta")
      let again = try await daemon.cli("attach", "transform", "t", "more", "--json")
      #expect(try again.json()["Htr"]?["Objects"]?["Done"] == 2)
      #expect(try Files.readText("\(daemon.folder)/more/a.txt.out") == "alpha")
      let list = try await daemon.cli("transforms", "--json")
      #expect(try list.json()["TransformJobSummaries"]?[0]?["TransformJobName"] == "t")
      #expect(try await daemon.cli("describe", "transform", "t", "--events").output.contains("planned  2 objects"))
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a job that goes wrong ends the command with its reason, and keeps what was done`() async throws {
    try await DaemonFixture.use { daemon in
      try await daemon.createMock("m")
      try await daemon.putObjects(["in/a": "alpha", "in/b": "mock:status=400\n"])
      let done = try await daemon.cli(
        "transform", "m", "s3://htr/in/", "out", "--env", "HTR_MOCK_BODY_ORDERS=1", "--accept",
        "application/octet-stream")
      #expect(done.code == 1)
      #expect(done.output.contains("ClientError: s3://htr/in/b"), "\(done.output)")
      #expect(try Files.readText("\(daemon.folder)/out/a.out") == "alpha")
      #expect(!Files.exists("\(daemon.folder)/out/b.out"))
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a job is left to itself, waited for, stopped`() async throws {
    try await DaemonFixture.use { daemon in
      try await daemon.createMock("m")
      try await daemon.putObjects(["in/a": "alpha"])
      let begun = try await daemon.cli(
        "transform", "m", "s3://htr/in/", "s3://htr/out", "--name", "t", "--env", "HTR_MOCK_REQUEST_SECONDS=60",
        "--no-wait")
      #expect(begun.output == "t\n", "\(begun.errors)")
      #expect(try await daemon.cli("wait", "transform", "t", "--timeout", "0").code == 4)
      #expect(try await daemon.cli("stop", "transform", "t", "--wait").output == "t  Stopped\n")
      #expect(try await daemon.cli("wait", "transform", "t").code == 3)
    }
  }

  @Test(
    .timeLimit(.minutes(1)),
    arguments: [
      (["nobody", "s3://htr/in/", "out"], "no training job, model, file or folder"),
      (["m", "nothing", "out"], "no such file or folder"), (["m", "s3://htr/in/", "out", "--name", "x_y"], "no name"),
      (["m", "s3://htr/in/", "out", "--no-wait"], "--no-wait needs"),
      (["m", "s3://htr/in/", "out", "--payload", "0"], "MaxPayloadInMB 0"),
    ])
  func `what is asked wrongly is told, and nothing is left of it`(
    _ item: (arguments: [String], says: String)
  ) async throws {
    try await DaemonFixture.use { daemon in
      try await daemon.createMock("m")
      let done = try await daemon.finish(daemon.startCLI(["transform"] + item.arguments))
      #expect(done.code != 0)
      #expect(done.errors.contains(item.says), "\(done.errors)")
      #expect(try await daemon.call("ListTransformJobs", [:])["TransformJobSummaries"] == [])
      #expect(try await daemon.call("ListModels", [:])["Models"]?.array?.count == 1)
    }
  }
}

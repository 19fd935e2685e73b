import Client
import HostKit
import JSONKit
import TestKit
import Testing

/// Jobs that are accepted and fail for what they bring along: never half done, always with the reason.
@Suite(.serialized) struct BadDataTests {
  /// Makes `sourcedir.tar.gz` files that no honest packer makes.
  private static let forger = """
    import io, sys, tarfile
    kind, path = sys.argv[1:]
    archive = tarfile.open(path, "w:gz")
    def add(name, type=tarfile.REGTYPE, link="", size=0, data=b""):
        info = tarfile.TarInfo(name)
        info.type, info.linkname, info.size = type, link, len(data) or size
        archive.addfile(info, io.BytesIO(data) if data else None)
    add("train.py", data=b"print('ran')\\n")
    if kind == "climbs": add("../climbed.txt", data=b"out")
    if kind == "absolute": add("/tmp/climbed.txt", data=b"out")
    if kind == "symlink": add("link", tarfile.SYMTYPE, "/etc/passwd")
    if kind == "hardlink": add("link", tarfile.LNKTYPE, "/etc/passwd")
    if kind == "device": add("device", tarfile.CHRTYPE)
    if kind == "fifo": add("fifo", tarfile.FIFOTYPE)
    if kind == "both": add("train.py", tarfile.DIRTYPE)
    if kind == "bomb":
        info = tarfile.TarInfo("bomb"); info.size = 100 << 20
        class Zeros:
            def read(self, count): return bytes(count)
        archive.addfile(info, Zeros())
    archive.close()
    if kind == "cut":
        whole = open(path, "rb").read(); open(path, "wb").write(whole[:len(whole) // 2])
    if kind == "text": open(path, "w").write("no archive")
    """

  @Test(
    .timeLimit(.minutes(1)),
    arguments: ["climbs", "absolute", "symlink", "hardlink", "device", "fifo", "both", "bomb", "cut", "text"])
  func `a hostile source archive fails the job before anything runs`(_ kind: String) async throws {
    let python = try #require(try await Python.find(boto3: false))
    try await DaemonFixture.use { daemon in
      let archive = "\(daemon.folder)/forged.tar.gz"
      _ = try await daemon.tool(python, "-c", Self.forger, kind, archive)
      let client = daemon.client
      let uri = try await offPool { try client.putObject(bucket: "htr", key: "forged/source.tar.gz", file: archive) }
      try await daemon.create(
        JobRequest.make("forged", algorithm: ["TrainingImage": "htr/script:python3", "TrainingInputMode": "File"]) {
          $0["HyperParameters"] = ["sagemaker_program": "train.py", "sagemaker_submit_directory": .string(uri)]
        })
      let record = try await daemon.end(of: "forged")
      #expect(record.status == "Failed")
      let reason = record.job["FailureReason"]?.string ?? ""
      #expect(reason.hasPrefix("ClientError: The source archive \(uri) cannot be unpacked"), "\(reason)")
      #expect(try await daemon.logBytes(of: "forged").isEmpty)
      #expect(record.job["TrainingStartTime"] == nil)
      #expect(record.htr["ModelArtifactPath"] == nil)
      #expect(!Files.exists("/tmp/climbed.txt") && !Files.exists("\(daemon.home)/jobs/forged/climbed.txt"))
      #expect(try !Files.names(in: "\(daemon.home)/buckets/htr").contains("forged/output"))
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `an empty channel fails the job with SageMaker's text and never trains`() async throws {
    try await DaemonFixture.use { daemon in
      // The bucket is there, and something with a like name; under the prefix there is nothing.
      try Files.write("x", to: "\(daemon.folder)/file", durable: false)
      let (client, file) = (daemon.client, "\(daemon.folder)/file")
      _ = try await offPool { try client.putObject(bucket: "htr", key: "nothing/there.txt", file: file) }
      try await daemon.create(
        JobRequest.mock("empty") { $0["InputDataConfig"] = [JobRequest.channel("train", "s3://htr/nothing/here")] })
      let record = try await daemon.end(of: "empty")
      #expect(record.status == "Failed")
      let reason = record.job["FailureReason"]?.string ?? ""
      #expect(reason.hasPrefix("ClientError: Data download failed:"), "\(reason)")
      #expect(
        reason.contains(#"No S3 objects found under S3 URL "s3://htr/nothing/here" given in input data source."#),
        "\(reason)")
      let statuses = record.job["SecondaryStatusTransitions"]?.array?.compactMap { $0["Status"]?.string } ?? []
      #expect(!statuses.contains("Training"))

      try Files.makeFolder("\(daemon.folder)/hollow")
      let local = try await daemon.cli(
        "fit", "--algorithm", "mock", "--input", "train=\(daemon.folder)/hollow", "--json")
      #expect(local.code == 1)
      #expect(try local.json()["FailureReason"]?.string?.contains("No S3 objects found") == true)
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a worker cannot alter the data that it was given`() async throws {
    try await DaemonFixture.use { daemon in
      try Files.makeFolder("\(daemon.folder)/data")
      try Files.write("original", to: "\(daemon.folder)/data/file.txt", durable: false)
      let words = try daemon.script(
        "chmod u+w \"$SM_CHANNEL_TRAIN/file.txt\"; cat \"$SM_CHANNEL_TRAIN/file.txt\"; echo altered > \"$SM_CHANNEL_TRAIN/file.txt\"; true\n"
      )
      for name in ["first", "second"] {
        let fit = try await daemon.finish(
          daemon.startCLI(["fit", "--name", name, "--input", "train=\(daemon.folder)/data", "--command", "--"] + words))
        #expect(fit.code == 0)
        #expect(fit.output.hasPrefix("original"))
      }
      #expect(try Files.readText("\(daemon.folder)/data/file.txt") == "original")
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a program that is not there fails the job as its author's mistake`() async throws {
    try await DaemonFixture.use { daemon in
      let missing = try await daemon.cli("fit", "--name", "missing", "--json", "--command", "--", "no-such-program")
      #expect(missing.code == 1)
      #expect(
        try missing.json()["FailureReason"]?.string?.hasPrefix(
          "ClientError: The program 'no-such-program' is not in the worker's PATH") == true, "\(missing.output)")
      let absent = try await daemon.cli("fit", "--name", "absent", "--json", "--command", "--", "/no/such/program")
      #expect(absent.code == 1)
      #expect(
        try absent.json()["FailureReason"]?.string?.hasPrefix("ClientError: cannot start /no/such/program") == true,
        "\(absent.output)")
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a log that outgrows its limit ends the job, and keeps what fits`() async throws {
    var options = DaemonFixture.Options()
    options.settings = ["log-limit-mib: 1"]
    try await DaemonFixture.use(options) { daemon in
      try await daemon.create(JobRequest.endless("loud", ["log-bytes": "\(3 << 20)"]))
      let record = try await daemon.end(of: "loud")
      #expect(record.status == "Failed")
      #expect(record.job["FailureReason"]?.string?.contains("log-limit-mib") == true)
      #expect(try await daemon.logBytes(of: "loud").count == 1 << 20)
    }
  }
}

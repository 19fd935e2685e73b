import Client
import HostKit
import JSONKit
import TestKit
import Testing

/// What a worker is given and what is taken from it, by the forms that SageMaker has for both.
@Suite(.serialized) struct DataTests {
  /// Puts texts into the bucket store and answers when they are there.
  private func put(_ objects: [String: String], _ daemon: DaemonFixture) async throws {
    let client = daemon.client
    for (key, text) in objects {
      let file = "\(daemon.folder)/object"
      try Files.write(text, to: file, durable: false)
      _ = try await offPool { try client.putObject(bucket: "data", key: key, file: file) }
    }
  }

  /// Runs a job with this channel and answers what its worker found in it: path → content.
  private func found(
    _ name: String, _ source: JSON, _ daemon: DaemonFixture
  ) async throws -> [String: String] {
    let words = try daemon.script(
      "cd \"$SM_CHANNEL_TRAIN\" && find . -type f | while read path; do echo \"${path#./}=$(cat \"$path\")\"; done\n")
    try await daemon.create(
      JobRequest.command(name, words) {
        $0["InputDataConfig"] = [["ChannelName": "train", "DataSource": ["S3DataSource": source]]]
      })
    let record = try await daemon.end(of: name)
    try #require(record.status == "Completed", "\(record.job.text)")
    let lines = try await daemon.logText(of: name).split(separator: "\n")
    return Dictionary(
      uniqueKeysWithValues: lines.map { line in
        let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        return (String(parts[0]), String(parts[1]))
      })
  }

  @Test(.timeLimit(.minutes(1)))
  func `prefix, manifest and augmented manifest fill a channel as in SageMaker`() async throws {
    try await DaemonFixture.use { daemon in
      try await put(
        [
          "train/a.txt": "A", "train/deep/b.txt": "B", "trainXL/c.txt": "C", "other/d e.txt": "D", "train/ü.txt": "U",
          "list.manifest": #"[{"prefix": "s3://data/"}, "train/a.txt", "other/d e.txt"]"#,
          "lines.manifest": #"{"source-ref": "s3://data/train/a.txt", "label": 1}"# + "\n",
        ], daemon)
      // A prefix of keys, not a folder: SageMaker's way.
      #expect(
        try await found("prefix", ["S3DataType": "S3Prefix", "S3Uri": "s3://data/train"], daemon)
          == ["a.txt": "A", "deep/b.txt": "B", "XL/c.txt": "C", "ü.txt": "U"])
      #expect(
        try await found("folder", ["S3DataType": "S3Prefix", "S3Uri": "s3://data/train/"], daemon)
          == ["a.txt": "A", "deep/b.txt": "B", "ü.txt": "U"])
      #expect(
        try await found("object", ["S3DataType": "S3Prefix", "S3Uri": "s3://data/train/a.txt"], daemon) == [
          "a.txt": "A"
        ])
      #expect(
        try await found("manifest", ["S3DataType": "ManifestFile", "S3Uri": "s3://data/list.manifest"], daemon)
          == ["train/a.txt": "A", "other/d e.txt": "D"])
      let augmented = try await found(
        "augmented",
        [
          "S3DataType": "AugmentedManifestFile", "S3Uri": "s3://data/lines.manifest",
          "AttributeNames": ["source-ref", "label"],
        ],
        daemon)
      #expect(augmented.values.contains("A"), "\(augmented)")
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `an uncompressed model is published file by file`() async throws {
    try await DaemonFixture.use { daemon in
      try await daemon.create(
        JobRequest.mock("loose", ["epochs": "1", "output-files": "1"]) {
          $0["OutputDataConfig"] = ["S3OutputPath": "s3://models/loose/", "CompressionType": "NONE"]
        })
      let record = try await daemon.end(of: "loose")
      #expect(record.status == "Completed", "\(record.job.text)")
      #expect(record.job["ModelArtifacts"]?["S3ModelArtifacts"] == "s3://models/loose/loose/output/model/")
      #expect(Files.exists("\(daemon.home)/buckets/models/loose/loose/output/model/model.bin"))
      #expect(!Files.exists("\(daemon.home)/buckets/models/loose/loose/output/model.tar.gz"))
    }
  }

  @Test(
    .timeLimit(.minutes(1)),
    arguments: [("offline", "Failed"), ("refuse", "Failed"), ("ignore", "Completed")])
  func `the policy for requirements holds without any network`(_ policy: String, _ status: String) async throws {
    var options = DaemonFixture.Options()
    options.settings = ["requirements: \(policy)"]
    try await DaemonFixture.use(options) { daemon in
      try Files.makeFolder("\(daemon.folder)/source")
      try Files.write("print('trained')\n", to: "\(daemon.folder)/source/train.py", durable: false)
      try Files.write("a-package-that-nobody-has==1\n", to: "\(daemon.folder)/source/requirements.txt", durable: false)
      let fit = try await daemon.cli(
        "fit", "--entry-point", "train.py", "--source-dir", "\(daemon.folder)/source", "--json")
      let job = try fit.json()
      #expect(job["TrainingJobStatus"] == .string(status))
      #expect(fit.errors.contains("trained\n") == (status == "Completed"))
      if policy == "refuse" {
        #expect(job["FailureReason"]?.string?.contains("requirements.txt") == true)
      }
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `many jobs at once all end, each with its own log and model`() async throws {
    var options = DaemonFixture.Options()
    options.settings = ["cpus: 6"]
    try await DaemonFixture.use(options) { daemon in
      let names = (1...40).map { "job-\($0)" }
      for (number, name) in names.enumerated() {
        try await daemon.create(
          JobRequest.mock(
            name, ["epochs": "1", "seconds-per-epoch": "0", "seed": "\(number)", "log-bytes": "\(number * 100)"]))
      }
      let wait = try await daemon.finish(
        daemon.startCLI(["wait", "job"] + names + ["--timeout", "50"]), within: .seconds(55))
      #expect(wait.code == 0, "\(wait.output)")
      var digests: Set<String> = []
      for (number, name) in names.enumerated() {
        let record = try await daemon.record(of: name)
        digests.insert(record.htr["ModelArtifactSha256"]?.string ?? "")
        #expect(try await daemon.logText(of: name).components(startingWith: "log line") == number)
      }
      #expect(digests.count == names.count)
      #expect(try await daemon.cli("daemon", "status", "--json").json()["Slots"]?["Cpus"]?["Used"] == 0)
    }
  }
}

extension String {
  /// How many of its lines begin with a text.
  fileprivate func components(startingWith start: String) -> Int {
    split(separator: "\n").count { $0.hasPrefix(start) }
  }
}

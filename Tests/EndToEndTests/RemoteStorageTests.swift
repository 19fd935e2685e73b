import Client
import HostKit
import JSONKit
import TestKit
import Testing

/// Data and models in an S3 elsewhere: another daemon plays it, over TCP and with signatures.
@Suite(.timeLimit(.minutes(2))) struct RemoteStorageTests {
  private let role: JSON = "arn:aws:iam::000000000000:role/htr"

  /// Two daemons: the store, and one that works with its buckets `scans` and `models`.
  private func withStore(
    secret: String? = nil, _ body: (_ store: DaemonFixture, _ daemon: DaemonFixture) async throws -> Void
  ) async throws {
    try await DaemonFixture.use { store in
      let key = try JSON(parsing: Files.read("\(store.home)/credentials"))
      let id = try #require(key["AccessKeyId"]?.string)
      let real = try #require(key["SecretAccessKey"]?.string)
      let credentials = "\(store.folder)/s3-credentials"
      try Files.write(
        "[default]\naws_access_key_id = \(id)\naws_secret_access_key = \(secret ?? real)\n", to: credentials,
        mode: 0o600, durable: false)
      var options = DaemonFixture.Options()
      options.settings = [
        "s3:", "  endpoint: http://127.0.0.1:\(store.port)", "  buckets: [scans, models]",
        "  credentials-file: \(credentials)",
      ]
      for bucket in ["scans", "models"] { try await store.putObjects(["first": "x"], bucket: bucket) }
      try await DaemonFixture.use(options) { daemon in try await body(store, daemon) }
    }
  }

  /// A job that lists its channel and leaves a model.
  private func job(_ name: String, on daemon: DaemonFixture, input: String) async throws -> TrainingJobRecord {
    let words = try daemon.script(
      "cd \"$SM_CHANNEL_WORDS\" && find . -type f | sort > \"$SM_MODEL_DIR/list\"; find . -type f -print0 | sort -z | xargs -0 cat >> \"$SM_MODEL_DIR/list\"; echo words > \"$SM_MODEL_DIR/model.bin\"\n"
    )
    try await daemon.create(
      JobRequest.command(name, words) { request in
        request["InputDataConfig"] = [JobRequest.channel("words", input)]
        request["OutputDataConfig"] = ["S3OutputPath": "s3://models/out"]
      })
    return try await daemon.end(of: name)
  }

  @Test func `a job reads its data there and leaves its model there, which is served from there`() async throws {
    try await withStore { store, daemon in
      try await store.putObjects(["words/a b+c": "one ", "words/ü/2": "two ", "other": "no"], bucket: "scans")
      let first = try await job("first", on: daemon, input: "s3://scans/words/")
      #expect(first.status == "Completed", "\(first.job.text)")
      let uri = "s3://models/out/first/output/model.tar.gz"
      #expect(first.job["ModelArtifacts"]?["S3ModelArtifacts"]?.string == uri)
      let there = try Files.read("\(store.home)/buckets/models/out/first/output/model.tar.gz")
      #expect(there == (try Files.read("\(daemon.home)/buckets/models/out/first/output/model.tar.gz")))
      #expect(try await daemon.list(in: there) == "./a b+c\n./ü/2\none two ")

      // A daemon that has never seen the archive creates a model of it, and a transform's answers go there too.
      try Files.remove("\(daemon.home)/buckets/models")
      let container: JSON = ["Image": "htr/mock", "ModelDataUrl": .string(uri)]
      try await daemon.call("CreateModel", ["ModelName": "m", "PrimaryContainer": container, "ExecutionRoleArn": role])
      try await daemon.transform(
        "read", source: "s3://scans/words/", ["TransformOutput": ["S3OutputPath": "s3://models/read"]])
      let transformed = try await daemon.end(ofTransform: "read")
      #expect(transformed.status == "Completed", "\(transformed.described.text)")
      #expect(try Files.names(in: "\(store.home)/buckets/models/read").sorted() == ["a b+c.out", "ü"])

      // The copies can go, and are brought again.
      let swept = try await daemon.cli("gc", "--older-than", "0")
      #expect(swept.code == 0 && swept.output.contains("S3 elsewhere"), "\(swept.output) \(swept.errors)")
      #expect(!Files.exists("\(daemon.home)/buckets/scans/words/a b+c"))

      // What changed there is there for the next job: an object less, one more, one altered.
      try await store.storage("DELETE", "/scans/words/%C3%BC/2")
      try await store.putObjects(["words/a b+c": "three ", "words/z": "four"], bucket: "scans")
      let second = try await job("second", on: daemon, input: "s3://scans/words/")
      #expect(second.status == "Completed", "\(second.job.text)")
      let again = try Files.read("\(store.home)/buckets/models/out/second/output/model.tar.gz")
      #expect(try await daemon.list(in: again) == "./a b+c\n./z\nthree four")
    }
  }

  @Test func `more objects than a page, and one of several parts`() async throws {
    try await withStore { store, daemon in
      try await store.putObjects(
        Dictionary(uniqueKeysWithValues: (0..<1_100).map { ("many/\($0)", "\($0)") }), bucket: "scans")
      let words = try daemon.script(
        "ls \"$SM_CHANNEL_WORDS\" | wc -l > \"$SM_MODEL_DIR/count\"; head -c 40000000 /dev/urandom > \"$SM_MODEL_DIR/noise\"\n"
      )
      try await daemon.create(
        JobRequest.command("many", words) { request in
          request["InputDataConfig"] = [JobRequest.channel("words", "s3://scans/many/")]
          request["OutputDataConfig"] = ["S3OutputPath": "s3://models/out", "CompressionType": "NONE"]
        })
      let ended = try await daemon.end(of: "many")
      #expect(ended.status == "Completed", "\(ended.job.text)")
      for file in ["count", "noise"] {
        let path = "buckets/models/out/many/output/model/\(file)"
        #expect(try Files.read("\(store.home)/\(path)") == (try Files.read("\(daemon.home)/\(path)")), "\(file)")
      }
      #expect(try Files.readText("\(store.home)/buckets/models/out/many/output/model/count") == "1100\n")
    }
  }

  @Test func `a store that refuses ends the job with its words`() async throws {
    try await withStore(secret: "wrong") { _, daemon in
      let ended = try await job("refused", on: daemon, input: "s3://scans/")
      #expect(ended.status == "Failed")
      let reason = ended.job["FailureReason"]?.string ?? ""
      #expect(reason.hasPrefix("ClientError") && reason.contains("SignatureDoesNotMatch"), "\(reason)")
    }
  }

  @Test func `a model that cannot be sent yet is sent when the store is back`() async throws {
    try await withStore { store, daemon in
      let gate = try Gate(in: daemon.folder)
      let words = try daemon.script("read line < '\(gate.path)'; echo m > \"$SM_MODEL_DIR/m\"\n")
      try await daemon.create(
        JobRequest.command("late", words) { $0["OutputDataConfig"] = ["S3OutputPath": "s3://models/out"] })
      try await daemon.training(of: "late")
      daemon.expectErrors("cannot publish a job's artifacts")
      try await store.end()
      gate.open()
      try await daemon.wait(for: "late", "the upload") { $0.secondaryStatus == "Uploading" }
      try await store.start()
      let ended = try await daemon.end(of: "late")
      #expect(ended.status == "Completed", "\(ended.job.text)")
      #expect(Files.exists("\(store.home)/buckets/models/out/late/output/model.tar.gz"))
    }
  }

  @Test func `clients are told where the bucket lies`() async throws {
    try await withStore { store, daemon in
      let answer = try await daemon.storage("GET", "/scans/key")
      let text = String(decoding: answer.body, as: UTF8.self)
      #expect(answer.status == 301 && text.contains("PermanentRedirect") && text.contains("127.0.0.1:\(store.port)"))
    }
  }
}

extension DaemonFixture {
  /// A request of S3's over the daemon's own socket.
  @discardableResult
  fileprivate func storage(_ method: String, _ path: String) async throws -> Response {
    let client = client
    return try await offPool { try client.send(method, path, headers: [("x-htr-service", "s3")]) }
  }

  /// The file `list` of a model archive.
  fileprivate func list(in archive: [UInt8]) async throws -> String {
    try Files.write(archive, to: "\(folder)/model.tar.gz", durable: false)
    return try await tool("tar", "-xOzf", "\(folder)/model.tar.gz", "list")
  }
}

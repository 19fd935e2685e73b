import Client
import HostKit
import JSONKit
import TestKit
import Testing

/// Batch transform against a real daemon and real workers.
@Suite struct TransformTests {
  private static let orders = ["HTR_MOCK_BODY_ORDERS": "1"]
  private static let orderly: KeyValuePairs<String, JSON> = ["Environment": ["HTR_MOCK_BODY_ORDERS": "1"]]

  @Test(.timeLimit(.minutes(1)))
  func `each object has its output, whatever its key`() async throws {
    try await DaemonFixture.use { daemon in
      try await daemon.createMock("m")
      let objects = [
        "in/a.txt": "alpha", "in/b c+d&e=f%41.txt": "beta", "in/deep/er/x": "gamma", "in/ünï": "delta", "in/empty": "",
        "in/deep/../up": "epsilon", "inside": "not below the prefix", "in/folder/": "",
      ]
      try await daemon.putObjects(objects)
      try await daemon.transform("t")
      let record = try await daemon.end(ofTransform: "t")
      #expect(record.status == "Completed", "\(record.described.text)")
      let objectsDone = try #require(record.objects)
      #expect(objectsDone == (total: 6, done: 6, failed: 0))
      #expect(
        try daemon.outputs("t") == [
          "a.txt.out": "alpha", "b c+d&e=f%2541.txt.out": "beta", "deep/er/x.out": "gamma", "ünï.out": "delta",
          "empty.out": "", "deep/%2E%2E/up.out": "epsilon",
        ])
      #expect(daemon.workers(ofTransform: "t").isEmpty)
    }
  }

  @Test(.timeLimit(.minutes(1)), arguments: [("SingleRecord", "Line"), ("MultiRecord", "None")])
  func `records and their answers stay in their order`(_ item: (strategy: String, assembly: String)) async throws {
    try await DaemonFixture.use { daemon in
      try await daemon.createMock("m")
      let text = (0..<2_000).map { "record \($0)\n" }.joined() + "the last one"
      try await daemon.putObjects(["in/lines": text, "in/one": "one line\n"])
      try await daemon.transform(
        "t", input: ["SplitType": "Line"], output: ["AssembleWith": .string(item.assembly)],
        [
          "BatchStrategy": .string(item.strategy), "MaxConcurrentTransforms": 8,
          "TransformResources": ["InstanceType": "local", "InstanceCount": 2],
        ])
      #expect(try await daemon.end(ofTransform: "t").status == "Completed")
      let ending = item.assembly == "Line" ? "\n" : ""
      #expect(try daemon.outputs("t") == ["lines.out": text + ending, "one.out": "one line\n"])
    }
  }

  @Test(
    .timeLimit(.minutes(1)),
    arguments: [
      ("mock:status=400\n", "ClientError: s3://htr/in/b: Received 400 from the model"),
      ("mock:status=503\n", "It was asked 2 times."), ("mock:garbage\n", "cannot be read"),
      ("mock:exit=3\n", "5 workers ended"), ("mock:hang\n", "did not answer within 1.0 s"),
    ])
  func `an object that cannot be transformed fails the job, by its name, and the others have their outputs`(
    _ item: (order: String, says: String)
  ) async throws {
    try await DaemonFixture.use { daemon in
      try await daemon.createMock("m")
      try await daemon.putObjects(["in/a": "alpha", "in/b": item.order, "in/c": "gamma"])
      try await daemon.transform(
        "t",
        [
          "Environment": .strings(Self.orders),
          "ModelClientConfig": ["InvocationsTimeoutInSeconds": 1, "InvocationsMaxRetries": 1],
        ])
      let record = try await daemon.end(ofTransform: "t")
      #expect(record.status == "Failed")
      #expect(record.failureReason?.contains(item.says) == true, "\(record.failureReason ?? "")")
      #expect(record.failureReason?.contains("s3://htr/in/b") == true)
      #expect(try daemon.outputs("t") == ["a.out": "alpha", "c.out": "gamma"])
      #expect(daemon.workers(ofTransform: "t").isEmpty)
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `an object of just the largest size passes, and one byte more does not`() async throws {
    try await DaemonFixture.use { daemon in
      try await daemon.createMock("m")
      let full = String(repeating: "x", count: 1 << 20)
      try await daemon.putObjects(["in/full": full, "in/over": full + "x"])
      try await daemon.transform("t", ["MaxPayloadInMB": 1])
      let record = try await daemon.end(ofTransform: "t")
      #expect(record.failureReason?.contains("s3://htr/in/over: the object is longer than MaxPayloadInMB") == true)
      #expect(try daemon.outputs("t") == ["full.out": full])
    }
  }

  @Test(
    .timeLimit(.minutes(1)),
    arguments: [("s3://htr/nothing/", "No S3 objects found"), ("s3://nowhere/in/", "bucket does not exist: nowhere")])
  func `a job without inputs fails as in the cloud`(_ item: (source: String, says: String)) async throws {
    try await DaemonFixture.use { daemon in
      try await daemon.createMock("m")
      try await daemon.putObjects(["in/a": "alpha"])
      try await daemon.transform("t", source: item.source)
      let record = try await daemon.end(ofTransform: "t")
      #expect(record.failureReason?.contains(item.says) == true, "\(record.described.text)")
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `inputs whose outputs would be one are refused before any work`() async throws {
    try await DaemonFixture.use { daemon in
      try await daemon.createMock("m")
      try await daemon.putObjects(["in/in2/x": "one", "in2/x": "two"])
      try await daemon.transform("t", source: "s3://htr/in")
      let record = try await daemon.end(ofTransform: "t")
      #expect(record.failureReason?.contains("the same output in2/x.out") == true, "\(record.described.text)")
      #expect(try daemon.outputs("t").isEmpty)
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a manifest names the inputs, and what it names wrongly fails the job`() async throws {
    try await DaemonFixture.use { daemon in
      try await daemon.createMock("m")
      try await daemon.putObjects([
        "in/a": "alpha", "in/deep/b": "beta", "in/c": "not named",
        "good": #"[{"prefix": "s3://htr/in/"}, "a", "deep/b"]"#, "gone": #"[{"prefix": "s3://htr/in/"}, "nothing"]"#,
        "torn": "[",
      ])
      func source(_ key: String) -> KeyValuePairs<String, JSON> {
        [
          "TransformInput": [
            "DataSource": ["S3DataSource": ["S3DataType": "ManifestFile", "S3Uri": .string("s3://htr/\(key)")]]
          ]
        ]
      }
      try await daemon.transform("good", source("good"))
      #expect(try await daemon.end(ofTransform: "good").status == "Completed")
      #expect(try daemon.outputs("good") == ["a.out": "alpha", "deep/b.out": "beta"])
      for (name, words) in [
        ("gone", "no object s3://htr/in/nothing"), ("torn", "cannot be read"), ("none", "no object"),
      ] {
        try await daemon.transform(name, source(name))
        let reason = try await daemon.end(ofTransform: name).failureReason
        #expect(reason?.contains(words) == true, "\(reason ?? "")")
      }
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a model that does not come up fails the job with its last words`() async throws {
    try await DaemonFixture.use { daemon in
      try await daemon.createMock("m", ["HTR_MOCK_START_EXIT": "9"])
      try await daemon.putObjects(["in/a": "alpha"])
      try await daemon.transform("t")
      let reason = try await daemon.end(ofTransform: "t").failureReason ?? ""
      #expect(reason.contains("ping health check") && reason.contains("exit code 9"), "\(reason)")
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a stopped job ends soon, whatever its workers are busy with`() async throws {
    try await DaemonFixture.use { daemon in
      try await daemon.createMock("m")
      try await daemon.putObjects(["in/a": "alpha", "in/b": "mock:hang\n", "in/c": "mock:seconds=600\n"])
      try await daemon.transform("t", Self.orderly)
      try await daemon.wait(forTransform: "t", "the first output") { $0.objects?.done == 1 }
      let start = ContinuousClock.now
      try await daemon.call("StopTransformJob", ["TransformJobName": "t"])
      let record = try await daemon.end(ofTransform: "t")
      #expect(record.status == "Stopped")
      #expect(ContinuousClock.now - start < .seconds(5))
      #expect(try daemon.outputs("t") == ["a.out": "alpha"])
      #expect(daemon.workers(ofTransform: "t").isEmpty)
      await #expect(throws: ServiceError.self) {
        try await daemon.call("StopTransformJob", ["TransformJobName": "t"])
      }
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a job waits in the line of training jobs`() async throws {
    var options = DaemonFixture.Options()
    options.settings = ["cpus: 1"]
    try await DaemonFixture.use(options) { daemon in
      try await daemon.createMock("m")
      try await daemon.putObjects(["in/a": "alpha"])
      try await daemon.create(JobRequest.endless("before"))
      try await daemon.training(of: "before")
      try await daemon.transform("t")
      let waiting = try await daemon.wait(forTransform: "t", "a reason to wait") { $0.htr["WaitingFor"] != nil }
      #expect(waiting.htr["WaitingFor"]?.string?.contains("1 CPUs") == true, "\(waiting.described.text)")
      #expect(waiting.job["TransformStartTime"] == nil)
      #expect(daemon.workers(ofTransform: "t").isEmpty)
      try await daemon.transform("unwanted")
      try await daemon.call("StopTransformJob", ["TransformJobName": "unwanted"])
      #expect(try await daemon.end(ofTransform: "unwanted").status == "Stopped")
      try await daemon.call("StopTrainingJob", ["TrainingJobName": "before", "HtrGraceSeconds": 0])
      #expect(try await daemon.end(ofTransform: "t").status == "Completed")
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a plain Python inference script answers batches`() async throws {
    let script = """
      import json, os

      def model_fn(model_dir):
          return int(open(os.path.join(model_dir, "factor")).read())

      def transform_fn(model, body, content_type, accept):
          assert os.environ["SAGEMAKER_BATCH"] == "true"
          numbers = [json.loads(line)["x"] for line in body.decode().splitlines()]
          return "".join(f"{x * model}\\n" for x in numbers), accept
      """
    try await DaemonFixture.use { daemon in
      let archive = try await daemon.archive("script", ["code/inference.py": script, "factor": "3"])
      try await daemon.createModel("m", [DaemonFixture.container("htr/script", archive: archive)])
      try await daemon.putObjects(["in/numbers.jsonl": "{\"x\": 14}\n{\"x\": 5}\n", "in/bad.jsonl": "no JSON\n"])
      try await daemon.transform("t", input: ["SplitType": "Line", "ContentType": "application/jsonlines"])
      let record = try await daemon.end(ofTransform: "t")
      #expect(record.failureReason?.contains("s3://htr/in/bad.jsonl") == true, "\(record.described.text)")
      #expect(try daemon.outputs("t") == ["numbers.jsonl.out": "42\n15\n"])
      let log = try await daemon.cli("logs", "transform", "t")
      #expect(log.code == 0 && log.output.contains("JSONDecodeError"), "\(log.output) \(log.errors)")
    }
  }
}

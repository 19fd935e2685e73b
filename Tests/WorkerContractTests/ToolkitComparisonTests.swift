import JSONKit
import Testing
import WorkerContract

/// Our script mode beside the real toolkit's record of the same job.
struct ToolkitComparisonTests {
  static func expectation() throws -> (context: TrainingContext, argv: [String], environment: [String: String]) {
    let json = try JSON(parsing: ToolkitExpectation.json)
    let context = TrainingContext(
      jobName: "job-1", jobArn: "arn:aws:sagemaker:us-east-1:000000000000:training-job/job-1",
      region: "us-east-1", image: "htr/script:python3", instanceType: "ml.m5.large", cpus: 2, gpus: 0,
      hyperparameters: try #require(json["hyperparameters"]?.stringMap),
      channels: [
        .init(name: "train"),
        .init(
          name: "my-val.2", inputMode: "FastFile", contentType: "text/csv", recordWrapper: "RecordIO",
          distribution: "ShardedByS3Key"),
      ],
      layout: TrainingLayout(base: "/job/ml"))
    return (
      context, try #require(json["argv"]?.array).compactMap(\.string),
      try #require(json["environment"]?.stringMap)
    )
  }

  @Test func `arguments are those of the toolkit, one by one`() throws {
    let (context, argv, _) = try Self.expectation()
    let command = try ScriptMode.command(
      context, source: .init(), python: "/usr/bin/python3", requirements: .ignore)
    #expect(command.executable == "/usr/bin/python3")
    #expect(command.workingFolder == "/job/ml/code")
    #expect(command.arguments.first == "train.py")
    #expect(argv.count > 80)
    for (ours, theirs) in zip(command.arguments.dropFirst(), argv) { #expect(ours == theirs) }
    #expect(command.arguments.count == argv.count + 1)
  }

  @Test func `each variable of the toolkit is there with the same text`() throws {
    let (context, _, expected) = try Self.expectation()
    let ours = ScriptMode.environment(context, path: "/usr/bin")
    #expect(expected.count > 70)
    for (name, value) in expected { #expect(ours[name] == value, "\(name)") }
  }

  @Test func `what the toolkit does not set is what any program needs and ours`() throws {
    let (context, _, expected) = try Self.expectation()
    let ours = ScriptMode.environment(context, path: "/usr/bin")
    let added = ours.filter { expected[$0.key] == nil }
    #expect(
      added == [
        "PATH": "/usr/bin", "HOME": "/job/ml", "LANG": "C.UTF-8", "TMPDIR": "/job/ml/tmp",
        "PYTHONUNBUFFERED": "1", "PYTHONPATH": "/job/ml/code", "SM_CHECKPOINT_DIR": "/job/ml/checkpoints",
        "TRAINING_JOB_ARN": "arn:aws:sagemaker:us-east-1:000000000000:training-job/job-1",
      ])
  }
}

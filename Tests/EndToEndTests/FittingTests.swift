import Client
import HostKit
import JSONKit
import TestKit
import Testing

/// `htrctl fit` and what a person does with a job afterwards.
@Suite(.serialized) struct FittingTests {
  /// A plain Python script that uses nothing but the standard library and SageMaker's script-mode contract.
  private static let training = """
    import argparse, json, os, pathlib, sys
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--title")
    arguments = parser.parse_args()
    data = pathlib.Path(os.environ["SM_CHANNEL_TRAIN"])
    words = sorted(word for path in data.rglob("*.txt") for word in path.read_text().split())
    import helper
    print(helper.greeting(arguments.title), len(words), "words")
    for epoch in range(1, arguments.epochs + 1):
        print(f"epoch {epoch} loss: {1 / epoch:.4f}", file=sys.stderr if epoch % 2 else sys.stdout, flush=True)
    model = pathlib.Path(os.environ["SM_MODEL_DIR"])
    (model / "nested").mkdir()
    (model / "words.json").write_text(json.dumps(words))
    (model / "nested" / "weights.txt").write_text("0.25\\n")
    (pathlib.Path(os.environ["SM_OUTPUT_DATA_DIR"]) / "report.txt").write_text("all well\\n")
    """

  private func prepare(_ daemon: DaemonFixture) throws -> [String] {
    let folder = daemon.folder
    try Files.makeFolder("\(folder)/source")
    try Files.makeFolder("\(folder)/data/deep")
    try Files.makeFolder("\(folder)/helper")
    try Files.write(Self.training, to: "\(folder)/source/train.py", durable: false)
    try Files.write(
      "def greeting(title): return 'Hello ' + title + ','\n", to: "\(folder)/helper/__init__.py", durable: false)
    try Files.write("alpha beta", to: "\(folder)/data/one.txt", durable: false)
    try Files.write("gamma", to: "\(folder)/data/deep/two.txt", durable: false)
    return [
      "fit", "--entry-point", "train.py", "--source-dir", "\(folder)/source", "--dependency", "\(folder)/helper",
      "--input", "train=\(folder)/data", "--hyperparameter", "epochs=3", "--hyperparameter", "title=old words",
      "--metric", "loss=loss: ([0-9.]+)",
    ]
  }

  @Test(.timeLimit(.minutes(1)))
  func `a Python script is trained, its log shown, and its model packed the same way twice`() async throws {
    try await DaemonFixture.use { daemon in
      let words = try prepare(daemon)
      var digests: [String] = []
      var names: [String] = []
      for _ in 1...2 {
        let fit = try await daemon.finish(daemon.startCLI(words + ["--output", "json"]))
        try #require(fit.code == 0, "\(fit.errors)")
        // With JSON, standard output is exactly one line and the log goes to standard error.
        #expect(fit.output.split(separator: "\n").count == 1)
        #expect(fit.errors.contains("Hello old words, 3 words\n"))
        #expect(fit.errors.contains("epoch 3 loss: 0.3333\n"))
        let job = try fit.json()
        #expect(job["TrainingJobStatus"] == "Completed")
        #expect(job["FinalMetricDataList"]?[0]?["MetricName"] == "loss")
        #expect(job["FinalMetricDataList"]?[0]?["Value"]?.number == 0.3333)
        let name = try #require(job["TrainingJobName"]?.string)
        let path = try #require(job["Htr"]?["ModelArtifactPath"]?.string)
        let digest = try #require(job["Htr"]?["ModelArtifactSha256"]?.string)
        #expect(job["ModelArtifacts"]?["S3ModelArtifacts"] == .string("s3://htr/\(name)/output/model.tar.gz"))
        #expect(try await daemon.sha256(path) == digest)
        let members = try await daemon.members(ofArchive: path)
        #expect(members["words.json"] == #"["alpha", "beta", "gamma"]"#)
        #expect(members["nested/weights.txt"] == "0.25\n")
        #expect(members.keys.allSatisfy { !$0.hasPrefix("/") && !$0.hasPrefix("model") })
        let output = try #require(job["Htr"]?["OutputArtifactPath"]?.string)
        #expect(try await daemon.members(ofArchive: output) == ["report.txt": "all well\n"])
        digests.append(digest)
        names.append(name)
      }
      #expect(digests[0] == digests[1])
      #expect(names[0] != names[1])
      #expect(try await Set(daemon.jobNames()) == Set(names))
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `on a terminal the log is followed by the outcome with metrics, artifact and digest`() async throws {
    try await DaemonFixture.use { daemon in
      let fit = try await daemon.finish(daemon.startCLI(prepare(daemon) + ["--name", "shown"]))
      #expect(fit.code == 0, "\(fit.errors)")
      let log = try await daemon.logText(of: "shown")
      #expect(log.hasPrefix("Hello old words, 3 words\n"))
      #expect(fit.output.hasPrefix(log))
      let outcome = fit.output.dropFirst(log.count)
      let record = try await daemon.record(of: "shown")
      for text in [
        "Completed", "loss=0.3333", record.htr["ModelArtifactSha256"]?.string, record.htr["ModelArtifactPath"]?.string,
      ] {
        #expect(outcome.contains(try #require(text)))
      }
      let again = try await daemon.cli("fit", "--algorithm", "mock", "--name", "shown")
      #expect(again.code == 2)
      #expect(again.errors.contains("ResourceInUse"))
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `commands, built-in algorithms and job files run`() async throws {
    try await DaemonFixture.use { daemon in
      let command = try await daemon.cli(
        "fit", "--name", "said", "--command", "--", "/bin/echo", "two  words", "ümlaut")
      #expect(command.code == 0, "\(command.errors)")
      #expect(command.output.hasPrefix("two  words ümlaut\n"))

      let mock = try await daemon.cli(
        "fit", "--algorithm", "mock", "--base-name", "try", "--hyperparameter", "epochs=1")
      #expect(mock.code == 0, "\(mock.errors)")
      #expect(mock.output.contains("Training finished\n"))

      let file = "\(daemon.folder)/request.yaml"
      let text = """
        AlgorithmSpecification:
          AlgorithmName: ${KIND:-mock}
          TrainingInputMode: File
          MetricDefinitions:
            - {Name: loss, Regex: 'Train loss ([0-9.]+)'}
        HyperParameters:
          epochs: ${EPOCHS:-9}
          seconds-per-epoch: 0
        Tags:
          - {Key: team, Value: paper}
        """
      try Files.write(text, to: file, durable: false)
      let filed = try await daemon.cli("fit", file, "--set", "EPOCHS=2", "--name", "filed", "--output", "json")
      #expect(filed.code == 0, "\(filed.errors)")
      let job = try filed.json()
      #expect(job["HyperParameters"]?["epochs"] == "2")
      #expect(job["FinalMetricDataList"]?[0]?["Value"]?.number == 0.6667)
      let arn = try #require(job["TrainingJobArn"])
      #expect(try await daemon.call("ListTags", ["ResourceArn": arn])["Tags"] == [["Key": "team", "Value": "paper"]])
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a failed job ends fit with status 1 and its worker's own words`() async throws {
    try await DaemonFixture.use { daemon in
      let failed = try await daemon.cli(
        "fit", "--algorithm", "mock", "--name", "bad", "--hyperparameter", "fail-at-epoch=2", "--hyperparameter",
        "failure-message=the ink ran out", "--output", "json")
      #expect(failed.code == 1)
      let job = try failed.json()
      #expect(job["TrainingJobStatus"] == "Failed")
      #expect(job["FailureReason"] == "AlgorithmError: the ink ran out")
      #expect(job["Htr"]?["ModelArtifactPath"] == nil)

      try Files.write("import sys\nprint('before')\nsys.exit(7)\n", to: "\(daemon.folder)/exit.py", durable: false)
      let script = try await daemon.cli("fit", "--entry-point", "\(daemon.folder)/exit.py", "--name", "seven")
      #expect(script.code == 1)
      #expect(script.output.contains("ExecuteUserScriptError"))
      let reason = try #require(try await daemon.record(of: "seven").job["FailureReason"]?.string)
      #expect(
        reason.hasPrefix("AlgorithmError: ExecuteUserScriptError:\nExitCode 7\nErrorMessage \"before\"\nCommand \""))
      #expect(reason.hasSuffix(", exit code: 7"))

      let killed = try await daemon.cli(
        "fit", "--algorithm", "mock", "--name", "crashed", "--hyperparameter", "crash=11", "--output", "json")
      #expect(killed.code == 1)
      #expect(try killed.json()["FailureReason"]?.string?.contains("signal 11") == true)
      #expect(try killed.json()["Htr"]?["Attempts"]?[0]?["Signal"] == 11)
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `secrets of the daemon reach neither the worker nor what is told of the job`() async throws {
    var options = DaemonFixture.Options()
    options.environment = ["AWS_SECRET_ACCESS_KEY": "daemonsecret", "DATABASE_PASSWORD": "daemonsecret"]
    try await DaemonFixture.use(options) { daemon in
      let fit = try await daemon.cli("fit", "--name", "look", "--env", "MINE=yes", "--command", "--", "/usr/bin/env")
      #expect(fit.code == 0)
      #expect(fit.output.contains("MINE=yes\n"))
      #expect(fit.output.contains("SM_MODEL_DIR="))
      let key = try await offPool { [client = daemon.client] in try client.environment().secretAccessKey }
      let told =
        fit.output + fit.errors + (try await daemon.cli("describe", "look", "--events", "--json").output) + daemon.log
      #expect(!told.contains("daemonsecret"))
      #expect(!told.contains(key))
      #expect(!told.contains("HTR_LISTEN"))
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `checkpoints of a stopped job are there when the next one starts`() async throws {
    try await DaemonFixture.use { daemon in
      let first = try daemon.startCLI([
        "fit", "--algorithm", "mock", "--name", "first", "--checkpoint", "s3://htr/points", "--hyperparameter",
        "checkpoint=true", "--hyperparameter", "hang-at-epoch=3",
      ])
      try await first.waitUntil("the third epoch") { output, _ in
        String(decoding: output, as: UTF8.self).contains("Iteration 3")
      }
      #expect(try await daemon.cli("stop", "first", "--wait").code == 0)
      #expect(try await first.end() == .code(3))
      let second = try await daemon.cli(
        "fit", "--algorithm", "mock", "--name", "second", "--checkpoint", "s3://htr/points", "--hyperparameter",
        "checkpoint=true", "--hyperparameter", "epochs=4")
      #expect(second.code == 0)
      #expect(second.output.hasPrefix("Resumed from epoch 3\nIteration 4\n"), "\(second.output)")
    }
  }
}

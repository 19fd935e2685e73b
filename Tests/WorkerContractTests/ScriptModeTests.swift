import Testing
import WorkerContract

struct ScriptModeTests {
  static func context(
    _ hyperparameters: [String: String] = [:], entryPoint: String? = "train.py",
    environment: [String: String] = [:]
  ) -> TrainingContext {
    TrainingContext(
      jobName: "Job", jobArn: "arn:job", region: "eu-west-1", image: "htr/script:python3",
      instanceType: "local", cpus: 4, gpus: 1, hyperparameters: hyperparameters,
      channels: [.init(name: "train", contentType: "image/png"), .init(name: "eval")],
      environment: environment, layout: TrainingLayout(base: "/b a/ml"), entryPoint: entryPoint,
      sourceURI: "s3://bucket/source.tar.gz")
  }

  static func words(
    _ context: TrainingContext, _ source: ScriptMode.Source = .init(),
    _ policy: ScriptMode.RequirementsPolicy = .ignore
  ) throws(ScriptModeError) -> [String] {
    let command = try ScriptMode.command(
      context, source: source, python: "python3", requirements: policy)
    return [command.executable] + command.arguments
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let entryPoint: String
    var source = ScriptMode.Source()
    let words: [String]
    var testDescription: String { "\(entryPoint) \(source)" }
  }

  @Test(arguments: [
    Case(entryPoint: "train.py", words: ["python3", "train.py", "--lr", "0.1"]),
    Case(entryPoint: "bin/train.py", words: ["python3", "bin/train.py", "--lr", "0.1"]),
    Case(
      entryPoint: "train.py", source: .init(hasSetup: true),
      words: ["python3", "-m", "train", "--lr", "0.1"]),
    Case(
      entryPoint: "package.train", source: .init(hasEntryPoint: false),
      words: ["python3", "-m", "package.train", "--lr", "0.1"]),
    Case(
      entryPoint: "run.sh",
      words: ["/bin/sh", "-c", "chmod u+rx ./run.sh && exec ./run.sh --lr 0.1"]),
    Case(
      entryPoint: "program", words: ["/bin/sh", "-c", "chmod u+rx ./program && exec ./program --lr 0.1"]),
  ])
  func `an entry point is started by its kind`(_ example: Case) throws {
    let words = try Self.words(Self.context(["lr": "0.1"], entryPoint: example.entryPoint), example.source)
    #expect(words == example.words)
  }

  @Test func `a shell script gets arguments that the shell leaves alone`() throws {
    let words = try Self.words(
      Self.context(["text": "a b; $(rm -rf /) 'x'", "empty": ""], entryPoint: "run.sh"))
    #expect(
      words[2]
        == #"chmod u+rx ./run.sh && exec ./run.sh --empty '' --text 'a b; $(rm -rf /) '"'"'x'"'"''"#)
  }

  @Test(arguments: [
    "", "-c", "/bin/sh", "../x.py", "a/../b.py", "./x.py", "a//b.py", "a b.py", "x.py;y", "é.py", "a/",
  ])
  func `an entry point outside the source or unlike a file is refused`(_ name: String) {
    #expect(throws: ScriptModeError.self) { try Self.words(Self.context(entryPoint: name)) }
  }

  @Test func `a script that is not there is refused by name`() {
    let error = #expect(throws: ScriptModeError.self) {
      try Self.words(Self.context(entryPoint: "absent.py"), .init(hasEntryPoint: false))
    }
    #expect(error?.description.contains("absent.py") == true)
  }

  @Test func `the entry point may come as the SDK sends it`() throws {
    let words = try Self.words(
      Self.context(["sagemaker_program": "\"fit.py\"", "x": "1"], entryPoint: nil))
    #expect(words == ["python3", "fit.py", "-x", "1"])
  }

  @Test func `a hyperparameter with a NUL is refused`() {
    #expect(throws: ScriptModeError.self) { try Self.words(Self.context(["x": "a\0b"])) }
  }

  @Test func `requirements are refused where the policy says so`() {
    let error = #expect(throws: ScriptModeError.self) {
      try Self.words(Self.context(), .init(hasRequirements: true), .refuse)
    }
    #expect(error?.description.contains("requirements.txt") == true)
    #expect(throws: Never.self) { try Self.words(Self.context(), .init(), .refuse) }
  }

  @Test func `requirements are installed off line before the script`() throws {
    let words = try Self.words(
      Self.context(["a": "1"]), .init(hasRequirements: true), .offline(wheelFolder: "/wheel house"))
    #expect(words[0] == "/bin/sh")
    #expect(
      words[2].hasPrefix(
        "python3 -m pip install --no-index --find-links '/wheel house' --no-input "
          + "--disable-pip-version-check --no-warn-script-location --prefix '/b a/ml/deps' -r requirements.txt"))
    #expect(words.suffix(5) == ["script-mode", "python3", "train.py", "-a", "1"])
    #expect(
      try Self.words(Self.context(), .init(), .offline(wheelFolder: nil)) == ["python3", "train.py"])
  }

  @Test func `the request's environment wins over defaults and never over the contract`() {
    let environment = ScriptMode.environment(
      Self.context(environment: [
        "PATH": "/mine", "OWN": "1", "SM_MODEL_DIR": "/elsewhere", "SAGEMAKER_BASE_DIR": "/x",
        "PYTHONPATH": "/lib",
      ]), path: "/usr/bin")
    #expect(environment["PATH"] == "/mine")
    #expect(environment["OWN"] == "1")
    #expect(environment["SM_MODEL_DIR"] == "/b a/ml/model")
    #expect(environment["SAGEMAKER_BASE_DIR"] == "/b a/ml")
    #expect(environment["PYTHONPATH"] == "/b a/ml/code:/lib")
    #expect(environment["SM_MODULE_DIR"] == "s3://bucket/source.tar.gz")
    #expect(environment["SM_NUM_GPUS"] == "1")
  }

  @Test func `a worker that is no script gets the same variables without Python's path`() {
    let plain = PlainEnvironment.variables(Self.context(entryPoint: nil), path: "/usr/bin")
    #expect(plain["PYTHONPATH"] == nil)
    #expect(plain["SM_USER_ENTRY_POINT"] == "")
    #expect(plain["SM_CHANNEL_TRAIN"] == "/b a/ml/input/data/train")
    #expect(plain["TRAINING_JOB_NAME"] == "Job")
    #expect(plain["AWS_REGION"] == "eu-west-1")
  }

  @Test func `a hyperparameter whose name cannot be a variable is left out of the environment`() {
    let plain = PlainEnvironment.variables(Self.context(["a=b": "1", "n": "x\0"]), path: "/usr/bin")
    #expect(plain.keys.allSatisfy { !$0.contains("=") })
    #expect(plain["SM_HP_N"] == nil)
  }

  @Test func `the three configuration files are SageMaker's`() {
    let context = Self.context(["b": "\"x\"", "a": "1"])
    #expect(InputConfig.hyperparametersJSON(context) == #"{"a":"1","b":"\"x\""}"#)
    #expect(
      InputConfig.inputDataConfigJSON(context)
        == #"{"eval":{"RecordWrapperType":"None","S3DistributionType":"FullyReplicated","TrainingInputMode":"File"},"#
        + #""train":{"ContentType":"image/png","RecordWrapperType":"None","S3DistributionType":"FullyReplicated","#
        + #""TrainingInputMode":"File"}}"#)
    #expect(
      InputConfig.resourceConfigJSON(context)
        == #"{"current_group_name":"homogeneousCluster","current_host":"algo-1","current_instance_type":"local","#
        + #""hosts":["algo-1"],"instance_groups":[{"hosts":["algo-1"],"instance_group_name":"homogeneousCluster","#
        + #""instance_type":"local"}],"network_interface_name":"eth0"}"#)
  }
}

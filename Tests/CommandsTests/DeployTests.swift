import HostKit
import JSONKit
import Testing

@testable import Commands

/// `htrctl deploy`: what it asks of the daemon, what it prints, and what it takes back.
@Suite(.timeLimit(.minutes(1)))
struct DeployTests {
  let folder: ScratchFolder
  let home: String

  init() throws {
    folder = try ScratchFolder()
    home = folder.path
  }

  func deploy(_ arguments: [String]) -> Printed {
    htrctl(["deploy"] + arguments, home: home, environment: ["TMPDIR": home])
  }

  @Test func `a job becomes a model, a configuration and an endpoint, all called like it`() throws {
    let daemon = try FakeServing(home) {
      $0.jobs["words-1"] = FakeServing.job("words-1")
      $0.course = ["Creating", "InService"]
    }
    let printed = deploy([
      "words-1", "--instances", "2", "--weight", "0.5", "--startup-timeout", "90", "--tag", "team=blue", "--env", "A=b",
      "--instance-type", "ml.c5.large", "--variant", "main",
    ])
    #expect(printed.status == 0)
    let model = try daemon.call("CreateModel")
    #expect(model["ExecutionRoleArn"] == "arn:aws:iam::000000000000:role/htr")
    #expect(
      model["PrimaryContainer"] == [
        "Image": "htr/text-recognition", "ModelDataUrl": "s3://b/words-1/output/model.tar.gz",
        "Environment": ["A": "b"],
      ])
    #expect(model["Tags"] == [["Key": "team", "Value": "blue"]])
    let variant = try #require(try daemon.call("CreateEndpointConfig")["ProductionVariants"]?[0])
    #expect(
      variant["VariantName"] == "main" && variant["ModelName"] == model["ModelName"]
        && variant["InitialInstanceCount"] == 2 && variant["InitialVariantWeight"]?.number == 0.5
        && variant["InstanceType"] == "ml.c5.large"
        && variant["ContainerStartupHealthCheckTimeoutInSeconds"] == 90)
    #expect(try daemon.call("CreateEndpoint")["EndpointConfigName"] == "words-1")
    #expect(daemon.endpoints == ["words-1"])
    #expect(printed.notes == "[words-1] Creating\n")
    #expect(printed.output.contains("endpoint  words-1\nstatus    InService after 0.0"))
    #expect(printed.output.hasSuffix("next      htrctl invoke words-1 word.png\n"))
  }

  @Test func `a plain job's model bears the job's name, and another one when that is taken`() throws {
    let daemon = try FakeServing(home) { $0.jobs["j"] = FakeServing.job("j") }
    #expect(deploy(["j"]).status == 0)
    #expect(deploy(["j", "--endpoint", "second"]).status == 0)
    #expect(daemon.models.count == 2 && daemon.models[0] == "j" && daemon.models[1].hasPrefix("j-20"))
    #expect(daemon.configs == ["j", "second"])
  }

  @Test func `two jobs make one model of two containers that reads pages`() throws {
    let daemon = try FakeServing(home) {
      $0.jobs["read-1"] = FakeServing.job("read-1")
      $0.jobs["find-1"] = FakeServing.job("find-1", algorithm: "word-segmentation")
    }
    let printed = deploy(["--latest", "read", "--latest", "find", "--endpoint", "pages"])
    #expect(printed.status == 0)
    let containers = try #require(try daemon.call("CreateModel")["Containers"]?.array)
    // Words are found first, in whatever order they were named.
    #expect(containers.map { $0["Image"]?.string } == ["htr/word-segmentation", "htr/text-recognition"])
    #expect(printed.output.hasSuffix("next      htrctl read page.jpg --page-endpoint pages\n"))
  }

  @Test func `the latest job is the newest whose name begins with the prefix`() throws {
    let daemon = try FakeServing(home) {
      for name in ["a-1", "a-2", "b-a-3"] { $0.jobs[name] = FakeServing.job(name) }
    }
    #expect(deploy(["--latest", "a-"]).status == 0)
    #expect(daemon.endpoints == ["a-2"])
    let list = try daemon.call("ListTrainingJobs")
    #expect(
      list["StatusEquals"] == "Completed" && list["SortOrder"] == "Descending" && list["SortBy"] == "CreationTime")
    let none = deploy(["--latest", "z"])
    #expect(none.status == 2 && none.notes.contains("no Completed training job has a name that begins so"))
  }

  @Test func `a model that is there is served as it is`() throws {
    let daemon = try FakeServing(home) {
      $0.models["m"] = ["ModelName": "m", "PrimaryContainer": ["Image": "htr/page", "ModelDataUrl": "s3://b/k"]]
    }
    #expect(deploy(["m", "--endpoint", "e"]).status == 0)
    #expect(!daemon.actions().contains("CreateModel"))
    #expect(try daemon.call("CreateEndpointConfig")["ProductionVariants"]?[0]?["ModelName"] == "m")
    #expect(deploy(["m", "--endpoint", "f", "--env", "A=1"]).status == 0)
    #expect(try daemon.call("CreateModel")["PrimaryContainer"]?["Environment"] == ["A": "1"])
  }

  @Test(arguments: [
    (
      "763.dkr.ecr.us-east-1.amazonaws.com/pytorch-training:2.1-cpu",
      "763.dkr.ecr.us-east-1.amazonaws.com/pytorch-inference:2.1-cpu"
    ),
    ("htr/script:python3", "htr/script:python3"),
    ("246.dkr.ecr.aws/sagemaker-scikit-learn:1.2", "246.dkr.ecr.aws/sagemaker-scikit-learn:1.2"),
  ])
  func `a script's model is served by its training image's twin`(training: String, serving: String) throws {
    #expect(ModelKind.inferenceTwin(training) == serving && ModelKind.isScript(serving))
  }

  @Test func `an entry point goes into the archive as code, in the place of what was there`() throws {
    try folder.write("model/weights.bin", "w")
    try folder.write("model/code/old.py", "old")
    #expect(htrctl(["model", "pack", "\(home)/model", "-o", "\(home)/model.tar.gz"], home: home).status == 0)
    try folder.write("src/serve_it.py", "new")
    try folder.write("src/lib/a.py", "a")
    let daemon = try FakeServing(home) {
      $0.jobs["j"] = FakeServing.job("j", image: "x/pytorch-training:2", path: "\(folder.path)/model.tar.gz")
    }
    #expect(deploy(["j", "--entry-point", "serve_it.py", "--source-dir", "\(home)/src"]).status == 0)
    let upload = try #require(daemon.requests.first { $0.method == "PUT" })
    #expect(upload.target.hasPrefix("/htr-us-east-1-000000000000/j-20"))
    #expect(upload.target.hasSuffix("/model.tar.gz"))
    try Files.write(upload.body, to: "\(home)/sent.tar.gz", durable: false)
    let names = try FakeServing.files(inArchive: "\(home)/sent.tar.gz", home: home)
    #expect(names == ["code/lib/a.py", "code/serve_it.py", "weights.bin"])
    let container = try #require(try daemon.call("CreateModel")["PrimaryContainer"])
    #expect(container["Image"] == "x/pytorch-inference:2")
    #expect(container["ModelDataUrl"]?.string == "s3:/" + upload.target)
    #expect(
      container["Environment"] == [
        "SAGEMAKER_PROGRAM": "serve_it.py", "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
        "SAGEMAKER_CONTAINER_LOG_LEVEL": "20", "SAGEMAKER_REGION": "us-east-1",
      ])
    // Nothing of the work is left.
    #expect(try !Files.names(in: home).contains { $0.hasPrefix("htrctl-") })
  }

  @Test(arguments: [
    (["config.json": #"{"algorithm":"text-recognition"}"#], "htr/text-recognition"),
    (["config.json": #"{"algorithm":"word-segmentation"}"#], "htr/word-segmentation"),
    (
      ["a/config.json": #"{"algorithm":"word-segmentation"}"#, "b/config.json": #"{"algorithm":"text-recognition"}"#],
      "htr/page"
    ),
    (["code/inference.py": "", "config.json": "{}"], "htr/script"), (["code/serve": ""], "htr/command"),
  ])
  func `what serves a folder is told by its content`(files: [String: String], image: String) throws {
    for (name, text) in files { try folder.write("my model/\(name)", text) }
    let daemon = try FakeServing(home)
    let printed = deploy(["\(home)/my model"])
    #expect(printed.status == 0 && daemon.endpoints == ["my-model"])
    #expect(try daemon.call("CreateModel")["PrimaryContainer"]?["Image"]?.string == image)
    #expect(daemon.requests.first { $0.method == "PUT" }?.body.starts(with: [0x1F, 0x8B]) == true)
  }

  @Test func `a folder that tells nothing is refused with what to give, and nothing is made`() throws {
    try folder.write("m/weights.bin", "w")
    let daemon = try FakeServing(home) { $0.jobs["j"] = FakeServing.job("j", image: "htr/script", path: "/nowhere") }
    let printed = deploy(["\(home)/m"])
    #expect(printed.status == 2 && printed.notes.contains("Give --entry-point FILE.py for a script, or --image IMAGE."))
    #expect(printed.notes.split(separator: "\n").count == 1)
    #expect(deploy(["\(home)/m", "--image", "htr/script"]).notes.contains("the archive has no code/ folder"))
    #expect(deploy(["j"]).notes.contains("its archive s3://b/j/output/model.tar.gz cannot be found on this machine"))
    #expect(daemon.models.isEmpty && !daemon.requests.contains { $0.method == "PUT" })
  }

  @Test(arguments: [
    ("CreateEndpointConfig", ["DeleteModel"]), ("CreateEndpoint", ["DeleteEndpointConfig", "DeleteModel"]),
  ])
  func `what was made is taken back when a later step fails`(step: String, undone: [String]) throws {
    let daemon = try FakeServing(home) {
      $0.jobs["j"] = FakeServing.job("j")
      $0.refusals[step] = (400, #"{"__type":"ResourceLimitExceeded","message":"no room for it"}"#)
    }
    let printed = deploy(["j"])
    #expect(printed.status == 2)
    #expect(
      printed.notes.hasPrefix("htrctl: deploy j: htrd refused it: ResourceLimitExceeded: no room for it. Mend that"))
    #expect(printed.notes.contains("model j"))
    #expect(daemon.actions().filter { $0.hasPrefix("Delete") } == undone)
    #expect(daemon.models.isEmpty && daemon.configs.isEmpty && daemon.endpoints.isEmpty)
  }

  @Test func `what cannot be taken back is named`() throws {
    let daemon = try FakeServing(home) {
      $0.jobs["j"] = FakeServing.job("j")
      $0.refusals["CreateEndpoint"] = (400, #"{"__type":"ValidationException","message":"no"}"#)
      $0.refusals["DeleteModel"] = (400, #"{"__type":"AccessDenied","message":"no"}"#)
    }
    let printed = deploy(["j"])
    #expect(printed.notes.contains("Taken back: configuration j. Could not be taken back: model j."))
    #expect(daemon.models == ["j"])
  }

  @Test func `a create whose answer was lost is looked up, not repeated`() throws {
    let daemon = try FakeServing(home) {
      $0.jobs["j"] = FakeServing.job("j")
      $0.lost = ["CreateModel", "CreateEndpoint"]
    }
    #expect(deploy(["j"]).status == 0)
    #expect(daemon.actions().filter { $0 == "CreateModel" }.count == 1)
    #expect(daemon.models == ["j"] && daemon.endpoints == ["j"])
  }

  @Test(arguments: [
    ("InService", "htrctl update e"), ("Failed", "htrctl delete endpoint e"), ("Deleting", "--for deleted"),
  ])
  func `a name that is taken is told before anything is made`(status: String, advice: String) throws {
    let daemon = try FakeServing(home) {
      $0.jobs["j"] = FakeServing.job("j")
      $0.endpoints["e"] = [FakeServing.record("e", status)]
    }
    let printed = deploy(["j", "--endpoint", "e"])
    #expect(printed.status == 2 && printed.notes.contains(advice) && printed.notes.contains("it is \(status)"))
    #expect(daemon.models.isEmpty)
  }

  @Test func `an endpoint that fails ends with 1, its reason, its last words and where to look`() throws {
    let failed = FakeServing.record(
      "j", "Failed", version: 2, more: #","FailureReason":"The worker ended three times.""#,
      htr: #","Workers":[{"Variant":"AllTraffic","Instance":"i-1","State":"Stopping","LastEnd":"exit 1"}]"#)
    let daemon = try FakeServing(home) {
      $0.jobs["j"] = FakeServing.job("j")
      $0.course = [FakeServing.record("j", "Creating", htr: #","WaitingFor":"a first answer""#), failed]
    }
    let printed = deploy(["j"])
    #expect(printed.status == 1)
    #expect(printed.output.contains("reason    The worker ended three times.\nworker    i-1 (AllTraffic): exit 1\n"))
    #expect(printed.notes.contains("[j] Creating: a first answer\n"))
    #expect(printed.notes.contains("  Traceback: no weights\n"))
    #expect(printed.notes.contains("See `htrctl logs endpoint j`."))
    // It stays: its log is what helps now.
    #expect(daemon.endpoints == ["j"])
  }

  @Test func `without waiting the name is all that is printed`() throws {
    let daemon = try FakeServing(home) {
      $0.jobs["j"] = FakeServing.job("j")
      $0.course = ["Creating"]
    }
    let printed = deploy(["j", "--no-wait"])
    #expect(printed.status == 0 && printed.output == "j\n" && daemon.endpoints == ["j"])
    #expect(printed.notes == "Wait for it with: htrctl wait endpoint j\n")
  }

  @Test(
    arguments: [
      ([], "Give one source"), (["a", "b", "--latest", "c"], "Give one source"),
      (["a", "b", "--image", "x"], "go with one source"), (["a", "--source-dir", "x"], "needs --entry-point"),
      (["a", "--instances", "0"], "--instances"), (["a", "--startup-timeout", "5"], "60...3600"),
      (["a", "--weight", "-1"], "weight"), (["nothing"], "there is no training job, model, file or folder"),
      (["gs://b/k"], "such addresses are not known"), (["running"], "it has no model"),
      (["done", "--endpoint", "a_b"], "it is no name"), (["done", "done"], "both are models of text-recognition"),
    ] as [([String], String)])
  func `what cannot be deployed is told`(arguments: [String], text: String) throws {
    let daemon = try FakeServing(home) {
      $0.jobs["running"] = recordJSON("running", status: "InProgress")
      $0.jobs["done"] = FakeServing.job("done")
    }
    let printed = deploy(arguments)
    #expect(printed.status == 2 && printed.notes.contains(text), "\(printed.notes)")
    #expect(daemon.models.isEmpty)
  }

  @Test(arguments: [
    ("a b_c", "a-b-c"), ("--x--", "x"), ("ümlaut", "mlaut"), ("", "model"),
    (String(repeating: "x", count: 80), String(repeating: "x", count: 63)),
  ])
  func `names are made legal`(text: String, name: String) {
    #expect(ResourceName.legal(text) == name && ResourceName.isLegal(name))
  }

  @Test(arguments: [
    ("s3://b/jobs/train-7/output/model.tar.gz", "train-7"), ("/x/my.model.tar.gz", "my-model"),
    ("/x/model.tar.gz", "model"),
    ("/x/folder", "folder"),
  ])
  func `an archive's name comes from its job or its file`(place: String, name: String) {
    #expect(ResourceName.legal(ofArchive: place) == name)
    let fresh = ResourceName.fresh(String(repeating: "y", count: 63))
    #expect(ResourceName.isLegal(fresh) && fresh.utf8.count <= 63)
  }
}

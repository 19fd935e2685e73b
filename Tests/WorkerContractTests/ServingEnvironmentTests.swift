import Glibc
import HostKit
import TestKit
import Testing
import WorkerContract

/// What a serving worker is given: its environment, its folders and its command.
struct ServingEnvironmentTests {
  static func context(
    _ environment: [String: String] = [:], base: String = "/w", model: String? = nil, codeFolder: String? = nil
  ) -> ServingContext {
    ServingContext(
      endpointName: "e", variantName: "AllTraffic", region: "eu-west-1", account: "000000000000",
      instanceType: "ml.c5.large", cpus: 2, gpus: 1, environment: environment,
      layout: ServingLayout(base: base, model: model), codeFolder: codeFolder, socket: "/w/s")
  }

  @Test func `the whole environment of a worker`() {
    var context = Self.context(["OWN": "1"])
    context.port = 8080
    context.safePorts = 9000...9009
    #expect(
      ServingEnvironment.variables(context, path: "/bin") == [
        "PATH": "/bin", "HOME": "/w", "LANG": "C.UTF-8", "TMPDIR": "/w/tmp", "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": "/w/model/code", "AWS_REGION": "eu-west-1", "OWN": "1", "SAGEMAKER_BASE_DIR": "/w",
        "SAGEMAKER_PROGRAM": "inference.py", "SAGEMAKER_SUBMIT_DIRECTORY": "/w/model/code",
        "SAGEMAKER_REGION": "eu-west-1", "SAGEMAKER_CONTAINER_LOG_LEVEL": "20",
        "SAGEMAKER_MODEL_SERVER_TIMEOUT": "60", "SAGEMAKER_BIND_TO_PORT": "8080",
        "SAGEMAKER_SAFE_PORT_RANGE": "9000-9009", "HTR_SOCKET": "/w/s", "HTR_ENDPOINT": "e",
        "HTR_VARIANT": "AllTraffic", "HTR_ACCOUNT": "000000000000", "SM_MODEL_DIR": "/w/model", "SM_NUM_CPUS": "2",
        "SM_NUM_GPUS": "1", "SM_CURRENT_INSTANCE_TYPE": "ml.c5.large", "OMP_NUM_THREADS": "2",
        "OPENBLAS_NUM_THREADS": "2", "PYTHONDONTWRITEBYTECODE": "1",
      ])
  }

  @Test(arguments: [
    "PATH", "HOME", "SAGEMAKER_REGION", "SAGEMAKER_CONTAINER_LOG_LEVEL", "SAGEMAKER_MODEL_SERVER_TIMEOUT",
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "SAGEMAKER_PROGRAM", "SAGEMAKER_BIND_TO_PORT",
  ])
  func `the request changes what is a default`(_ name: String) {
    #expect(ServingEnvironment.variables(Self.context([name: "mine"]), path: "/bin")[name] == "mine")
  }

  @Test(arguments: [
    "SAGEMAKER_BASE_DIR", "HTR_SOCKET", "HTR_ENDPOINT", "SM_MODEL_DIR", "SM_NUM_CPUS", "SAGEMAKER_SUBMIT_DIRECTORY",
  ])
  func `the request does not change what the contract says`(_ name: String) {
    let plain = ServingEnvironment.variables(Self.context(), path: "/bin")
    #expect(ServingEnvironment.variables(Self.context([name: "mine"]), path: "/bin")[name] == plain[name])
  }

  @Test func `the code comes before what the request adds to the Python path`() {
    let variables = ServingEnvironment.variables(Self.context(["PYTHONPATH": "/a:/b"]), path: "/bin")
    #expect(variables["PYTHONPATH"] == "/w/model/code:/a:/b")
  }

  @Test func `what no process can be given is left out`() {
    let variables = ServingEnvironment.variables(Self.context(["A=B": "1", "C": "x\0y", "": "z"]), path: "/bin")
    for name in ["A=B", "C", ""] { #expect(variables[name] == nil) }
  }

  struct Place: Sendable {
    var asked: String?
    var folder: String
  }

  @Test(arguments: [
    Place(asked: nil, folder: "/m/code"), Place(asked: "", folder: "/m/code"),
    Place(asked: "/opt/ml/model/code", folder: "/m/code"), Place(asked: "/opt/ml/model/code/", folder: "/m/code"),
    Place(asked: "/opt/ml/model", folder: "/m"), Place(asked: "/opt/ml/model/./src/a", folder: "/m/src/a"),
    Place(asked: "/opt/ml/model/../../../etc", folder: "/m/code"), Place(asked: "/etc", folder: "/m/code"),
    Place(asked: "/opt/ml/modelling", folder: "/m/code"), Place(asked: "opt/ml/model/x", folder: "/m/code"),
    Place(asked: "s3://b/k/sourcedir.tar.gz", folder: "/m/code"),
    Place(asked: "file:///opt/ml/model/x", folder: "/m/code"),
  ])
  func `a folder of AWS's containers means the real one`(_ place: Place) {
    #expect(ServingLayout(base: "/w", model: "/m").code(place.asked) == place.folder)
  }

  // MARK: Command

  static let noRequirements = ScriptMode.RequirementsPolicy.refuse

  static func command(
    _ environment: [String: String] = [:], files: [String], requirements: ScriptMode.RequirementsPolicy = noRequirements
  ) async throws -> (command: ScriptMode.Command, base: String) {
    try await withScratchFolder { base in
      for name in files {
        let path = "\(base)/model/\(name)"
        try Files.makeFolder(Files.parent(of: path))
        try Files.write("", to: path, durable: false)
      }
      return (
        try ServingScript.command(
          python: "python3", script: "/h/serve.py", context(environment, base: base), requirements: requirements), base
      )
    }
  }

  @Test func `the command of a script`() async throws {
    let (command, base) = try await Self.command(files: ["code/inference.py"])
    #expect(
      command.arguments == [
        "-u", "/h/serve.py", "--model-dir", "\(base)/model", "--code-dir", "\(base)/model/code", "--program",
        "inference.py", "--socket", "/w/s",
      ])
    #expect(command.executable == "python3")
    #expect(command.workingFolder == "\(base)/model/code")
  }

  @Test func `the request's program, folder, processes and time are in the command`() async throws {
    let (command, base) = try await Self.command(
      [
        "SAGEMAKER_PROGRAM": "pkg/serve", "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/src",
        "SAGEMAKER_MODEL_SERVER_WORKERS": "3", "SAGEMAKER_MODEL_SERVER_TIMEOUT": "90",
      ], files: ["src/pkg/serve.py"])
    #expect(command.arguments[5] == "\(base)/model/src")
    #expect(
      Array(command.arguments.suffix(8)) == [
        "--program", "pkg/serve.py", "--socket", "/w/s", "--workers", "3", "--timeout", "90",
      ])
  }

  @Test func `requirements are seen to as for training`() async throws {
    let files = ["code/inference.py", "code/requirements.txt"]
    let (command, base) = try await Self.command(files: files, requirements: .offline(wheelFolder: "/wheels"))
    #expect(command.executable == "/bin/sh")
    #expect(command.arguments[1].contains("--no-index --find-links /wheels"))
    #expect(command.arguments[1].contains("--prefix \(base)/deps"))
    #expect(command.arguments[3...].starts(with: ["python3", "-u", "/h/serve.py"]))
    #expect(try await Self.command(files: files, requirements: .ignore).command.executable == "python3")
    await #expect(throws: ScriptModeError.self) { try await Self.command(files: files, requirements: .refuse) }
  }

  struct Fault: Sendable {
    var environment: [String: String] = [:]
    var files: [String] = ["code/inference.py"]
    var words: String
  }

  @Test(arguments: [
    Fault(files: ["code/a.py", "code/b.py"], words: "/model/code, where there is: 'a.py', 'b.py'."),
    Fault(files: ["weights.bin"], words: "where there is: nothing, not even the folder."),
    Fault(environment: ["SAGEMAKER_PROGRAM": "other.py"], words: "no inference script other.py in "),
    Fault(environment: ["SAGEMAKER_PROGRAM": "../x.py"], words: "without `.` or `..`"),
    Fault(environment: ["SAGEMAKER_PROGRAM": "-c"], words: "cannot be used"),
    Fault(environment: ["SAGEMAKER_MODEL_SERVER_WORKERS": "many"], words: "whole number from 1 to 64, not 'many'"),
    Fault(environment: ["SAGEMAKER_MODEL_SERVER_TIMEOUT": "0"], words: "whole number from 1 to 86400, not '0'"),
  ])
  func `a script that cannot be started is refused with what is there`(_ fault: Fault) async throws {
    let error = await #expect(throws: ScriptModeError.self) {
      try await Self.command(fault.environment, files: fault.files)
    }
    #expect(error?.description.contains(fault.words) == true, "\(error?.description ?? "")")
  }

  @Test(.enabled(if: ServingWorker.python != nil, ServingWorker.hint), .timeLimit(.minutes(1)))
  func `command and environment together make a worker that answers`() async throws {
    let worker = try await ServingWorker(
      "import os\ndef model_fn(d): return d\ndef transform_fn(m, b, c, a): return str([m, os.environ['SM_MODEL_DIR']])\n"
    ).ready()
    var context = Self.context(["SAGEMAKER_PROGRAM": ""], base: worker.base)
    context.socket = "\(worker.base)/other"
    try Files.makeFolder(context.layout.folders[1])
    let command = try ServingScript.command(
      python: try #require(ServingWorker.python), script: ServingWorker.server, context, requirements: .ignore)
    let process = try ChildProcess(
      command.executable, command.arguments,
      environment: ServingEnvironment.variables(context, path: "/usr/bin:/bin"), folder: command.workingFolder)
    try await process.waitUntil("readiness") { output, _ in output.contains("htr: ready") }
    let line = try ServingLine(worker, at: context.socket)
    try line.send(ServingLine.post([1]))
    #expect(try await line.answer().text == "['\(worker.model)', '\(worker.model)']")
    process.send(SIGTERM)
    #expect(try await process.end() == .code(0))
  }
}

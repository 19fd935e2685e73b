import Glibc
import HostKit
import JSONKit
import Synchronization
import Testing

@testable import Commands

/// Whole command lines against a daemon of made-up answers.
@Suite(.timeLimit(.minutes(1)))
struct VerbTests {
  let folder: ScratchFolder
  let home: String

  init() throws {
    folder = try ScratchFolder()
    home = folder.path
  }

  func daemon(_ answer: @escaping @Sendable (FakeDaemon.Request) -> FakeDaemon.Answer) throws -> FakeDaemon {
    try FakeDaemon("\(home)/htrd.sock", answer: answer)
  }

  @Test(arguments: [("Completed", 0), ("Failed", 1), ("Stopped", 3)] as [(String, Int32)])
  func `attach shows the log, then the outcome, and ends as the job did`(status: String, code: Int32) throws {
    let daemon = try daemon { request in
      request.target.contains("/log?")
        ? .bytes(Array("epoch 1\nno newline".utf8))
        : .json(
          recordJSON(
            "j", status: status,
            more:
              #","FinalMetricDataList":[{"MetricName":"loss","Value":0.25,"Timestamp":1}],"TrainingTimeInSeconds":3"#))
    }
    defer { daemon.stop() }
    let printed = htrctl(["attach", "j"], home: home)
    #expect(printed.status == code)
    #expect(
      printed.output == """
        epoch 1
        no newline
        job       j
        status    \(status) after 3.0 s
        artifact  /h/model.tar.gz
        sha256    abc
        metrics   loss=0.25

        """)
    #expect(printed.notes == "[j] \(status)\n")
  }

  @Test func `attach with JSON prints exactly one line, the log goes beside it`() throws {
    let daemon = try daemon { request in
      request.target.contains("/log?") ? .bytes(Array("hello\n".utf8)) : .json(recordJSON("j", status: "Completed"))
    }
    defer { daemon.stop() }
    let printed = htrctl(["attach", "j", "--output", "json"], home: home)
    let lines = printed.output.split(separator: "\n")
    #expect(lines.count == 1 && printed.notes.contains("hello\n"))
    let job = try JSON(parsing: String(try #require(lines.first)))
    #expect(job["TrainingJobName"] == "j" && job["Htr"]?["ModelArtifactSha256"] == "abc")
  }

  @Test func `fit packs and stores the sources, creates the job and watches it`() throws {
    try folder.write("src/train.py", "print(1)")
    let daemon = try daemon { request in
      if request.target == "/htr/v1/environment" { return .json(environmentJSON) }
      if request.method == "PUT" { return .bytes([]) }
      if request.action == "CreateTrainingJob" { return .json(#"{"TrainingJobArn":"arn"}"#) }
      return request.target.contains("/log?") ? .bytes([]) : .json(recordJSON("j", status: "Completed"))
    }
    defer { daemon.stop() }
    let printed = htrctl(
      ["fit", "--name", "j", "--entry-point", "train.py", "--source-dir", "\(home)/src", "--json"], home: home)
    #expect(printed.status == 0)
    let upload = try #require(daemon.requests.first { $0.method == "PUT" })
    #expect(upload.target == "/htr-us-east-1-000000000000/j/source/sourcedir.tar.gz")
    #expect(upload.body.starts(with: [0x1F, 0x8B]))
    let create = try #require(daemon.requests.first { $0.action == "CreateTrainingJob" })
    let body = try JSON(parsing: create.body)
    #expect(
      body["HyperParameters"]?["sagemaker_submit_directory"] == .string("\"s3:/\(upload.target)\""))
  }

  @Test func `a detached fit prints the name and returns`() throws {
    let daemon = try daemon { request in
      request.target == "/htr/v1/environment" ? .json(environmentJSON) : .json(#"{"TrainingJobArn":"arn"}"#)
    }
    defer { daemon.stop() }
    let printed = htrctl(["fit", "--name", "j", "--algorithm", "mock", "--detach"], home: home)
    #expect(printed.status == 0 && printed.output == "j\n")
    #expect(printed.notes == "Watch it with: htrctl attach j\n")
  }

  @Test func `a refused fit is one line with the code, and status 2`() throws {
    let daemon = try daemon { request in
      request.target == "/htr/v1/environment"
        ? .json(environmentJSON)
        : .refusal(status: 400, body: #"{"__type":"ResourceInUse","message":"names\nmust be unique"}"#)
    }
    defer { daemon.stop() }
    let printed = htrctl(["fit", "--name", "j", "--algorithm", "mock"], home: home)
    #expect(printed.status == 2)
    #expect(printed.notes == "htrctl: htrd refused the request: ResourceInUse (request r-1): names must be unique\n")
  }

  @Test(
    arguments: [
      (["Completed", "Completed"], 0), (["Completed", "Failed"], 1), (["Stopped", "Completed"], 3),
      (["Stopped", "Failed"], 1),
    ] as [([String], Int32)])
  func `wait mirrors what it waited for`(statuses: [String], code: Int32) throws {
    let daemon = try daemon { _ in
      let rows = statuses.enumerated().map {
        #"{"TrainingJobName":"j\#($0)","TrainingJobStatus":"\#($1)","SecondaryStatus":"\#($1)"}"#
      }
      return .json(#"{"Done":true,"TrainingJobs":[\#(rows.joined(separator: ","))]}"#)
    }
    defer { daemon.stop() }
    #expect(htrctl(["wait", "job", "j0", "j1"], home: home).status == code)
  }

  @Test func `a wait that times out has its own status and names what is open`() throws {
    let daemon = try daemon { _ in
      .json(
        #"{"Done":false,"TrainingJobs":[{"TrainingJobName":"j","TrainingJobStatus":"InProgress","SecondaryStatus":"Training"}]}"#
      )
    }
    defer { daemon.stop() }
    let printed = htrctl(["wait", "job", "j", "--timeout", "0"], home: home)
    #expect(printed.status == 4 && printed.notes.hasSuffix("Still open: j\n"))
  }

  @Test func `jobs follows pages up to its limit`() throws {
    let daemon = try daemon { request in
      let input = try? JSON(parsing: request.body)
      let start = input?["NextToken"]?.string.flatMap { Int($0) } ?? 0
      let count = Int(input?["MaxResults"]?.integer ?? 10)
      let rows = (start..<min(start + count, 130)).map {
        #"{"TrainingJobName":"j\#($0)","TrainingJobStatus":"Completed","CreationTime":1,"TrainingEndTime":2}"#
      }
      let token = start + count < 130 ? #","NextToken":"\#(start + count)""# : ""
      return .json(#"{"TrainingJobSummaries":[\#(rows.joined(separator: ","))]\#(token)}"#)
    }
    defer { daemon.stop() }
    func count(_ arguments: [String]) throws -> Int? {
      try JSON(parsing: htrctl(["jobs", "--json"] + arguments, home: home).output)["TrainingJobSummaries"]?.array?.count
    }
    #expect(try count([]) == 50)
    #expect(try count(["--limit", "120"]) == 120)
    #expect(try count(["--all"]) == 130)
    let text = htrctl(["jobs", "--limit", "2"], home: home)
    #expect(text.output.split(separator: "\n").count == 3)
    #expect(text.notes == "There are more: raise --limit or give --all.\n")
  }

  @Test func `describe shows why a job is pending and what it was tried with`() throws {
    let daemon = try daemon { _ in
      .json(
        #"{"Version":1,"TrainingJob":{"TrainingJobName":"j","TrainingJobStatus":"InProgress","SecondaryStatus":"Pending","HyperParameters":{"a":"1"}},"Htr":{"PendingReason":"no free cpu","Attempts":[{"Number":1,"Signal":9,"PeakMemoryBytes":2048}]}}"#
      )
    }
    defer { daemon.stop() }
    let printed = htrctl(["describe", "j"], home: home)
    #expect(printed.output.contains("pending because  no free cpu"))
    #expect(printed.output.contains("signal 9") && printed.output.contains("2.0 KiB"))
  }

  @Test func `metrics are a table, and files when asked`() throws {
    let daemon = try daemon { _ in
      .json(
        #"{"Metrics":[{"MetricName":"loss","Points":[[1,3.5],[2,0.5],[3,1]]},{"MetricName":"htr:memory_bytes","Points":[[1,5]]}]}"#
      )
    }
    defer { daemon.stop() }
    let printed = htrctl(["metrics", "j", "--svg", "\(home)/a.svg", "--png", "\(home)/a.png"], home: home)
    #expect(
      printed.output == """
        METRIC            FINAL  MIN  MAX  POINTS
        loss                  1  0.5  3.5       3
        htr:memory_bytes      5    5    5       1

        """)
    #expect(try Files.readText("\(home)/a.svg").contains("loss"))
    #expect(try Files.read("\(home)/a.png").count > 1000)
    #expect(htrctl(["metrics", "j", "--metric", "none"], home: home).status == 2)
  }

  @Test func `logs are printed byte for byte, whole or from the end`() throws {
    let daemon = try daemon { request in
      .bytes(Array(Array("a\nb\n\u{7}c".utf8)[LogFollowingTests.offset(of: request)...]))
    }
    defer { daemon.stop() }
    #expect(htrctl(["logs", "j"], home: home).output == "a\nb\n\u{7}c")
    #expect(htrctl(["logs", "j", "--offset", "2"], home: home).output == "b\n\u{7}c")
    #expect(htrctl(["logs", "j", "--tail", "1"], home: home).output == "\u{7}c")
  }

  @Test func `one job that cannot be deleted does not keep the others`() throws {
    let daemon = try daemon { request in
      request.body.count > 30
        ? .refusal(status: 400, body: #"{"__type":"ResourceInUse","message":"runs"}"#) : .bytes([])
    }
    defer { daemon.stop() }
    let printed = htrctl(["delete", "a", "a-long-name-here", "b"], home: home)
    #expect(printed.status == 2 && printed.output == "a  deleted\nb  deleted\n")
    #expect(printed.notes.contains("training job a-long-name-here: ResourceInUse: runs"))
  }

  @Test func `env prints what a shell can evaluate and writes the SDK's file`() throws {
    let daemon = try daemon { _ in .json(environmentJSON) }
    defer { daemon.stop() }
    let printed = htrctl(["env"], home: home)
    #expect(printed.output.contains("export AWS_SECRET_ACCESS_KEY='s'\\''k'\n"))
    #expect(printed.output.contains("export SAGEMAKER_USER_CONFIG_OVERRIDE=\(home)/sagemaker-config.yaml\n"))
    #expect(try Files.readText("\(home)/sagemaker-config.yaml").contains("TelemetryOptOut: true"))
    #expect(htrctl(["env", "--unset"], home: home).output.hasPrefix("unset AWS_ENDPOINT_URL "))
  }

  @Test(
    arguments: [
      (["jobs"], 5), (["nonsense"], 2), (["fit"], 2), (["wait", "job"], 2), (["--help"], 0), (["--version"], 0),
      (["fit", "--help"], 0), (["jobs", "--created-after", "never"], 2), (["daemon", "status"], 5),
      (["logs", "j", "--json"], 2),
    ] as [([String], Int32)])
  func `the exit status tells what went wrong`(arguments: [String], code: Int32) {
    let printed = htrctl(arguments, home: home)
    #expect(printed.status == code)
    if code != 0 { #expect(printed.notes.hasPrefix("htrctl: ") && printed.notes.split(separator: "\n").count == 1) }
  }

  @Test func `a daemon that runs already is not started again`() throws {
    let daemon = try daemon { _ in .json(#"{"Pid":7,"Listen":"127.0.0.1:8770"}"#) }
    defer { daemon.stop() }
    let printed = htrctl(["daemon", "start"], home: home)
    #expect(printed.status == 0)
    #expect(printed.output == "htrd was running already on \(home) (pid 7, 127.0.0.1:8770)\n")
  }

  @Test func `a daemon that dies at its start shows its last words`() throws {
    try folder.write("bin/htrd", "#!/bin/sh\necho \"cannot lock $HTR_HOME\"\nexit 1\n", mode: 0o755)
    let printed = htrctl(["daemon", "start"], home: "\(home)/h", environment: ["HTR_PROGRAMS": "\(home)/bin"])
    #expect(printed.status == 5)
    #expect(printed.notes.contains("  cannot lock \(home)/h\n"))
  }

  @Test func `stop ends the recorded daemon and nobody else`() throws {
    var pid = pid_t()
    var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("sleep"), strdup("100"), nil]
    defer { for argument in arguments { free(argument) } }
    // Threads of the test runner block signals, and a child would inherit that.
    var attributes = posix_spawnattr_t()
    var none = sigset_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    try #require(posix_spawn(&pid, "/bin/sleep", nil, &attributes, &arguments, environ) == 0)
    defer {
      kill(pid, SIGKILL)
      waitpid(pid, nil, 0)
    }
    let start = try #require(ProcessIdentity(of: pid)).startTime
    // Another process that got the daemon's number later on.
    try folder.write("htrd.pid", #"{"pid":\#(pid),"startTime":\#(start + 1),"boot":"\#(Boot.id)"}"#)
    #expect(htrctl(["daemon", "stop"], home: home).output == "htrd is not running on \(home)\n")
    #expect(ProcessIdentity(of: pid) != nil)
    try folder.write("htrd.pid", #"{"pid":\#(pid),"startTime":\#(start),"boot":"\#(Boot.id)"}"#)
    #expect(htrctl(["daemon", "stop"], home: home).output == "htrd has ended (pid \(pid))\n")
    #expect(ProcessIdentity(of: pid) == nil)
  }

  @Test func `doctor names each check with its grade`() throws {
    let printed = htrctl(["doctor", "--json"], home: home, environment: ["PATH": "/usr/bin:/bin"])
    let checks = try JSON(parsing: printed.output)["Checks"]?.array ?? []
    let grades = Dictionary(uniqueKeysWithValues: checks.map { ($0["Check"]?.string ?? "", $0["Grade"]?.string ?? "") })
    #expect(grades["home"] == "ok" && grades["htrd"] == "warn" && grades["socket path"] == "ok")
    #expect(checks.allSatisfy { $0["Grade"] == "ok" || $0["Advice"] != nil || $0["Check"] == "free space" })
  }
}

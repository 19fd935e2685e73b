import HostKit
import JSONKit
import Testing

@testable import Commands

/// The verbs about endpoints and models that are there.
@Suite(.timeLimit(.minutes(1)))
struct EndpointVerbTests {
  let folder: ScratchFolder
  let home: String

  init() throws {
    folder = try ScratchFolder()
    home = folder.path
  }

  func run(_ arguments: String...) -> Printed { htrctl(arguments, home: home, environment: ["TMPDIR": home]) }

  static func variant(_ name: String, count: Int = 1, weight: Double = 1) -> String {
    #"{"VariantName":"\#(name)","DeployedImages":[{"SpecifiedImage":"htr/page"}],"CurrentWeight":\#(weight),"DesiredWeight":\#(weight),"CurrentInstanceCount":\#(count),"DesiredInstanceCount":\#(count)}"#
  }

  // MARK: Waiting

  @Test func `a wait tells what is waited for and ends with the service`() throws {
    let daemon = try FakeServing(home) {
      $0.endpoints["e"] = [
        FakeServing.record("e", "Creating", version: 1, htr: #","WaitingFor":"worker i-1: no answer to /ping""#),
        FakeServing.record("e", "InService", version: 2),
      ]
    }
    let printed = run("wait", "endpoint", "e", "--timeout", "30")
    #expect(printed.status == 0)
    #expect(printed.notes == "[e] Creating: worker i-1: no answer to /ping\n")
    #expect(printed.output.hasPrefix("endpoint  e\nstatus    InService after"))
    #expect(
      daemon.requests.map(\.target) == ["/htr/v1/endpoints/e", "/htr/v1/endpoints/e?version=1&timeout=30"])
  }

  @Test(
    arguments: [
      ("in-service", ["Failed"], 1), ("in-service", ["Deleting"], 1), ("in-service", ["Creating", ""], 1),
      ("in-service", [""], 2), ("deleted", ["Deleting", ""], 0), ("deleted", [""], 0), ("deleted", ["Failed"], 1),
      ("deleted", ["InService"], 4), ("in-service", ["Creating"], 4),
    ] as [(String, [String], Int32)])
  func `a wait ends with the status that fits`(goal: String, course: [String], status: Int32) throws {
    let daemon = try FakeServing(home) {
      $0.endpoints["e"] = course.enumerated().map {
        $1.isEmpty ? "" : FakeServing.record("e", $1, version: $0 + 1)
      }
    }
    let timeout = status == 4 ? ["--timeout", "0"] : []
    let printed = htrctl(["wait", "endpoint", "e", "--for", goal] + timeout, home: home)
    #expect(printed.status == status, "\(printed.notes)")
    if status == 4 { #expect(printed.notes.contains("timed out after 0.0 s. It is \(course[0])")) }
    if status == 2 { #expect(printed.notes.contains("there is no endpoint of this name")) }
    #expect(!daemon.requests.isEmpty)
  }

  @Test func `a goal that nobody knows is refused`() throws {
    #expect(run("wait", "endpoint", "e", "--for", "serving").status == 2)
    #expect(run("wait", "endpoint", "e", "--for", "christmas").status == 2)
  }

  // MARK: Updates

  @Test func `an update keeps what the variant has, and makes a model and a configuration`() throws {
    let daemon = try FakeServing(home) {
      $0.jobs["j"] = FakeServing.job("j")
      $0.models["old"] = [:]
      $0.configs["c"] = [
        "ProductionVariants": [
          ["VariantName": "main", "ModelName": "old", "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"]
        ]
      ]
      $0.endpoints["e"] = [
        FakeServing.record("e", "InService", config: "c", variants: Self.variant("main", count: 3, weight: 0.5))
      ]
      $0.course = ["Updating", "InService"]
    }
    let printed = run("update", "e", "j", "--startup-timeout", "60")
    #expect(printed.status == 0, "\(printed.notes)")
    let variants = try #require(try daemon.call("CreateEndpointConfig")["ProductionVariants"]?.array)
    #expect(variants.count == 1)
    #expect(
      variants[0]["VariantName"] == "main" && variants[0]["ModelName"] == "j"
        && variants[0]["InitialInstanceCount"] == 3 && variants[0]["InstanceType"] == "ml.m5.large"
        && variants[0]["InitialVariantWeight"]?.number == 0.5)
    let config = try #require(try daemon.call("UpdateEndpoint")["EndpointConfigName"]?.string)
    #expect(config.hasPrefix("e-20") && daemon.configs == ["c", config].sorted())
  }

  @Test func `a new variant stands beside those there are`() throws {
    let daemon = try FakeServing(home) {
      $0.jobs["j"] = FakeServing.job("j")
      $0.configs["c"] = [
        "ProductionVariants": [["VariantName": "main", "ModelName": "old", "InitialVariantWeight": 1]]
      ]
      $0.endpoints["e"] = [
        FakeServing.record("e", "InService", config: "c", variants: Self.variant("main", weight: 0.75))
      ]
    }
    #expect(run("update", "e", "j", "--variant", "canary", "--weight", "0.25", "--no-wait").status == 0)
    let variants = try #require(try daemon.call("CreateEndpointConfig")["ProductionVariants"]?.array)
    #expect(variants.map { $0["ModelName"]?.string } == ["old", "j"])
    #expect(variants.map { $0["InitialVariantWeight"]?.number } == [0.75, 0.25])
  }

  @Test func `a roll-back ends with 1, says that the old version serves, and leaves nothing behind`() throws {
    let back = FakeServing.record("e", "InService", version: 9, config: "c", more: #","FailureReason":"no weights""#)
    let daemon = try FakeServing(home) {
      $0.jobs["j"] = FakeServing.job("j")
      $0.configs["c"] = ["ProductionVariants": [["VariantName": "AllTraffic", "ModelName": "old"]]]
      $0.endpoints["e"] = [FakeServing.record("e", "InService", config: "c")]
      $0.course = ["Updating", back]
    }
    let printed = run("update", "e", "j")
    #expect(printed.status == 1)
    #expect(
      printed.notes.contains("the new version did not get in service: no weights. The old version (c) still serves."))
    #expect(daemon.models.isEmpty && daemon.configs == ["c"] && daemon.endpoints == ["e"])
  }

  @Test(arguments: [
    ("Creating", "Wait for it"), ("Failed", "can only be deleted"), ("Deleting", "Deploy it anew"), ("", "no endpoint"),
  ])
  func `an endpoint that cannot be changed now is told before anything is made`(status: String, text: String) throws {
    let daemon = try FakeServing(home) {
      $0.jobs["j"] = FakeServing.job("j")
      $0.endpoints["e"] = [status.isEmpty ? "" : FakeServing.record("e", status)]
    }
    for printed in [run("update", "e", "j"), run("scale", "e", "2")] {
      #expect(printed.status == 2 && printed.notes.contains(text))
    }
    #expect(daemon.models.isEmpty)
  }

  @Test func `several variants without a name are asked about`() throws {
    let daemon = try FakeServing(home) {
      $0.jobs["j"] = FakeServing.job("j")
      $0.endpoints["e"] = [
        FakeServing.record("e", "InService", variants: Self.variant("a") + "," + Self.variant("b"))
      ]
    }
    #expect(run("update", "e", "j").notes.contains("Say which one to change: --variant a, --variant b."))
    #expect(run("scale", "e", "2").notes.contains("Say which one: --variant a, --variant b."))
    // Its configuration is gone: what the other variant serves cannot be told any more.
    #expect(run("update", "e", "j", "--variant", "a").notes.contains("was deleted"))
    #expect(daemon.models.isEmpty)
  }

  @Test func `workers and weights are changed in one request`() throws {
    let daemon = try FakeServing(home) {
      $0.endpoints["e"] = [
        FakeServing.record("e", "InService", variants: Self.variant("a") + "," + Self.variant("b"))
      ]
    }
    let printed = run("scale", "e", "4", "--variant", "b", "--weight", "a=0.9", "--weight", "b=0.1")
    #expect(printed.status == 0, "\(printed.notes)")
    #expect(
      try daemon.call("UpdateEndpointWeightsAndCapacities") == [
        "EndpointName": "e",
        "DesiredWeightsAndCapacities": [
          ["VariantName": "a", "DesiredWeight": 0.9],
          ["VariantName": "b", "DesiredWeight": 0.1, "DesiredInstanceCount": 4],
        ],
      ])
    #expect(run("scale", "e", "--weight", "z=1").notes.contains("it has no variant z. It has: a, b."))
    #expect(run("scale", "e", "--weight", "a=heavy").status == 2)
    #expect(run("scale", "e").status == 2)
    #expect(run("scale", "e", "0").status == 2)
  }

  @Test func `a change of size that failed ends with 1`() throws {
    let daemon = try FakeServing(home) {
      $0.endpoints["e"] = [
        FakeServing.record("e", "InService"),
        FakeServing.record("e", "InService", version: 2, more: #","FailureReason":"no memory left""#),
      ]
    }
    let printed = run("scale", "e", "64")
    #expect(
      printed.status == 1 && printed.notes.contains("no memory left. The endpoint goes on with the workers it had."))
    #expect(daemon.actions() == ["UpdateEndpointWeightsAndCapacities"])
  }

  // MARK: Lists and descriptions

  @Test func `lists are narrowed as those of jobs are`() throws {
    let daemon = try FakeServing(home) {
      $0.endpoints["e"] = [FakeServing.record("e", "InService")]
      $0.models["m"] = [:]
    }
    let printed = run("endpoints", "--status", "InService", "--name-contains", "e", "--created-after", "2h")
    #expect(printed.status == 0 && printed.output.hasPrefix("NAME  STATUS  CREATED  CHANGED\ne"))
    let filter = try daemon.call("ListEndpoints")
    #expect(
      filter["StatusEquals"] == "InService" && filter["NameContains"] == "e" && filter["SortOrder"] == "Descending"
        && filter["CreationTimeAfter"]?.number != nil)
    #expect(run("models").output == "NAME  CREATED\nm\n")
    #expect(run("models", "--json").output == #"{"Models":[{"ModelName":"m"}]}"# + "\n")
    #expect(run("models", "--status", "InService").status == 2)
  }

  @Test func `an endpoint is described with its variants and workers`() throws {
    let daemon = try FakeServing(home) {
      $0.endpoints["e"] = [
        FakeServing.record(
          "e", "Updating",
          htr:
            #","WaitingFor":"i-2","Workers":[{"Variant":"AllTraffic","Instance":"i-1","State":"Ready","Pid":7,"Restarts":2,"LastEnd":"signal 9","LogPath":"/h/log","ReadySeconds":0.125}]"#
        )
      ]
    }
    let printed = run("describe", "endpoint", "e")
    #expect(printed.status == 0 && !daemon.requests.isEmpty)
    for text in ["waiting for  i-2", "AllTraffic  htr/page       1          1", "i-1       AllTraffic  Ready    7"] {
      #expect(printed.output.contains(text), "\(printed.output)")
    }
    #expect(printed.output.contains("0.13 s         2  signal 9"), "\(printed.output)")
    #expect(printed.output.contains("Logs\n  i-1  /h/log\n"))
    let json = try JSON(parsing: run("describe", "endpoint", "e", "--json").output)
    #expect(json["EndpointStatus"] == "Updating" && json["Htr"]?["WaitingFor"] == "i-2")
    #expect(run("describe", "endpoint", "f").status == 2)
  }

  @Test func `a model is described with its containers; a job without a kind as before`() throws {
    let daemon = try FakeServing(home) {
      $0.models["m"] = [
        "ModelName": "m", "Containers": [["Image": "htr/a", "ModelDataUrl": "s3://b/k"], ["Image": "htr/b"]],
      ]
      $0.jobs["j"] = FakeServing.job("j")
    }
    let printed = run("describe", "model", "m")
    #expect(printed.output.contains("Container 2\n  image  htr/b\n") && printed.output.contains("s3://b/k"))
    #expect(run("describe", "j").output.hasPrefix("j\n") && run("describe", "job", "j").output.hasPrefix("j\n"))
    #expect(!daemon.requests.isEmpty)
  }

  // MARK: Logs

  @Test func `a log is that of the first worker, named once and for all`() throws {
    let daemon = try FakeServing(home) {
      $0.endpoints["e"] = [
        FakeServing.record(
          "e", "InService", htr: #","Workers":[{"Variant":"a","Instance":"i-1"},{"Variant":"b","Instance":"i-2"}]"#)
      ]
    }
    #expect(run("logs", "endpoint", "e").output == "loading\nTraceback: no weights\n")
    #expect(run("logs", "endpoint", "e", "--variant", "b", "--tail", "1").output == "Traceback: no weights\n")
    #expect(run("logs", "endpoint", "e", "--instance", "i-gone").status == 0)
    #expect(
      daemon.requests.map(\.target).filter { $0.contains("/log") } == [
        "/htr/v1/endpoints/e/log?variant=a&instance=i-1&offset=0&follow=false",
        "/htr/v1/endpoints/e/log?variant=b&instance=i-2&offset=0&follow=false",
        "/htr/v1/endpoints/e/log?instance=i-gone&offset=0&follow=false",
      ])
  }

  @Test func `following a log ends with the endpoint`() throws {
    let daemon = try FakeServing(home) {
      $0.endpoints["e"] = [FakeServing.record("e", "InService"), ""]
    }
    let printed = run("logs", "endpoint", "e", "--follow")
    #expect(printed.status == 0 && printed.output == "loading\nTraceback: no weights\n")
    #expect(daemon.requests.last?.target == "/htr/v1/endpoints/e")
  }

  // MARK: Deleting

  @Test func `deleting waits, and takes along what nobody else uses`() throws {
    let daemon = try FakeServing(home) {
      $0.models = ["m1": [:], "m2": [:]]
      $0.configs["c"] = [
        "ProductionVariants": [["ModelName": "m1"], ["ModelName": "m2"]]
      ]
      $0.configs["other"] = ["ProductionVariants": [["ModelName": "m2"]]]
      $0.endpoints["e"] = [FakeServing.record("e", "InService", config: "c")]
      $0.endpoints["f"] = [FakeServing.record("f", "InService", config: "other")]
    }
    let printed = run("delete", "endpoint", "e", "--all", "--wait")
    #expect(printed.status == 0 && printed.output == "e  deleted\n")
    #expect(daemon.models == ["m2"] && daemon.configs == ["other"] && daemon.endpoints == ["f"])
    #expect(printed.notes.contains("model m2 stays: configuration other uses it"))
  }

  @Test func `a configuration that another endpoint uses stays, and so do its models`() throws {
    let daemon = try FakeServing(home) {
      $0.models = ["m": [:]]
      $0.configs["c"] = ["ProductionVariants": [["ModelName": "m"]]]
      for name in ["e", "f"] { $0.endpoints[name] = [FakeServing.record(name, "InService", config: "c")] }
    }
    let printed = run("delete", "endpoint", "e", "--all")
    #expect(printed.status == 0 && printed.notes.contains("configuration c stays: endpoint f uses it"))
    #expect(daemon.models == ["m"] && daemon.configs == ["c"])
  }

  @Test func `one that cannot be deleted does not keep the others`() throws {
    let daemon = try FakeServing(home) { $0.endpoints["e"] = [FakeServing.record("e", "Failed")] }
    let printed = run("delete", "endpoint", "none", "e")
    #expect(printed.status == 2 && printed.output == "e  deleted\n")
    #expect(printed.notes.contains("endpoint none: ValidationException: Could not find endpoint"))
    #expect(run("delete", "model", "m").output == "m  deleted\n")
    #expect(daemon.actions().last == "DeleteModel")
  }
}

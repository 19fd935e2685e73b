import ArgumentParser
import Client
import HostKit
import JSONKit
import Testing

@testable import Commands

struct TrainingRequestTests {
  static let environment = DaemonEnvironment(
    endpointURL: "http://127.0.0.1:8770", accessKeyId: "AK", secretAccessKey: "sk", region: "us-east-1",
    accountId: "123456789012", defaultBucket: "bucket")

  func request(_ flags: [String], file: JobFile? = nil) throws -> TrainingRequest {
    TrainingRequest(
      options: try FitOptions.parse(flags), file: file, environment: Self.environment,
      now: Timestamp(milliseconds: 1_782_907_203_045))
  }

  func file(_ text: String) throws -> JobFile {
    try JobFile(path: "/jobs/demo.yaml", text: text, template: Template(settings: [], environment: [:]))
  }

  @Test func `script mode is sent as the SDK sends it`() throws {
    let request = try request([
      "--base-name", "hand", "--entry-point", "train.py", "--input", "train=/etc", "--input", "test=s3://b/k",
      "--hyperparameter", "epochs=3", "--hyperparameter", "backbone=resnet 34", "--hyperparameter", "flag=true",
      "--hyperparameter", "sizes=[1, 2]", "--metric", "loss=loss: ([0-9.]+)", "--max-runtime", "60",
      "--env", "A=b=c", "--tag", "team=x", "--priority", "-5", "--retries", "2", "--checkpoint", "/var/ckpt",
      "--input-mode", "FastFile",
    ])
    #expect(request.name == "hand-2026-07-01-12-00-03-045")
    let body = try request.body(name: request.name, source: ("train.py", "s3://bucket/hand/source/sourcedir.tar.gz"))
    #expect(
      body.prettyText == """
        {
          "TrainingJobName": "hand-2026-07-01-12-00-03-045",
          "AlgorithmSpecification": {
            "TrainingImage": "htr/script:python3",
            "TrainingInputMode": "FastFile",
            "MetricDefinitions": [
              {
                "Name": "loss",
                "Regex": "loss: ([0-9.]+)"
              }
            ]
          },
          "RoleArn": "arn:aws:iam::123456789012:role/htr",
          "InputDataConfig": [
            {
              "ChannelName": "train",
              "DataSource": {
                "S3DataSource": {
                  "S3DataType": "S3Prefix",
                  "S3Uri": "file:///etc",
                  "S3DataDistributionType": "FullyReplicated"
                }
              }
            },
            {
              "ChannelName": "test",
              "DataSource": {
                "S3DataSource": {
                  "S3DataType": "S3Prefix",
                  "S3Uri": "s3://b/k",
                  "S3DataDistributionType": "FullyReplicated"
                }
              }
            }
          ],
          "OutputDataConfig": {
            "S3OutputPath": "s3://bucket/"
          },
          "CheckpointConfig": {
            "S3Uri": "file:///var/ckpt"
          },
          "ResourceConfig": {
            "InstanceType": "local",
            "InstanceCount": 1,
            "VolumeSizeInGB": 1
          },
          "StoppingCondition": {
            "MaxRuntimeInSeconds": 60
          },
          "RetryStrategy": {
            "MaximumRetryAttempts": 2
          },
          "HyperParameters": {
            "epochs": "3",
            "backbone": "\\"resnet 34\\"",
            "flag": "true",
            "sizes": "[1, 2]",
            "sagemaker_program": "\\"train.py\\"",
            "sagemaker_submit_directory": "\\"s3://bucket/hand/source/sourcedir.tar.gz\\"",
            "sagemaker_container_log_level": "20",
            "sagemaker_job_name": "\\"hand-2026-07-01-12-00-03-045\\"",
            "sagemaker_region": "\\"us-east-1\\""
          },
          "Environment": {
            "A": "b=c"
          },
          "Tags": [
            {
              "Key": "team",
              "Value": "x"
            },
            {
              "Key": "htr:priority",
              "Value": "-5"
            }
          ]
        }
        """)
  }

  @Test func `an algorithm's hyperparameters are sent as they are`() throws {
    let body = try request(["--name", "a", "--algorithm", "mock", "--hyperparameter", "text=x y"])
      .body(name: "a", source: nil)
    #expect(body["AlgorithmSpecification"] == ["AlgorithmName": "mock", "TrainingInputMode": "File"])
    #expect(body["HyperParameters"] == ["text": "x y"])
  }

  @Test func `a command keeps its words`() throws {
    let body = try request(["--name", "a", "--command", "--", "/bin/echo", "--name", "x y"])
      .body(name: "a", source: nil)
    #expect(body["AlgorithmSpecification"]?["TrainingImage"] == "htr/command")
    #expect(body["AlgorithmSpecification"]?["ContainerEntrypoint"] == ["/bin/echo"])
    #expect(body["AlgorithmSpecification"]?["ContainerArguments"] == ["--name", "x y"])
  }

  @Test func `flags override the members of a job file and leave the others`() throws {
    let file = try file(
      """
      TrainingJobName: from-file
      AlgorithmSpecification:
        AlgorithmName: mock
        TrainingInputMode: File
        MetricDefinitions: [{Name: loss, Regex: old}, {Name: acc, Regex: kept}]
      InputDataConfig:
        - ChannelName: train
          DataSource: {S3DataSource: {S3DataType: S3Prefix, S3Uri: lines}}
      HyperParameters: {epochs: 3, flag: true, name: x}
      Environment: {THREADS: 2}
      Tags: [{Key: a, Value: b}]
      VpcConfig: {Subnets: [s]}
      """)
    let body = try request(
      ["--metric", "loss=new", "--hyperparameter", "epochs=5", "--tag", "a=c"], file: file
    ).body(name: "from-file", source: nil)
    #expect(try request([], file: file).name == "from-file")
    #expect(
      body["AlgorithmSpecification"]?["MetricDefinitions"] == [
        ["Name": "acc", "Regex": "kept"], ["Name": "loss", "Regex": "new"],
      ])
    #expect(body["HyperParameters"] == ["epochs": "5", "flag": "true", "name": "x"])
    #expect(body["Environment"] == ["THREADS": "2"])
    #expect(body["Tags"] == [["Key": "a", "Value": "c"]])
    #expect(body["VpcConfig"] == ["Subnets": ["s"]])
    #expect(
      body["InputDataConfig"]?[0]?["DataSource"]?["S3DataSource"]?["S3Uri"] == "file:///jobs/lines")
  }

  @Test func `a script-mode job file names its sources from its own folder`() throws {
    let file = try file("HyperParameters: {sagemaker_program: train.py, sagemaker_submit_directory: src}")
    let request = try request(["--hyperparameter", "name=x y"], file: file)
    let sources = try #require(request.filedSources)
    #expect(sources == ("train.py", "/jobs/src"))
    let body = try request.body(name: "a", source: ("train.py", "s3://b/k"))
    #expect(body["HyperParameters"]?["sagemaker_submit_directory"] == "\"s3://b/k\"")
    #expect(body["HyperParameters"]?["name"] == "\"x y\"")
    let stored = try self.file(
      #"HyperParameters: {sagemaker_program: '"t.py"', sagemaker_submit_directory: '"s3://b/k"'}"#)
    #expect(try self.request([], file: stored).filedSources == nil)
  }

  @Test(arguments: [
    (["--name", "n"], "n"), (["--algorithm", "mock"], "mock-2026-07-01-12-00-03-045"),
    (["--entry-point", "src/train_it.py"], "train-it-2026-07-01-12-00-03-045"),
    (["--", "/bin/true"], "true-2026-07-01-12-00-03-045"), (["--", "..."], "job-2026-07-01-12-00-03-045"),
  ])
  func `a job without a name is named after what it runs`(flags: [String], name: String) throws {
    #expect(try request(flags).name == name)
  }

  @Test(arguments: [
    ["--entry-point", "a.py", "--algorithm", "mock"], ["--name", "a", "--base-name", "b"], ["--command"],
    ["--source-dir", "x"], ["--priority", "101"], ["--retries", "31"], ["--max-runtime", "0"],
    ["--input", "noequals"], ["--metric", "=x"],
  ])
  func `flags that contradict each other are refused`(flags: [String]) {
    #expect(throws: (any Error).self) { try FitOptions.parse(flags) }
  }

  @Test func `an input that does not exist is refused before anything is sent`() throws {
    let request = try request(["--algorithm", "mock", "--input", "train=/nonexistent/folder"])
    #expect(throws: Failure.self) { try request.body(name: "a", source: nil) }
  }

  @Test func `sources are the folder's contents with each dependency beside them`() throws {
    let folder = try ScratchFolder()
    try folder.write("src/train.py", "")
    try folder.write("utils/a.py", "")
    let bundle = try SourceBundle(
      entryPoint: "train.py", sourceFolder: "src", dependencies: ["utils"], from: folder.path)
    #expect(bundle.program == "train.py")
    #expect(
      bundle.members == [
        .init(name: "", path: "\(folder.path)/src"), .init(name: "utils", path: "\(folder.path)/utils"),
      ])
    let alone = try SourceBundle(entryPoint: "src/train.py", sourceFolder: nil, dependencies: [], from: folder.path)
    #expect(alone.program == "train.py")
    #expect(throws: Failure.self) {
      try SourceBundle(entryPoint: "gone.py", sourceFolder: "src", dependencies: [], from: folder.path)
    }
    #expect(throws: Failure.self) {
      try SourceBundle(
        entryPoint: "train.py", sourceFolder: "src", dependencies: ["utils", "src/../utils"], from: folder.path)
    }
  }
}

import HostKit
import JSONKit
import TestKit

/// Bodies of CreateTrainingJob.
enum JobRequest {
  static func make(
    _ name: String, algorithm: JSON, _ change: (inout JSON.Object) -> Void = { _ in }
  ) -> JSON {
    var request = JSON.Object([
      ("TrainingJobName", .string(name)), ("AlgorithmSpecification", algorithm),
      ("RoleArn", "arn:aws:iam::000000000000:role/htr"),
      ("OutputDataConfig", ["S3OutputPath": "s3://htr/"]),
      ("ResourceConfig", ["InstanceType": "local", "InstanceCount": 1, "VolumeSizeInGB": 1]),
      ("StoppingCondition", ["MaxRuntimeInSeconds": 600]),
    ])
    change(&request)
    return .object(request)
  }

  static func mock(
    _ name: String, _ hyperparameters: [String: String] = [:],
    _ change: (inout JSON.Object) -> Void = { _ in }
  ) -> JSON {
    make(name, algorithm: ["AlgorithmName": "mock", "TrainingInputMode": "File"]) { request in
      if !hyperparameters.isEmpty { request["HyperParameters"] = .strings(hyperparameters) }
      change(&request)
    }
  }

  /// A mock job that goes on until somebody stops it.
  static func endless(
    _ name: String, _ hyperparameters: [String: String] = [:],
    _ change: (inout JSON.Object) -> Void = { _ in }
  ) -> JSON {
    mock(name, hyperparameters.merging(["hang-at-epoch": "1"]) { _, ours in ours }, change)
  }

  static func command(
    _ name: String, _ words: [String], _ change: (inout JSON.Object) -> Void = { _ in }
  ) -> JSON {
    make(
      name,
      algorithm: [
        "TrainingImage": "htr/command", "TrainingInputMode": "File",
        "ContainerEntrypoint": .array(words.map { .string($0) }),
      ], change)
  }

  static func channel(_ name: String, _ uri: String) -> JSON {
    [
      "ChannelName": .string(name),
      "DataSource": [
        "S3DataSource": [
          "S3DataType": "S3Prefix", "S3Uri": .string(uri), "S3DataDistributionType": "FullyReplicated",
        ]
      ],
    ]
  }
}

extension DaemonFixture {
  func create(_ request: JSON) async throws {
    try await call("CreateTrainingJob", request)
  }

  /// A shell script in the test's folder; commands of requests are too short to hold one.
  func script(_ text: String, name: String = "worker.sh") throws -> [String] {
    let path = "\(folder)/\(name)"
    try Files.write(text, to: path, durable: false)
    return ["/bin/sh", path]
  }

  /// Runs a program of the system to its end; its output as text.
  func tool(_ name: String, _ arguments: String...) async throws -> String {
    guard let program = Programs.installed(name) else { throw SystemError("run", name, code: 2) }
    let finished = try await finish(ChildProcess(program, arguments, environment: environment))
    guard finished.code == 0 else { throw ToolFailure(command: "\(name) \(arguments)", errors: finished.errors) }
    return finished.output
  }

  func sha256(_ path: String) async throws -> String {
    String(try await tool("sha256sum", path).prefix(64))
  }

  /// The members of an archive: path → content. Folders end with `/` and are empty.
  func members(ofArchive path: String) async throws -> [String: String] {
    var members: [String: String] = [:]
    for name in try await tool("tar", "-tzf", path).split(separator: "\n").map(String.init) {
      members[name] = name.hasSuffix("/") ? "" : try await tool("tar", "-xzOf", path, name)
    }
    return members
  }
}

struct ToolFailure: Error, CustomStringConvertible {
  let command: String
  let errors: String
  var description: String { "\(command) failed: \(errors)" }
}

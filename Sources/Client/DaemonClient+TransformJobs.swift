public import JSONKit

/// A transform job as the daemon knows it now.
public struct TransformJobRecord: Sendable, Equatable {
  /// Grows with each change of the record; its objects' progress is none.
  public let version: Int64
  /// The shape of DescribeTransformJob.
  public let job: JSON
  /// What only htr knows: progress, workers, where the log is.
  public let htr: JSON

  public init(version: Int64, job: JSON, htr: JSON) {
    self.version = version
    self.job = job
    self.htr = htr
  }

  public var name: String { job["TransformJobName"]?.string ?? "" }
  public var status: String { job["TransformJobStatus"]?.string ?? "" }
  public var failureReason: String? { job["FailureReason"]?.string }
  public var outputPath: String { job["TransformOutput"]?["S3OutputPath"]?.string ?? "" }
  public var hasEnded: Bool { endedStatuses.contains(status) }
  public var workers: [EndpointWorker] { (htr["Workers"]?.array ?? []).map(EndpointWorker.init) }

  /// Input objects: all, done and failed; nil before they are counted.
  public var objects: (total: Int64, done: Int64, failed: Int64)? {
    guard let objects = htr["Objects"], let total = objects["Total"]?.integer, let done = objects["Done"]?.integer,
      let failed = objects["Failed"]?.integer
    else { return nil }
    return (total, done, failed)
  }

  /// The job's members with htr's own under `Htr`: what `--output json` prints.
  public var described: JSON {
    guard var members = job.object else { return job }
    members["Htr"] = htr
    return .object(members)
  }
}

/// An object below the output path of a transform job.
public struct TransformOutput: Sendable, Equatable {
  /// Below the output path.
  public let name: String
  /// Where its bytes lie on this machine.
  public let path: String
}

extension DaemonClient {
  /// A job's record; with `version`, as soon as it is newer than that or after `timeoutSeconds`.
  /// - Throws: `ServiceError` that `isMissing` for an unknown one.
  public func transformJob(
    _ name: String, newerThan version: Int64? = nil, timeoutSeconds: Int = 30
  ) throws -> TransformJobRecord {
    var path = transformJobPath(name)
    if let version { path += "?version=\(version)&timeout=\(timeoutSeconds)" }
    let answer = try get(path, timeoutSeconds: timeoutSeconds + 30)
    guard let version = answer["Version"]?.integer, let job = answer["TransformJob"] else {
      throw ClientError.malformed(reason: "no Version or TransformJob in the record of \(name)")
    }
    return TransformJobRecord(version: version, job: job, htr: answer["Htr"] ?? .object(.init()))
  }

  /// What happened to a job: objects with `At` (epoch seconds), `Kind` and `Detail`.
  public func events(ofTransformJob name: String) throws -> [JSON] {
    try get("\(transformJobPath(name))/events")["Events"]?.array ?? []
  }

  /// Some of the objects below the job's output path, in the order of their names: those behind `after`. None: no more.
  public func outputs(ofTransformJob name: String, after: String) throws -> [TransformOutput] {
    let answer = try get("\(transformJobPath(name))/outputs?after=\(percentEncoded(after))")
    return (answer["Outputs"]?.array ?? []).compactMap { output in
      guard let name = output["Name"]?.string, let path = output["Path"]?.string else { return nil }
      return TransformOutput(name: name, path: path)
    }
  }

  func transformJobPath(_ name: String) -> String { "/htr/v1/transform-jobs/\(percentEncoded(name))" }
}

public import JSONKit

/// The statuses after which a training job never changes again.
public let endedStatuses: Set<String> = ["Completed", "Failed", "Stopped"]

/// A training job as the daemon knows it now.
public struct TrainingJobRecord: Sendable, Equatable {
  /// Grows with each change of the record.
  public let version: Int64
  /// The shape of DescribeTrainingJob.
  public let job: JSON
  /// What only htr knows: resources, attempts, digests, why the job is pending.
  public let htr: JSON

  public init(version: Int64, job: JSON, htr: JSON) {
    self.version = version
    self.job = job
    self.htr = htr
  }

  public var name: String { job["TrainingJobName"]?.string ?? "" }
  public var status: String { job["TrainingJobStatus"]?.string ?? "" }
  public var secondaryStatus: String { job["SecondaryStatus"]?.string ?? "" }
  public var hasEnded: Bool { endedStatuses.contains(status) }

  /// The job's members with htr's own under `Htr`: what `--output json` prints.
  public var described: JSON {
    guard var members = job.object else { return job }
    members["Htr"] = htr
    return .object(members)
  }
}

/// One row of an answer to a wait.
public struct WaitedJob: Sendable, Equatable {
  public let name: String
  public let status: String
  public let secondaryStatus: String
  public let failureReason: String?

  public var hasEnded: Bool { endedStatuses.contains(status) }
}

/// The values of one metric, in order of time.
public struct MetricSeries: Sendable, Equatable {
  public struct Point: Sendable, Equatable {
    /// Epoch seconds.
    public let time: Double
    public let value: Double

    public init(time: Double, value: Double) {
      self.time = time
      self.value = value
    }
  }

  public let name: String
  public let points: [Point]

  public init(name: String, points: [Point]) {
    self.name = name
    self.points = points
  }
}

extension DaemonClient {
  /// A job's record; with `version`, as soon as it is newer than that or after `timeoutSeconds`.
  public func trainingJob(
    _ name: String, newerThan version: Int64? = nil, timeoutSeconds: Int = 30
  ) throws -> TrainingJobRecord {
    var path = trainingJobPath(name)
    if let version { path += "?version=\(version)&timeout=\(timeoutSeconds)" }
    let answer = try get(path, timeoutSeconds: timeoutSeconds + 30)
    guard let version = answer["Version"]?.integer, let job = answer["TrainingJob"] else {
      throw ClientError.malformed(reason: "no Version or TrainingJob in the record of \(name)")
    }
    return TrainingJobRecord(
      version: version, job: job, htr: answer["Htr"] ?? .object(.init()))
  }

  /// Waits at most `timeoutSeconds` (0...300) until one or all of the jobs have ended.
  public func wait(
    for names: [String], any: Bool, timeoutSeconds: Int
  ) throws -> (isDone: Bool, jobs: [WaitedJob]) {
    let answer = try post(
      "/htr/v1/training-jobs/wait",
      [
        "TrainingJobNames": .array(names.map { .string($0) }), "Mode": any ? "any" : "all",
        "TimeoutSeconds": .integer(Int64(timeoutSeconds)),
      ], timeoutSeconds: timeoutSeconds + 30)
    guard let isDone = answer["Done"]?.bool, let rows = answer["TrainingJobs"]?.array else {
      throw ClientError.malformed(reason: "no Done or TrainingJobs in the answer to a wait")
    }
    let jobs = rows.map {
      WaitedJob(
        name: $0["TrainingJobName"]?.string ?? "", status: $0["TrainingJobStatus"]?.string ?? "",
        secondaryStatus: $0["SecondaryStatus"]?.string ?? "",
        failureReason: $0["FailureReason"]?.string)
    }
    return (isDone, jobs)
  }

  public func metrics(of name: String) throws -> [MetricSeries] {
    let answer = try get("\(trainingJobPath(name))/metrics")
    return (answer["Metrics"]?.array ?? []).map { series in
      let points = (series["Points"]?.array ?? []).compactMap { point -> MetricSeries.Point? in
        guard let time = point[0]?.number, let value = point[1]?.number else { return nil }
        return MetricSeries.Point(time: time, value: value)
      }
      return MetricSeries(name: series["MetricName"]?.string ?? "", points: points)
    }
  }

  /// What happened to a job: objects with `At` (epoch seconds), `Kind` and `Detail`.
  public func events(of name: String) throws -> [JSON] {
    try get("\(trainingJobPath(name))/events")["Events"]?.array ?? []
  }

  func trainingJobPath(_ name: String) -> String {
    "/htr/v1/training-jobs/\(percentEncoded(name))"
  }

  func get(_ path: String, timeoutSeconds: Int = 60) throws -> JSON {
    try Self.json(of: send("GET", path, timeoutSeconds: timeoutSeconds))
  }

  func post(_ path: String, _ input: JSON, timeoutSeconds: Int) throws -> JSON {
    try Self.json(
      of: send(
        "POST", path, headers: [("Content-Type", "application/json")], body: .bytes(input.bytes),
        timeoutSeconds: timeoutSeconds))
  }
}

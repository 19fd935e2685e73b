public import Client
public import HostKit
public import JSONKit

/// What a test does with its daemon.
extension DaemonFixture {
  // MARK: Failpoints

  var failpoints: String { "\(folder)/failpoints" }

  /// Lets the next process that comes by the point die there.
  public func arm(_ point: Failpoint) throws {
    try Files.write("", to: "\(failpoints)/\(point.rawValue)", durable: false)
  }

  public func hasFired(_ point: Failpoint) -> Bool { !Files.exists("\(failpoints)/\(point.rawValue)") }

  // MARK: Calls

  /// Calls a SageMaker action over the Unix socket.
  @discardableResult
  public func call(_ action: String, _ input: JSON) async throws -> JSON {
    let client = client
    return try await offPool { try client.call(action, input) }
  }

  public func record(of job: String) async throws -> TrainingJobRecord {
    let client = client
    return try await offPool { try client.persistently { try client.trainingJob(job) } }
  }

  /// Waits, by long polls, until the job's record fits.
  @discardableResult
  public func wait(
    for job: String, _ what: String, within limit: Duration = .seconds(40),
    until fits: @escaping @Sendable (TrainingJobRecord) -> Bool
  ) async throws -> TrainingJobRecord {
    let client = client
    return try await offPool {
      let deadline = ContinuousClock.now + limit
      var record = try client.persistently { try client.trainingJob(job) }
      while !fits(record) {
        guard ContinuousClock.now < deadline, !record.hasEnded else {
          throw Overdue(what: "\(what) of \(job), which is \(record.described.text)")
        }
        let version = record.version
        record = try client.persistently { try client.trainingJob(job, newerThan: version, timeoutSeconds: 5) }
      }
      return record
    }
  }

  @discardableResult
  public func end(of job: String, within limit: Duration = .seconds(40)) async throws -> TrainingJobRecord {
    try await wait(for: job, "the end", within: limit) { $0.hasEnded }
  }

  @discardableResult
  public func training(of job: String) async throws -> TrainingJobRecord {
    try await wait(for: job, "training") { $0.secondaryStatus == "Training" }
  }

  public func logBytes(of job: String, from offset: Int64 = 0) async throws -> [UInt8] {
    let client = client
    return try await offPool {
      var bytes: [UInt8] = []
      try client.log(of: job, from: offset) {
        bytes += $0
        return true
      }
      return bytes
    }
  }

  public func logText(of job: String) async throws -> String {
    String(decoding: try await logBytes(of: job), as: UTF8.self)
  }

  /// All job names on record.
  public func jobNames() async throws -> [String] {
    let rows = try await call("ListTrainingJobs", ["MaxResults": 100])["TrainingJobSummaries"]?.array ?? []
    return rows.compactMap { $0["TrainingJobName"]?.string }
  }

  // MARK: htrctl

  public func startCLI(_ arguments: [String], _ changes: [String: String] = [:]) throws -> ChildProcess {
    try ChildProcess(
      Programs.built("htrctl"), arguments, environment: environment.merging(changes) { _, given in given },
      folder: folder)
  }

  /// Runs `htrctl` to its end.
  public func cli(_ arguments: String..., within limit: Duration = .seconds(40)) async throws -> Finished {
    try await finish(startCLI(arguments), within: limit)
  }

  public func finish(_ process: ChildProcess, within limit: Duration = .seconds(40)) async throws -> Finished {
    let exit = try await process.end(within: limit)
    return Finished(exit: exit, output: process.outputText, errors: process.errorText)
  }
}

/// A program that has run to its end.
public struct Finished: Sendable {
  public let exit: ChildProcess.Exit
  public let output: String
  public let errors: String

  public var code: Int32 { if case .code(let code) = exit { code } else { -1 } }
  public var lastLine: String { output.split(separator: "\n").last.map(String.init) ?? "" }

  /// The last line of its output as JSON.
  public func json() throws -> JSON { try JSON(parsing: lastLine) }
}

public import HostKit
public import JSONKit

/// SageMaker's status of a batch transform job.
public enum TransformJobStatus: String, Sendable, CaseIterable {
  case inProgress = "InProgress"
  case completed = "Completed"
  case failed = "Failed"
  case stopping = "Stopping"
  case stopped = "Stopped"

  /// Nothing changes a job in such a status any more.
  public var isTerminal: Bool {
    switch self {
    case .completed, .failed, .stopped: true
    case .inProgress, .stopping: false
    }
  }
}

/// A batch transform job: each object of an input goes through a model, its answer becomes an object of the output. Only
/// `Lifecycles` changes its status.
public struct TransformJob: Sendable, Equatable {
  /// How many input objects there are and what has become of them.
  public struct Progress: Sendable, Equatable {
    public var total: Int
    public var done: Int
    public var failed: Int

    public init(total: Int = 0, done: Int = 0, failed: Int = 0) {
      self.total = total
      self.done = done
      self.failed = failed
    }
  }

  /// Ordered by creation time.
  public let id: Int64
  public let name: String
  public let region: String
  public let account: String
  /// The CreateTransformJob request.
  public let request: JSON
  /// What the model was when the job was made: it may be deleted while the job runs.
  public let containers: [Model.Container]
  public let createdAt: Timestamp

  public var modifiedAt: Timestamp
  /// Grows with every change; watchers ask for "newer than".
  public var version: Int64 = 1
  public var status: TransformJobStatus = .inProgress
  public var failureReason: String?
  /// When it got its slot.
  public var startedAt: Timestamp?
  public var endedAt: Timestamp?
  /// Whether the list of its inputs is on record: from then on it never changes.
  public var isPlanned = false
  /// While the job runs only `total` counts: the rest is told by its inputs' records.
  public var progress = Progress()

  public init(
    id: Int64, name: String, region: String, account: String, request: JSON, containers: [Model.Container],
    createdAt: Timestamp
  ) {
    self.id = id
    self.name = name
    self.region = region
    self.account = account
    self.request = request
    self.containers = containers
    self.createdAt = createdAt
    modifiedAt = createdAt
  }

  public var arn: AmazonResourceName {
    AmazonResourceName(region: region, account: account, kind: .transformJob, name: name)
  }
}

/// The part of a job that changes, as it is stored.
extension TransformJob {
  public var stateJSON: JSON {
    .members([
      "failureReason": failureReason.map { .string($0) }, "startedAt": startedAt.map { .integer($0.milliseconds) },
      "isPlanned": .bool(isPlanned), "total": .integer(Int64(progress.total)), "done": .integer(Int64(progress.done)),
      "failed": .integer(Int64(progress.failed)),
    ])
  }

  /// Fills the changing part from its stored form; false when it is not such a form.
  public mutating func restoreState(from json: JSON) -> Bool {
    guard let isPlanned = json["isPlanned"]?.bool, let total = json["total"]?.integer,
      let done = json["done"]?.integer, let failed = json["failed"]?.integer
    else { return false }
    self.isPlanned = isPlanned
    progress = Progress(total: Int(total), done: Int(done), failed: Int(failed))
    failureReason = json["failureReason"]?.string
    startedAt = json["startedAt"]?.integer.map(Timestamp.init(milliseconds:))
    return true
  }
}

/// One object that a transform job reads.
public struct TransformInput: Sendable, Equatable {
  /// Its place in the job's list, from 1.
  public let number: Int
  public let bucket: String
  public let key: String
  /// The key of its output, without the output's prefix. No two inputs of a job have the same.
  public let output: String
  /// Bytes when the list was made.
  public let size: Int64

  public init(number: Int, bucket: String, key: String, output: String, size: Int64) {
    self.number = number
    self.bucket = bucket
    self.key = key
    self.output = output
    self.size = size
  }
}

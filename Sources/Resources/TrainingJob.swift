public import HostKit
public import JSONKit

/// A training job: what was asked (`request`) and what is.
///
/// Only `Lifecycles` changes the status; everything else about it is read.
public struct TrainingJob: Sendable, Equatable {
  /// One entry of SageMaker's SecondaryStatusTransitions.
  public struct Transition: Sendable, Equatable {
    public var status: SecondaryStatus
    public var startedAt: Timestamp
    public var endedAt: Timestamp?
    public var message: String

    public init(
      status: SecondaryStatus, startedAt: Timestamp, endedAt: Timestamp? = nil, message: String
    ) {
      self.status = status
      self.startedAt = startedAt
      self.endedAt = endedAt
      self.message = message
    }
  }

  /// One try of the job.
  public struct Attempt: Sendable, Equatable {
    public var number: Int
    /// Names the attempt for ever; processes of it carry it in their environment.
    public var token: String
    public var startedAt: Timestamp?
    public var endedAt: Timestamp?
    public var exitCode: Int?
    public var signal: Int?
    public var cpuSeconds: Double?
    public var peakMemoryBytes: Int64?

    public init(number: Int, token: String) {
      self.number = number
      self.token = token
    }
  }

  /// A published archive.
  public struct Artifact: Sendable, Equatable {
    public var uri: String
    public var path: String
    public var sha256: String
    public var size: Int64

    public init(uri: String, path: String, sha256: String, size: Int64) {
      self.uri = uri
      self.path = path
      self.sha256 = sha256
      self.size = size
    }
  }

  /// Ordered by creation time: the order of arrival.
  public let id: Int64
  public let name: String
  public let region: String
  public let account: String
  /// The CreateTrainingJob request with its defaults filled in.
  public var request: JSON
  public let priority: Int
  /// What the job needs to run, decided at its creation.
  public let demand: ResourceDemand
  public let createdAt: Timestamp

  public var modifiedAt: Timestamp
  /// Grows with every change; watchers ask for "newer than".
  public var version: Int64 = 1
  public var status: TrainingJobStatus = .inProgress
  public var secondaryStatus: SecondaryStatus = .starting
  public var transitions: [Transition] = []
  public var attempts: [Attempt] = []
  public var isStopRequested = false
  /// The job's first worker began.
  public var trainingStartedAt: Timestamp?
  public var endedAt: Timestamp?
  public var failureReason: String?
  public var model: Artifact?
  public var output: Artifact?
  /// Last value of each metric, by name.
  public var finalMetrics: [FinalMetric] = []

  public struct FinalMetric: Sendable, Equatable {
    public var name: String
    public var value: Double
    public var at: Timestamp

    public init(name: String, value: Double, at: Timestamp) {
      self.name = name
      self.value = value
      self.at = at
    }
  }

  public init(
    id: Int64, name: String, region: String, account: String, request: JSON, priority: Int,
    demand: ResourceDemand, createdAt: Timestamp
  ) {
    self.id = id
    self.name = name
    self.region = region
    self.account = account
    self.request = request
    self.priority = priority
    self.demand = demand
    self.createdAt = createdAt
    modifiedAt = createdAt
  }

  public var arn: AmazonResourceName {
    AmazonResourceName(region: region, account: account, kind: .trainingJob, name: name)
  }

  public var currentAttempt: Attempt? { attempts.last }

  /// Seconds that workers have spent on the job so far, all attempts together.
  public func secondsTrained(now: Timestamp) -> Double {
    attempts.reduce(0) { sum, attempt in
      guard let start = attempt.startedAt else { return sum }
      return sum + max(0, (attempt.endedAt ?? now).seconds - start.seconds)
    }
  }
}

/// What a job asks of the machine.
public struct ResourceDemand: Sendable, Equatable {
  public var cpus: Int
  public var memoryBytes: Int64
  public var gpus: Int
  /// Set when less is granted than the instance type names, so that the record says so.
  public var note: String?

  public init(cpus: Int, memoryBytes: Int64, gpus: Int, note: String? = nil) {
    self.cpus = cpus
    self.memoryBytes = memoryBytes
    self.gpus = gpus
    self.note = note
  }
}

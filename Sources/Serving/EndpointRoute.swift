/// Where a worker answers.
public enum WorkerSocket: Sendable, Hashable, CustomStringConvertible {
  case unix(path: String)
  /// A port of 127.0.0.1.
  case port(Int)

  public var description: String {
    switch self {
    case .unix(let path): path
    case .port(let port): "127.0.0.1:\(port)"
    }
  }
}

/// A worker that is ready to answer. A serial pipeline has several stages: the answer of each is the request of the next.
public struct ReadyWorker: Sendable, Hashable {
  /// Unique for ever.
  public let token: String
  public let stages: [WorkerSocket]

  public init(token: String, stages: [WorkerSocket]) {
    self.token = token
    self.stages = stages
  }
}

/// How the requests of one endpoint find their worker: a whole picture that replaces the one before.
public struct EndpointRoute: Sendable, Equatable {
  public struct Variant: Sendable, Equatable {
    public var name: String
    public var weight: Double
    /// Requests that each worker takes at a time; others wait in line.
    public var requestsPerWorker: Int
    /// Seconds from the moment a worker gets a request until it must have answered.
    public var timeoutSeconds: Double
    /// Workers that answer now. None: requests wait for one, as long as waiting is allowed.
    public var workers: [ReadyWorker]

    public init(
      name: String, weight: Double, requestsPerWorker: Int, timeoutSeconds: Double, workers: [ReadyWorker]
    ) {
      self.name = name
      self.weight = weight
      self.requestsPerWorker = requestsPerWorker
      self.timeoutSeconds = timeoutSeconds
      self.workers = workers
    }
  }

  public var endpoint: String
  public var account: String
  /// For the LogStreamArn of model errors.
  public var region: String
  public var variants: [Variant]

  public init(endpoint: String, account: String, region: String, variants: [Variant]) {
    self.endpoint = endpoint
    self.account = account
    self.region = region
    self.variants = variants
  }
}

/// What a worker did wrong, told to whoever looks after it.
public enum WorkerTrouble: Sendable, Equatable {
  /// It did not answer within its time: it hangs.
  case timedOut
  /// The connection broke, or none could be made.
  case disconnected(String)
}

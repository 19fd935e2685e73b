import HostKit
import JSONKit
import Serving

/// One place for a worker in a deployment. Workers come and go in it, one after the other.
struct WorkerPlace: Sendable, Hashable {
  /// Whom a worker works for.
  enum Owner: String, Sendable {
    case endpoint
    case transformJob = "transform-job"
  }

  let owner: Owner
  /// The endpoint's name, or the job's.
  let endpoint: String
  let deployment: Int
  let variant: String
  /// From 1.
  let index: Int

  /// What SageMaker calls the instance: unique within the endpoint for ever.
  var instance: String { "i-\(deployment)-\(index)" }

  init(owner: Owner = .endpoint, endpoint: String, deployment: Int, variant: String, index: Int) {
    self.owner = owner
    self.endpoint = endpoint
    self.deployment = deployment
    self.variant = variant
    self.index = index
  }

  /// From the name of an instance; nil when it is none.
  init?(instance: String, endpoint: String, variant: String) {
    let parts = instance.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0] == "i", let deployment = Int(parts[1]), let index = Int(parts[2]),
      deployment > 0, index > 0
    else { return nil }
    self.init(endpoint: endpoint, deployment: deployment, variant: variant, index: index)
  }

  /// Where the attempts of this place lie, below the endpoint's folder.
  var path: String { "\(deployment)/\(variant)/\(index)" }
}

/// How a place is doing.
struct WorkerReport: Sendable {
  enum State: String, Sendable {
    case starting = "Starting"
    case ready = "Ready"
    /// The last worker has ended, the next one will be started.
    case restarting = "Restarting"
    case stopping = "Stopping"
  }

  let place: WorkerPlace
  var state = State.starting
  /// The present worker, while it is ready.
  var ready: ReadyWorker?
  var token: String?
  var pid: Int32?
  var startedAt = Timestamp.now()
  /// Seconds from the start of the present worker to its first healthy answer.
  var readySeconds: Double?
  var restarts = 0
  /// How the last worker ended, in words for people.
  var lastEnd: String?
  /// Set when workers here end as soon as they are started, or cannot be started at all.
  var isHopeless = false
  /// Set when the last worker could not be made of what was asked for: another try would fail in the same way.
  var isRefused = false

  init(_ place: WorkerPlace) { self.place = place }

  func json(logPath: String) -> JSON {
    .members([
      "Variant": .string(place.variant), "Instance": .string(place.instance),
      "Deployment": .integer(Int64(place.deployment)), "State": .string(state.rawValue),
      "Pid": pid.map { .integer(Int64($0)) }, "Restarts": .integer(Int64(restarts)),
      "LastEnd": lastEnd.map { .string($0) }, "Socket": (ready?.stages.first).map { .string($0.description) },
      "LogPath": .string(logPath), "StartedAt": .number(startedAt.seconds),
      "ReadySeconds": readySeconds.map { .number($0) },
    ])
  }
}

public import JSONKit

/// An endpoint as the daemon knows it now.
public struct EndpointRecord: Sendable, Equatable {
  /// Grows with each change of the record.
  public let version: Int64
  /// The shape of DescribeEndpoint.
  public let endpoint: JSON
  /// What only htr knows: workers, what is being waited for.
  public let htr: JSON

  public init(version: Int64, endpoint: JSON, htr: JSON) {
    self.version = version
    self.endpoint = endpoint
    self.htr = htr
  }

  public var name: String { endpoint["EndpointName"]?.string ?? "" }
  public var status: String { endpoint["EndpointStatus"]?.string ?? "" }
  public var configName: String { endpoint["EndpointConfigName"]?.string ?? "" }
  public var failureReason: String? { endpoint["FailureReason"]?.string }
  /// What keeps it from being in service; nil when nothing does.
  public var waitingFor: String? { htr["WaitingFor"]?.string }
  /// What the user could do about it.
  public var advice: String? { htr["Advice"]?.string }
  public var variants: [JSON] { endpoint["ProductionVariants"]?.array ?? [] }
  public var workers: [EndpointWorker] { (htr["Workers"]?.array ?? []).map(EndpointWorker.init) }
  /// False while the daemon is still bringing it up, changing it or taking it down.
  public var isSettled: Bool { !["Creating", "Updating", "Deleting"].contains(status) }

  /// The endpoint's members with htr's own under `Htr`: what `--output json` prints.
  public var described: JSON {
    guard var members = endpoint.object else { return endpoint }
    members["Htr"] = htr
    return .object(members)
  }
}

/// One process that serves an endpoint.
public struct EndpointWorker: Sendable, Equatable {
  public let variant: String
  public let instance: String
  /// Starting, Ready, Restarting or Stopping.
  public let state: String
  public let pid: Int64?
  public let restarts: Int64
  /// Why it ended the last time; nil when it never did.
  public let lastEnd: String?
  public let logPath: String?
  /// From its start until it was ready.
  public let readySeconds: Double?

  public init(_ json: JSON) {
    variant = json["Variant"]?.string ?? ""
    instance = json["Instance"]?.string ?? ""
    state = json["State"]?.string ?? ""
    pid = json["Pid"]?.integer
    restarts = json["Restarts"]?.integer ?? 0
    lastEnd = json["LastEnd"]?.string
    logPath = json["LogPath"]?.string
    readySeconds = json["ReadySeconds"]?.number
  }
}

extension ServiceError {
  /// True when what was asked for does not exist.
  public var isMissing: Bool { message.hasPrefix("Could not find") }
  /// True when a name that was to be made is taken.
  public var isTaken: Bool { message.hasPrefix("Cannot create already existing") }
}

extension DaemonClient {
  /// An endpoint's record; with `version`, as soon as it is newer than that or after `timeoutSeconds`.
  /// - Throws: `ServiceError` that `isMissing` for an unknown one.
  public func endpoint(
    _ name: String, newerThan version: Int64? = nil, timeoutSeconds: Int = 30
  ) throws -> EndpointRecord {
    var path = endpointPath(name)
    if let version { path += "?version=\(version)&timeout=\(timeoutSeconds)" }
    let answer = try get(path, timeoutSeconds: timeoutSeconds + 30)
    guard let version = answer["Version"]?.integer, let endpoint = answer["Endpoint"] else {
      throw ClientError.malformed(reason: "no Version or Endpoint in the record of \(name)")
    }
    return EndpointRecord(version: version, endpoint: endpoint, htr: answer["Htr"] ?? .object(.init()))
  }

  /// An endpoint's record; nil when there is none of this name.
  public func endpointIfAny(
    _ name: String, newerThan version: Int64? = nil, timeoutSeconds: Int = 30
  ) throws -> EndpointRecord? {
    do {
      return try endpoint(name, newerThan: version, timeoutSeconds: timeoutSeconds)
    } catch let error as ServiceError where error.isMissing {
      return nil
    }
  }

  /// What happened to an endpoint: objects with `At` (epoch seconds), `Kind` and `Detail`.
  public func events(ofEndpoint name: String) throws -> [JSON] {
    try get("\(endpointPath(name))/events")["Events"]?.array ?? []
  }

  func endpointPath(_ name: String) -> String { "/htr/v1/endpoints/\(percentEncoded(name))" }
}

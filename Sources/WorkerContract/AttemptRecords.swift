public import HostKit
public import JSONKit

/// A record that is kept as one JSON file of an attempt's folder.
public protocol RecordConvertible: Sendable {
  var json: JSON { get }
  init?(json: JSON)
}

extension RecordConvertible {
  /// Writes the record as a whole (see `Files.write`).
  public func write(to path: String, durable: Bool) throws(SystemError) {
    try Files.write(json.bytes, to: path, durable: durable)
  }

  /// The record in a file; nil when there is no file. A file that is no such record is an EBADMSG error.
  public static func read(_ path: String) throws(SystemError) -> Self? {
    guard Files.exists(path) else { return nil }
    guard let json = try? JSON(parsing: try Files.read(path, limit: 1 << 24)),
      let record = Self(json: json)
    else { throw SystemError("understand", path, code: 74) }
    return record
  }
}

/// A process and the boot in which it ran.
public struct ProcessRecord: RecordConvertible, Equatable {
  public let identity: ProcessIdentity
  public let boot: String
  public let startedAt: Timestamp

  public init(identity: ProcessIdentity, boot: String = Boot.id, startedAt: Timestamp) {
    self.identity = identity
    self.boot = boot
    self.startedAt = startedAt
  }

  public var json: JSON {
    [
      "pid": .integer(Int64(identity.pid)), "startTime": .integer(Int64(identity.startTime)),
      "boot": .string(boot), "startedAt": .integer(startedAt.milliseconds),
    ]
  }

  public init?(json: JSON) {
    guard let pid = json["pid"]?.integer.flatMap(Int32.init(exactly:)),
      let startTime = json["startTime"]?.integer.flatMap(UInt64.init(exactly:)),
      let boot = json["boot"]?.string, let startedAt = json["startedAt"]?.integer
    else { return nil }
    self.init(
      identity: ProcessIdentity(pid: pid, startTime: startTime), boot: boot,
      startedAt: Timestamp(milliseconds: startedAt))
  }

  /// The process, when it still runs in this boot.
  public var living: ProcessIdentity? { boot == Boot.id && identity.isAlive ? identity : nil }
}

/// An order to stop the worker: TERM to its tree, KILL when the grace time is over.
public struct StopOrder: RecordConvertible, Equatable {
  public let orderedAt: Timestamp
  /// Overrides the spec's grace time; 0 kills at once.
  public let graceSeconds: Double?

  public init(orderedAt: Timestamp, graceSeconds: Double? = nil) {
    self.orderedAt = orderedAt
    self.graceSeconds = graceSeconds
  }

  public var json: JSON {
    .members([
      "orderedAt": .integer(orderedAt.milliseconds), "graceSeconds": graceSeconds.map { .number($0) },
    ])
  }

  public init?(json: JSON) {
    guard let orderedAt = json["orderedAt"]?.integer else { return nil }
    self.init(
      orderedAt: Timestamp(milliseconds: orderedAt), graceSeconds: json["graceSeconds"]?.number)
  }
}

/// How a worker ended.
public struct WorkerExit: RecordConvertible, Equatable {
  public enum Outcome: String, Sendable {
    /// The program ended by itself with `code`.
    case exited
    /// The program was ended by `signal`.
    case signaled
    /// The program could not be started: `message` says why.
    case notStarted
    /// The shim was killed while the worker ran, so that nobody knows how it ended.
    case lost
  }

  /// Why the shim ended the worker, when it did.
  public enum Cause: String, Sendable {
    case stopOrder, maximumRuntime, memoryLimit, logLimit, diskFull
  }

  public var outcome: Outcome
  public var code: Int32?
  public var signal: Int32?
  public var cause: Cause?
  public var message: String?
  /// nil when the worker never started.
  public var startedAt: Timestamp?
  public var endedAt: Timestamp
  /// CPU seconds of the worker and all of its descendants.
  public var cpuSeconds: Double
  public var peakMemoryBytes: Int64

  public init(
    outcome: Outcome, code: Int32? = nil, signal: Int32? = nil, cause: Cause? = nil,
    message: String? = nil, startedAt: Timestamp?, endedAt: Timestamp, cpuSeconds: Double = 0,
    peakMemoryBytes: Int64 = 0
  ) {
    self.outcome = outcome
    self.code = code
    self.signal = signal
    self.cause = cause
    self.message = message
    self.startedAt = startedAt
    self.endedAt = endedAt
    self.cpuSeconds = cpuSeconds
    self.peakMemoryBytes = peakMemoryBytes
  }

  /// The worker did what it was asked to do: exit code 0, and nobody had ordered its end.
  public var isSuccess: Bool { outcome == .exited && code == 0 && cause == nil }

  /// A job stopped by order or by its time limit keeps its model.
  public var keepsModel: Bool { isSuccess || cause == .stopOrder || cause == .maximumRuntime }

  public var json: JSON {
    .members([
      "outcome": .string(outcome.rawValue), "code": code.map { .integer(Int64($0)) },
      "signal": signal.map { .integer(Int64($0)) }, "cause": cause.map { .string($0.rawValue) },
      "message": message.map { .string($0) },
      "startedAt": startedAt.map { .integer($0.milliseconds) },
      "endedAt": .integer(endedAt.milliseconds), "cpuSeconds": .number(cpuSeconds),
      "peakMemoryBytes": .integer(peakMemoryBytes),
    ])
  }

  public init?(json: JSON) {
    guard let outcome = json["outcome"]?.string.flatMap(Outcome.init(rawValue:)),
      let endedAt = json["endedAt"]?.integer
    else { return nil }
    self.init(
      outcome: outcome, code: json["code"]?.integer.flatMap(Int32.init(exactly:)),
      signal: json["signal"]?.integer.flatMap(Int32.init(exactly:)),
      cause: json["cause"]?.string.flatMap(Cause.init(rawValue:)),
      message: json["message"]?.string,
      startedAt: json["startedAt"]?.integer.map { Timestamp(milliseconds: $0) },
      endedAt: Timestamp(milliseconds: endedAt), cpuSeconds: json["cpuSeconds"]?.number ?? 0,
      peakMemoryBytes: json["peakMemoryBytes"]?.integer ?? 0)
  }
}

/// A packed archive: complete, synced and named by its content.
public struct PackedArchive: RecordConvertible, Equatable {
  public let file: String
  public let sha256: String
  public let size: Int64
  public let members: Int

  public init(file: String, sha256: String, size: Int64, members: Int) {
    self.file = file
    self.sha256 = sha256
    self.size = size
    self.members = members
  }

  public var json: JSON {
    [
      "file": .string(file), "sha256": .string(sha256), "size": .integer(size),
      "members": .integer(Int64(members)),
    ]
  }

  public init?(json: JSON) {
    guard let file = json["file"]?.string, let sha256 = json["sha256"]?.string,
      let size = json["size"]?.integer, let members = json["members"]?.integer
    else { return nil }
    self.init(file: file, sha256: sha256, size: size, members: Int(members))
  }
}

/// How an attempt ended: the worker's exit, and the archives packed after it.
public struct AttemptEnd: RecordConvertible, Equatable {
  public let exit: WorkerExit
  public let model: PackedArchive?
  public let output: PackedArchive?
  /// Why an archive could not be packed (a full disk, an unreadable file).
  public let packingFailure: String?

  public init(
    exit: WorkerExit, model: PackedArchive?, output: PackedArchive?, packingFailure: String?
  ) {
    self.exit = exit
    self.model = model
    self.output = output
    self.packingFailure = packingFailure
  }

  public var json: JSON {
    .members([
      "exit": exit.json, "model": model?.json, "output": output?.json,
      "packingFailure": packingFailure.map { .string($0) },
    ])
  }

  public init?(json: JSON) {
    guard let exit = json["exit"].flatMap(WorkerExit.init(json:)) else { return nil }
    self.init(
      exit: exit, model: json["model"].flatMap(PackedArchive.init(json:)),
      output: json["output"].flatMap(PackedArchive.init(json:)),
      packingFailure: json["packingFailure"]?.string)
  }
}

public import HostKit
public import JSONKit

/// What a shim tells the daemon while it works: one datagram each, best effort.
///
/// Notices only make things quick. Whatever must not be lost stands in the attempt's folder, and the end of the shim is
/// seen by its pidfd.
public struct ShimNotice: RecordConvertible, Equatable {
  public enum Event: Sendable, Equatable {
    case workerStarted(at: Timestamp)
    /// The worker has ended and its archives are being packed.
    case packing(at: Timestamp)
    /// The disk is full, and packing waits for room; sent again as long as it does.
    case waitingForRoom(at: Timestamp)
    case usage(Usage)
  }

  /// One sample of what a job uses.
  public struct Usage: Sendable, Equatable {
    public let at: Timestamp
    /// 100 is one core.
    public let cpuPercent: Double
    public let memoryBytes: Int64
    public let diskBytes: Int64

    public init(at: Timestamp, cpuPercent: Double, memoryBytes: Int64, diskBytes: Int64) {
      self.at = at
      self.cpuPercent = cpuPercent
      self.memoryBytes = memoryBytes
      self.diskBytes = diskBytes
    }
  }

  public let token: String
  public let event: Event

  public init(token: String, event: Event) {
    self.token = token
    self.event = event
  }

  public var json: JSON {
    switch event {
    case .workerStarted(let at):
      ["token": .string(token), "event": "workerStarted", "at": .integer(at.milliseconds)]
    case .packing(let at):
      ["token": .string(token), "event": "packing", "at": .integer(at.milliseconds)]
    case .waitingForRoom(let at):
      ["token": .string(token), "event": "waitingForRoom", "at": .integer(at.milliseconds)]
    case .usage(let usage):
      [
        "token": .string(token), "event": "usage", "at": .integer(usage.at.milliseconds),
        "cpuPercent": .number(usage.cpuPercent), "memoryBytes": .integer(usage.memoryBytes),
        "diskBytes": .integer(usage.diskBytes),
      ]
    }
  }

  public init?(json: JSON) {
    guard let token = json["token"]?.string,
      let at = json["at"]?.integer.map({ Timestamp(milliseconds: $0) })
    else { return nil }
    switch json["event"]?.string {
    case "workerStarted": self.init(token: token, event: .workerStarted(at: at))
    case "packing": self.init(token: token, event: .packing(at: at))
    case "waitingForRoom": self.init(token: token, event: .waitingForRoom(at: at))
    case "usage":
      guard let cpu = json["cpuPercent"]?.number, let memory = json["memoryBytes"]?.integer,
        let disk = json["diskBytes"]?.integer
      else { return nil }
      let usage = Usage(at: at, cpuPercent: cpu, memoryBytes: memory, diskBytes: disk)
      self.init(token: token, event: .usage(usage))
    default: return nil
    }
  }
}

import HostKit
import WorkerContract

/// Where the daemon keeps its state: HTR_HOME.
public struct Home: Sendable {
  public let path: String

  public init(path: String) { self.path = path }

  public var database: String { "\(path)/htr.sqlite" }
  public var settings: String { "\(path)/settings.yaml" }
  public var credentials: String { "\(path)/credentials" }
  public var buckets: String { "\(path)/buckets" }
  public var jobs: String { "\(path)/jobs" }
  public var trash: String { "\(path)/trash" }
  public var cache: String { "\(path)/cache" }
  public var endpoints: String { "\(path)/endpoints" }
  public var transforms: String { "\(path)/transforms" }
  /// Unpacked models by digest (`ModelStore`).
  var models: String { "\(path)/models" }
  /// Unix sockets of inference workers. Short, for the whole path must fit into a socket's address.
  var sockets: String { "\(path)/s" }
  /// Folder trees that wait for a job (`LayoutPool`).
  var layouts: String { "\(path)/layouts" }
  public var wheels: String { "\(path)/wheels" }
  /// The command line's door.
  public var socket: String { "\(path)/htrd.sock" }
  /// Where shims send their notices.
  public var noticeSocket: String { "\(path)/shims.sock" }
  /// What the daemon itself writes when `htrctl daemon start` has started it.
  public var ownLog: String { "\(path)/htrd.log" }
  public var lock: String { "\(path)/htrd.lock" }
  /// Who the running daemon is (a `ProcessRecord`).
  public var daemon: String { "\(path)/htrd.pid" }

  public func job(_ name: String) -> String { "\(jobs)/\(name)" }
  public func log(_ name: String) -> String { "\(jobs)/\(name)/log" }
  public func logIndex(_ name: String) -> String { "\(jobs)/\(name)/log.index" }

  func endpoint(_ name: String) -> String { "\(endpoints)/\(name)" }

  func transform(_ name: String) -> String { "\(transforms)/\(name)" }

  /// Where the attempts of a place's workers lie.
  func attempts(at place: WorkerPlace) -> String {
    let owner = place.owner == .endpoint ? endpoint(place.endpoint) : transform(place.endpoint)
    return "\(owner)/\(place.path)"
  }

  /// The log that all workers of a place share, one after the other. A transform job nearly always has one.
  func workerLog(_ place: WorkerPlace) -> String {
    switch place.owner {
    case .endpoint: "\(endpoint(place.endpoint))/logs/\(place.variant)/\(place.instance)/log"
    case .transformJob: "\(transform(place.endpoint))/log\(place.index == 1 ? "" : "-\(place.index)")"
    }
  }
  func workerLogIndex(_ place: WorkerPlace) -> String { "\(workerLog(place)).index" }

  /// - Parameter name: at most `longestSocketName` bytes.
  func socket(_ name: String) -> String { "\(sockets)/\(name)" }

  func attempt(_ number: Int, of name: String) -> AttemptFolder {
    AttemptFolder(path: "\(jobs)/\(name)/\(number)")
  }

  /// True for paths that hold the daemon's own state. Buckets are data: they may be read.
  func isPrivate(_ path: String) -> Bool {
    let real = Files.realPath(path) ?? path
    let root = Files.realPath(self.path) ?? self.path
    let buckets = Files.realPath(self.buckets) ?? self.buckets
    func lies(_ path: String, in folder: String) -> Bool { path == folder || path.hasPrefix(folder + "/") }
    return (lies(real, in: root) && !lies(real, in: buckets)) || lies(root, in: real)
  }

  /// Longest path that a Unix socket's address can hold.
  private static let longestSocketPath = 107
  static let longestSocketName = 8

  /// Makes the folders; throws what is in the way in words for people.
  public func prepare() throws(ServiceStartError) {
    guard noticeSocket.utf8.count <= Self.longestSocketPath else {
      throw ServiceStartError(
        "HTR_HOME \(path) is too long for the sockets in it: choose a path of at most \(Self.longestSocketPath - 11) bytes."
      )
    }
    do {
      try Files.makeFolder(path, mode: 0o700)
      for folder in [buckets, jobs, trash, cache, endpoints, transforms, models, sockets] {
        try Files.makeFolder(folder, mode: 0o700)
      }
      let probe = "\(path)/.writable"
      try Files.write("", to: probe, durable: false)
      try Files.remove(probe)
    } catch {
      throw ServiceStartError(
        "HTR_HOME \(path) cannot be used: \(error). Make it writable for this user, free some space, or set HTR_HOME to another folder."
      )
    }
  }
}

/// Why the daemon cannot start, in words for the person who started it.
public struct ServiceStartError: Error, CustomStringConvertible, Sendable {
  public let description: String

  public init(_ description: String) { self.description = description }
}

import Glibc
import HostKit
import Launching
import Serving
import WorkerContract

/// One process of a worker: a stage of its pipeline, run by a shim.
struct WorkerProcess: Sendable {
  let folder: AttemptFolder
  let token: String
  /// Where it may serve: a plain command chooses between a Unix socket and a port.
  let sockets: [WorkerSocket]

  init(folder: AttemptFolder, token: String, sockets: [WorkerSocket]) {
    self.folder = folder
    self.token = token
    self.sockets = sockets
  }

  /// A process that was prepared in this boot, ended or not; nil for any other folder.
  init?(preparedIn folder: AttemptFolder) {
    // What cannot be read was torn or belongs to another boot: nothing of it runs any more.
    guard let spec = try? LaunchSpec.read(folder.spec), spec.boot == Boot.id else { return nil }
    self.init(folder: folder, token: spec.token, sockets: Self.sockets(in: spec.environment))
  }

  /// Removes the folder of an attempt that has ended, and its sockets.
  static func discard(_ folder: AttemptFolder) throws(SystemError) {
    // A spec that cannot be read tells of no socket.
    for socket in (try? LaunchSpec.read(folder.spec)).map({ sockets(in: $0.environment) }) ?? [] {
      if case .unix(let path) = socket { try Files.remove(path) }
    }
    try Files.remove(folder.path)
  }

  var pid: Int32? {
    // A worker that has not started yet has no record.
    (try? ProcessRecord.read(folder.worker))?.identity.pid
  }

  var hasEnded: Bool { Files.exists(folder.end) }

  /// How it ended; nil while it runs, or when its shim was killed.
  var exit: WorkerExit? {
    // Half a record is none: the next shim writes it again.
    (try? AttemptEnd.read(folder.end))?.exit
  }

  /// Where the environment of a worker tells it to serve.
  private static func sockets(in environment: [String: String]) -> [WorkerSocket] {
    let port = environment["SAGEMAKER_BIND_TO_PORT"].flatMap { Int($0) }
    return [environment["HTR_SOCKET"].map { .unix(path: $0) }, port.map { .port($0) }].compactMap { $0 }
  }
}

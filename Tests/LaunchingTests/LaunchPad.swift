import Glibc
import HostKit
import Launching
import TestKit
import WorkerContract

/// A launcher with the real `htr-shim` in a folder of its own, and attempts to launch.
final class LaunchPad: Sendable {
  let home: String
  let notices = Mailbox<ShimNotice>()
  let launcher: ShimLauncher
  private let program: String

  /// `failpoints` names the points that are armed in this pad's shims.
  static func use(
    failpoints: [Failpoint] = [], _ body: (LaunchPad) async throws -> Void
  ) async throws {
    try await withScratchFolder { home in
      let pad = try LaunchPad(home, failpoints: failpoints)
      defer { pad.launcher.shutDown() }
      try await body(pad)
    }
  }

  init(_ home: String, failpoints: [Failpoint] = []) throws {
    self.home = home
    program = try failpoints.isEmpty ? Programs.path("htr-shim") : Self.arm(failpoints, in: home)
    launcher = try Self.launcher(program, home, notices)
  }

  /// Makes a program that is `htr-shim` with these failpoints, for this pad alone.
  private static func arm(_ failpoints: [Failpoint], in home: String) throws -> String {
    let armed = "\(home)/failpoints"
    try Files.makeFolder(armed)
    for point in failpoints { try Files.write("", to: "\(armed)/\(point.rawValue)") }
    let shim = try Programs.path("htr-shim")
    let text = "#!/bin/sh\nHTR_FAILPOINTS='\(armed)' exec '\(shim)' \"$@\"\n"
    try Files.write(text, to: "\(home)/shim", mode: 0o755)
    return "\(home)/shim"
  }

  /// Another launcher on the same home: the daemon after a restart.
  func anotherLauncher() throws -> ShimLauncher { try Self.launcher(program, home, notices) }

  private static func launcher(
    _ program: String, _ home: String, _ notices: Mailbox<ShimNotice>
  ) throws -> ShimLauncher {
    // Another test may fork while an armed program is being written; its child lets go of the file when it executes.
    while true {
      let launcher = Result { () throws(SystemError) in
        try ShimLauncher(shimExecutable: program, noticeSocket: "\(home)/notices") {
          notices.send($0)
        }
      }
      if case .failure(let error) = launcher, error.code == ETXTBSY { continue }
      return try launcher.get()
    }
  }

  /// An attempt that runs a shell script in its base folder.
  func attempt(
    _ script: String, change: (inout LaunchSpec) -> Void = { _ in }
  ) throws -> Attempt {
    let token = "job/1/\(Identifier.random(bytes: 8))"
    let path = "\(home)/jobs/\(token)"
    let folder = AttemptFolder(path: path)
    for place in TrainingLayout(base: folder.base).folders { try Files.makeFolder(place) }
    var spec = LaunchSpec(
      token: token, executable: "/bin/sh", arguments: ["-c", script],
      environment: ["PATH": "/usr/bin:/bin"], workingFolder: folder.base, log: "\(path)/log",
      logIndex: "\(path)/log.index", noticeSocket: "\(home)/notices", stopGraceSeconds: 10,
      sampleSeconds: 0)
    change(&spec)
    try spec.write(to: folder.spec, durable: false)
    return Attempt(folder: folder, spec: spec)
  }

  /// Launches until the attempt has its end record, as the daemon does.
  func run(_ attempt: Attempt) async throws -> AttemptEnd {
    for round in 1...5 {
      let gone = try launch(attempt)
      _ = try await gone.first("the end of shim \(round)")
      if let end = try AttemptEnd.read(attempt.folder.end) { return end }
    }
    throw Overdue(what: "an end record after five shims")
  }

  func launch(_ attempt: Attempt) throws -> Mailbox<Void> {
    let gone = Mailbox<Void>()
    try launcher.launch(attempt.folder, token: attempt.spec.token) { gone.send(()) }
    return gone
  }

  /// Waits until the worker's program runs.
  func waitForStart(_ attempt: Attempt) async throws {
    _ = try await notices.first("the worker's start") {
      if case .workerStarted = $0.event { $0.token == attempt.spec.token } else { false }
    }
  }
}

struct Attempt {
  let folder: AttemptFolder
  let spec: LaunchSpec

  var log: [UInt8] { get throws { try Files.read(spec.log) } }
  var logText: String { get throws { String(decoding: try log, as: UTF8.self) } }

  /// The text of a file that the worker wrote in its base folder; empty while there is none.
  func text(_ name: String) throws -> String {
    let path = "\(folder.base)/\(name)"
    return Files.exists(path) ? try Files.readText(path, limit: 1 << 26) : ""
  }

  /// The living processes that carry the attempt's token.
  var processes: [ProcessEntry] {
    ProcessEntry.all().filter {
      !$0.isZombie && $0.hasEnvironment("HTR_ATTEMPT=\(spec.token)")
    }
  }

  var shim: ProcessIdentity? { get throws { try ProcessRecord.read(folder.shim)?.identity } }
}

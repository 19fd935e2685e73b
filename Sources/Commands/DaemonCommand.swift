import ArgumentParser
import Client
import Glibc
import HostKit
import JSONKit

struct DaemonCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "daemon",
    abstract: "Start, stop and look at htrd.",
    subcommands: [DaemonStartCommand.self, DaemonStopCommand.self, DaemonStatusCommand.self])
}

struct DaemonStartCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "start",
    abstract: "Run htrd in the background; return when it answers.",
    discussion: """
      EXAMPLES:
        htrctl daemon start
        htrctl daemon start --home /srv/htr
      """)

  @OptionGroup var common: CommonOptions

  func run() throws {
    let client = common.client
    // No answer, for whatever reason, is why it shall be started; a lock keeps two daemons apart.
    if let status = try? client.status() {
      return show(status, isNew: false)
    }
    show(try DaemonStarter(home: common.homeFolder, client: client).start(), isNew: true)
  }

  private func show(_ status: JSON, isNew: Bool) {
    if common.isJSON { return printJSON(status) }
    let pid = status["Pid"]?.integer ?? 0
    let listen = status["Listen"]?.string ?? ""
    Terminal.current.print(
      "htrd \(isNew ? "is running" : "was running already") on \(common.homeFolder) (pid \(pid), \(listen))")
  }
}

struct DaemonStopCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stop",
    abstract: "End htrd in good order; running jobs go on.",
    discussion: """
      EXAMPLES:
        htrctl daemon stop
      """)

  @Option(help: ArgumentHelp("How long to wait for its end.", valueName: "seconds")) var timeout = 60
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if !(0...86400).contains(timeout) { throw ValidationError("--timeout must lie in 0...86400.") }
  }

  func run() throws {
    let home = common.homeFolder
    guard let process = try DaemonRecord.read(home: home), let handle = process.openHandle() else {
      if common.isJSON { return printJSON(["Stopped": false]) }
      return Terminal.current.print("htrd is not running on \(home)")
    }
    // A daemon that does not answer is stopped all the same; then nothing is known of what goes on.
    let endpoints = (try? common.client.status())?["Endpoints"]?.object?.members.reduce(0) {
      $0 + ($1.value.integer ?? 0)
    }
    handle.send(SIGTERM)
    var ended = pollfd(fd: handle.descriptor, events: Int16(POLLIN), revents: 0)
    var result: Int32
    repeat { result = poll(&ended, 1, Int32(timeout * 1000)) } while result < 0 && errno == EINTR
    guard result > 0 else {
      throw Failure(
        "htrd (pid \(process.pid))", "has not ended within \(timeout) s",
        advice: "Look at \(home)/htrd.log.", status: .timedOut)
    }
    if common.isJSON { return printJSON(["Stopped": true, "Pid": .integer(Int64(process.pid))]) }
    Terminal.current.print("htrd has ended (pid \(process.pid))")
    if let endpoints, endpoints > 0 {
      Terminal.current.note(
        "The workers of \(endpoints) endpoint\(endpoints == 1 ? "" : "s") go on running and answer again when htrd is back. To end them: "
          + "`htrctl delete endpoint NAME` before the daemon is stopped.")
    }
  }
}

struct DaemonStatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show whether htrd answers, and what it is busy with.",
    discussion: """
      EXAMPLES:
        htrctl daemon status
        htrctl daemon status --json
      """)

  @OptionGroup var common: CommonOptions

  func run() throws {
    let status = try common.client.status()
    if common.isJSON { return printJSON(status) }
    for line in Self.lines(status, now: .now()) { Terminal.current.print(line) }
  }

  static func lines(_ status: JSON, now: Timestamp) -> [String] {
    let up = status["StartedAt"]?.number.map { AmountText.duration(seconds: now.seconds - $0) } ?? "?"
    var lines = [
      "htrd \(status["Version"]?.string ?? "?"), pid \(status["Pid"]?.integer ?? 0), up \(up)",
      "home    \(status["Home"]?.string ?? "")", "listen  \(status["Listen"]?.string ?? "")",
      "region  \(status["Region"]?.string ?? ""), account \(status["AccountId"]?.string ?? "")",
    ]
    let slots = status["Slots"]
    func used(_ name: String, _ text: (JSON) -> String?) -> String? {
      guard let total = slots?[name]?["Total"].flatMap(text), let used = slots?[name]?["Used"].flatMap(text)
      else { return nil }
      return "\(used) of \(total)"
    }
    let parts = [
      used("Cpus") { $0.number.map(AmountText.number) }.map { "\($0) cpus" },
      used("MemoryBytes") { $0.integer.map(AmountText.bytes) }.map { "\($0) memory" },
      used("Gpus") { $0.number.map(AmountText.number) }.map { "\($0) gpus" },
    ].compactMap { $0 }
    if !parts.isEmpty { lines.append("in use  \(parts.joined(separator: ", "))") }
    func counts(_ name: String) -> String {
      (status[name]?.object?.members ?? []).map { "\($0.value.text) \($0.key)" }.joined(separator: ", ")
    }
    let kinds = [("jobs", "TrainingJobs"), ("serving", "Endpoints"), ("batches", "TransformJobs")]
    for (label, name) in kinds where !counts(name).isEmpty {
      lines.append(label + String(repeating: " ", count: 8 - label.count) + counts(name))
    }
    for record in status["UnreadableRecords"]?.array ?? [] {
      lines.append("unreadable record: \(record.string ?? "?")")
    }
    return lines
  }
}

/// `HTR_HOME/htrd.pid`: which process is the daemon, told apart from any other that might get its number.
enum DaemonRecord {
  /// Nil when no daemon of this boot is on record.
  static func read(home: String) throws -> ProcessIdentity? {
    let path = "\(home)/htrd.pid"
    guard Files.exists(path) else { return nil }
    let bytes = try Files.read(path, limit: 4096)
    // What is no JSON is told just below as what it is: no record.
    guard let record = try? JSON(parsing: bytes),
      let pid = record["pid"]?.integer.flatMap(Int32.init(exactly:)),
      let start = record["startTime"]?.integer.flatMap(UInt64.init(exactly:)), pid > 1
    else {
      throw Failure(
        path, "is no record of a daemon", advice: "Remove the file if no htrd is running.", status: .troubled)
    }
    return record["boot"]?.string == Boot.id ? ProcessIdentity(pid: pid, startTime: start) : nil
  }
}

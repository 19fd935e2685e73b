import Client
import Glibc
import HostKit
import JSONKit
import TestKit
import Testing

/// The daemon's own life: start, stop, and what it refuses to start on.
@Suite(.serialized) struct DaemonTests {
  private var stopped: DaemonFixture.Options {
    var options = DaemonFixture.Options()
    options.startsDaemon = false
    return options
  }

  @Test(.timeLimit(.minutes(1)))
  func `htrctl starts the daemon in the background, tells its state and ends it`() async throws {
    try await DaemonFixture.use(stopped) { daemon in
      let none = try await daemon.cli("daemon", "status")
      #expect(none.code == 5)
      #expect(none.errors.contains("htrctl daemon start"))
      #expect(try await daemon.cli("jobs").code == 5)

      let start = try await daemon.cli("daemon", "start", "--json")
      try #require(start.code == 0, "\(start.errors)")
      let status = try start.json()
      #expect(status["Home"] == .string(daemon.home))
      #expect(status["Listen"] == .string("127.0.0.1:\(daemon.port)"))
      #expect(status["AccountId"] == "000000000000")
      #expect(status["Slots"]?["Cpus"]?["Used"] == 0)
      let again = try await daemon.cli("daemon", "start")
      #expect(again.code == 0)
      #expect(again.output.contains("was running already"))

      #expect(try await daemon.cli("fit", "--algorithm", "mock", "--name", "kept").code == 0)
      let told = try await daemon.cli("daemon", "status", "--json").json()
      #expect(told["TrainingJobs"]?["Completed"] == 1)
      let stop = try await daemon.cli("daemon", "stop", "--json")
      #expect(stop.code == 0)
      #expect(try stop.json()["Stopped"] == true)
      #expect(try await daemon.cli("daemon", "stop").code == 0)

      #expect(try await daemon.cli("daemon", "start").code == 0)
      #expect(try await daemon.cli("jobs", "--json").json()["TrainingJobSummaries"]?[0]?["TrainingJobName"] == "kept")
      #expect(try await daemon.cli("daemon", "stop").code == 0)
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a second daemon on the same home is refused and the first goes on`() async throws {
    try await DaemonFixture.use { daemon in
      let second = try await daemon.finish(daemon.launch(["HTR_LISTEN": "127.0.0.1:\(daemon.port + 1)"]))
      #expect(second.code == 1)
      #expect(second.errors.contains("Another htrd already runs on \(daemon.home)"))
      #expect(try await daemon.cli("fit", "--algorithm", "mock").code == 0)
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a port that is taken is named and the start ends`() async throws {
    try await DaemonFixture.use { daemon in
      let other = "\(daemon.folder)/other"
      let second = try await daemon.finish(daemon.launch(["HTR_HOME": other]))
      #expect(second.code == 1, "\(second.errors)")
      #expect(second.errors.contains("127.0.0.1:\(daemon.port) is in use"))
    }
  }

  @Test(
    .timeLimit(.minutes(1)),
    arguments: [
      (variable: "HTR_LISTEN", value: "0.0.0.0:8770", says: "is not a loopback address"),
      (variable: "HTR_LISTEN", value: "nonsense", says: "HTR_LISTEN must be HOST:PORT"),
      (variable: "HTR_ACCOUNT_ID", value: "12", says: "HTR_ACCOUNT_ID must be 12 digits"),
      (variable: "HTR_HOME", value: "/proc/nowhere", says: "HTR_HOME /proc/nowhere cannot be used"),
      (
        variable: "HTR_HOME", value: "/tmp/\(String(repeating: "long", count: 30))", says: "is too long for the sockets"
      ),
    ])
  func `a wrong environment is refused in words`(
    _ item: (variable: String, value: String, says: String)
  ) async throws {
    try await DaemonFixture.use(stopped) { daemon in
      let refused = try await daemon.finish(daemon.launch([item.variable: item.value]))
      #expect(refused.code == 1, "\(refused.errors)")
      #expect(refused.errors.contains(item.says), "\(refused.errors)")
    }
  }

  /// Root may write anywhere by a capability, so the daemon is started without any where the tests run as root.
  @Test(.timeLimit(.minutes(1)))
  func `a read-only home is refused in words`() async throws {
    try await DaemonFixture.use(stopped) { daemon in
      let home = "\(daemon.folder)/frozen"
      try Files.makeFolder(home, mode: 0o555)
      let command = try ["/usr/bin/env", "HTR_HOME=\(home)", Programs.built("htrd")]
      let words: [String]
      if getuid() != 0 {
        words = command
      } else if let tool = Programs.installed("setpriv") {
        words = [tool, "--bounding-set=-all", "--inh-caps=-all"] + command
      } else {
        return print("skipped: run as root and without setpriv, nothing is read-only")
      }
      let refused = try await daemon.finish(
        ChildProcess(words[0], Array(words.dropFirst()), environment: daemon.environment))
      #expect(refused.code == 1, "\(refused.errors)")
      #expect(refused.errors.contains("HTR_HOME \(home) cannot be used"), "\(refused.errors)")
      #expect(refused.errors.contains("Make it writable"))
    }
  }

  @Test(
    .timeLimit(.minutes(1)),
    arguments: [
      (line: "cpu: 4", says: "unknown setting 'cpu'"),
      (line: "cpus: many", says: "'cpus' must be an integer of at least 1"),
      (line: "oversize: shrink", says: "'oversize' must be one of clamp, refuse"),
      (line: "images: [{match: x, runtime: magic}]", says: "each rule of 'images' needs 'match' and 'runtime'"),
      (line: "- a list", says: "must be a map of settings"),
      (line: "a: [unclosed", says: "settings.yaml"),
    ])
  func `wrong settings are refused by name`(_ item: (line: String, says: String)) async throws {
    var options = stopped
    options.settings = [item.line]
    try await DaemonFixture.use(options) { daemon in
      let refused = try await daemon.finish(daemon.launch())
      #expect(refused.code == 1, "\(refused.errors)")
      #expect(refused.errors.contains(item.says), "\(refused.errors)")
      let start = try await daemon.cli("daemon", "start")
      #expect(start.code == 5)
      #expect(start.errors.contains(item.says), "\(start.errors)")
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `keys that others can read are refused`() async throws {
    try await DaemonFixture.use { daemon in
      let path = "\(daemon.home)/credentials"
      #expect(try Files.isPrivate(path))
      try await daemon.end(by: .term)
      chmod(path, 0o644)
      let refused = try await daemon.finish(daemon.launch())
      #expect(refused.code == 1)
      #expect(refused.errors.contains("can be read by others"))
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `a database of a newer version is refused and left as it is`() async throws {
    try await DaemonFixture.use { daemon in
      #expect(try await daemon.cli("fit", "--algorithm", "mock", "--name", "kept").code == 0)
      try await daemon.end(by: .term)
      let python = try #require(try await Python.find(boto3: false))
      let database = "\(daemon.home)/htr.sqlite"
      let add =
        "import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); c.execute('INSERT INTO grdb_migrations VALUES (?)', ('v999 from the future',)); c.commit()"
      _ = try await daemon.tool(python, "-c", add, database)
      let refused = try await daemon.finish(daemon.launch())
      #expect(refused.code == 1, "\(refused.errors)")
      #expect(refused.errors.contains("newer"), "\(refused.errors)")
      let drop =
        "import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); c.execute('DELETE FROM grdb_migrations WHERE identifier = ?', ('v999 from the future',)); c.commit()"
      _ = try await daemon.tool(python, "-c", drop, database)
      try await daemon.start()
      #expect(try await daemon.record(of: "kept").status == "Completed")
    }
  }
}

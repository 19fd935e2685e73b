public import Client
import Glibc
public import HostKit
import Synchronization

/// A real `htrd` on a home of its own, and everything that a test does with it.
///
/// When the body ends, however it ends, the daemon is killed first, then whatever it has started; nothing of a test
/// outlives it. A test fails when the daemon logged an error that it did not expect.
public final class DaemonFixture: Sendable {
  public struct Options: Sendable {
    /// Lines of settings.yaml.
    public var settings: [String] = []
    /// Variables of the daemon beside HTR_HOME, HTR_LISTEN and PATH.
    public var environment: [String: String] = [:]
    /// Whether failpoints can be armed (see `arm`).
    public var hasFailpoints = false
    public var startsDaemon = true
    /// A command that starts the daemon, whose path is added as its last word; it must become the daemon by exec.
    public var wrapper: [String] = []

    public init() {}
  }

  /// The daemon logged errors that the test did not announce.
  public struct UnexpectedErrors: Error, CustomStringConvertible {
    public let lines: [String]
    public var description: String { "htrd logged errors:\n\(lines.joined(separator: "\n"))" }
  }

  private struct State {
    var daemon: ChildProcess?
    var log = ""
    var expectedErrors: [String] = []
  }

  /// The scratch folder: the test's own files go here; it holds `home`.
  public let folder: String
  public let home: String
  public let port: UInt16
  public let client: DaemonClient
  private let options: Options
  private let state = Mutex(State())

  public static func use<Answer>(
    _ options: Options = Options(), _ body: (DaemonFixture) async throws -> Answer
  ) async throws -> Answer {
    try await withScratchFolder { folder in
      let fixture = try DaemonFixture(folder, options)
      let result: Result<Answer, any Error>
      do {
        if options.startsDaemon { try await fixture.start() }
        result = .success(try await body(fixture))
      } catch { result = .failure(error) }
      try await fixture.tearDown()
      let answer = try result.get()
      try fixture.checkErrors()
      return answer
    }
  }

  private init(_ folder: String, _ options: Options) throws {
    self.folder = folder
    self.options = options
    home = "\(folder)/home"
    port = try FreePort.find()
    client = DaemonClient(home: home)
    try Files.makeFolder(home, mode: 0o700)
    if options.hasFailpoints { try Files.makeFolder(failpoints) }
    if !options.settings.isEmpty {
      try Files.write(options.settings.joined(separator: "\n") + "\n", to: "\(home)/settings.yaml", durable: false)
    }
  }

  // MARK: The daemon

  /// The environment of programs that shall reach this daemon.
  public var environment: [String: String] {
    let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
    return [
      // The last place is a mark: of all variables only PATH reaches every process that the daemon starts.
      "PATH": "\(path):\(folder)/bin", "HTR_HOME": home, "HTR_LISTEN": "127.0.0.1:\(port)",
      "HOME": folder, "TMPDIR": folder, "LANG": "C.UTF-8", "TZ": "UTC",
    ]
  }

  private var daemonEnvironment: [String: String] {
    var variables = environment.merging(options.environment) { _, given in given }
    if options.hasFailpoints { variables["HTR_FAILPOINTS"] = failpoints }
    return variables
  }

  public var pid: Int32 { state.withLock { $0.daemon?.pid ?? -1 } }

  /// Starts the program without waiting for anything.
  public func launch(_ changes: [String: String] = [:]) throws -> ChildProcess {
    let words = try options.wrapper + [Programs.built("htrd")]
    return try ChildProcess(
      words[0], Array(words.dropFirst()), environment: daemonEnvironment.merging(changes) { _, given in given })
  }

  /// Starts the daemon; returns when it is ready and answers.
  public func start() async throws {
    let daemon = try launch()
    state.withLock { $0.daemon = daemon }
    try await daemon.waitUntil("readiness") { _, errors in
      String(decoding: errors, as: UTF8.self).split(separator: "\n").contains { $0.hasSuffix(" ready") }
    }
    let client = client
    _ = try await offPool { try client.status() }
  }

  public enum Ending: Sendable { case kill, term, itself }

  /// Ends the daemon by a signal, or waits for its end by something else, and answers how it ended.
  @discardableResult
  public func end(by signal: Ending = .kill) async throws -> ChildProcess.Exit? {
    guard let daemon = state.withLock({ $0.daemon }) else { return nil }
    switch signal {
    case .kill: daemon.send(SIGKILL)
    case .term: daemon.send(SIGTERM)
    case .itself: break
    }
    let exit = try await daemon.end()
    state.withLock {
      $0.log += daemon.errorText
      $0.daemon = nil
    }
    return exit
  }

  public func restart() async throws {
    try await end()
    try await start()
  }

  /// Everything that the daemon has logged, in all its lives.
  public var log: String { state.withLock { $0.log + ($0.daemon?.errorText ?? "") } }

  /// Log lines of level error that contain this text are no fault.
  public func expectErrors(_ text: String) { state.withLock { $0.expectedErrors.append(text) } }

  private func checkErrors() throws {
    let expected = state.withLock { $0.expectedErrors }
    let lines = log.split(separator: "\n").map(String.init).filter { line in
      line.contains(" error ") && !expected.contains { line.contains($0) }
    }
    if !lines.isEmpty { throw UnexpectedErrors(lines: lines) }
  }

  private func tearDown() async throws {
    try await end()
    try await waitUntil("the end of what the daemon has started") {
      let left = remains
      for process in left {
        ProcessIdentity(pid: process.pid, startTime: process.startTime).openHandle()?.send(SIGKILL)
      }
      return left.isEmpty
    }
  }

  /// Living processes that carry this home in their environment or command line: all that the daemon has started. (The
  /// path is random, so nobody else's process can.)
  public var remains: [ProcessEntry] {
    let mark = Array(folder.utf8)
    return ProcessEntry.all().filter { process in
      guard !process.isZombie, process.pid != getpid() else { return false }
      return ["environ", "cmdline", "cwd"].contains { name in
        // A process that has ended meanwhile has nothing to read.
        let path = "/proc/\(process.pid)/\(name)"
        if name == "cwd" { return Files.realPath(path)?.hasPrefix(folder) ?? false }
        return (try? Files.readPrefix(path, limit: 1 << 18))?.firstRange(of: mark) != nil
      }
    }
  }

  /// Living processes that belong to the attempts of a job.
  public func processes(of job: String) -> [ProcessEntry] {
    let mark = Array("HTR_ATTEMPT=\(job)/".utf8)
    return remains.filter {
      (try? Files.readPrefix("/proc/\($0.pid)/environ", limit: 1 << 18))?.firstRange(of: mark) != nil
    }
  }
}

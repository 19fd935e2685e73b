import CHost
import Client
import Glibc
import HostKit
import JSONKit

/// Starts `htrd` in a session of its own and waits until it answers.
struct DaemonStarter {
  let home: String
  let client: DaemonClient
  /// How long the daemon may take to answer.
  var patience: Duration = .seconds(30)

  /// Answers the daemon's status.
  func start() throws -> JSON {
    guard let program = Programs.path(of: "htrd") else {
      throw Failure(
        "htrd", "is neither beside htrctl nor in PATH", advice: "Install both programs in one folder.",
        status: .troubled)
    }
    try Files.makeFolder(home, mode: 0o700)
    let pid = try launch(program)
    let deadline = ContinuousClock.now + patience
    // Tries follow each other closely at first, as the daemon is usually there within milliseconds.
    var pause = Duration.milliseconds(2)
    while true {
      // Not answering yet is the usual case here.
      if let status = try? client.status() { return status }
      if hasEnded(pid, within: pause) {
        // Another daemon may have won the race for this home: then that one answers.
        if let status = try? client.status() { return status }
        throw failure("it ended at once")
      }
      guard ContinuousClock.now < deadline else {
        throw failure("it does not answer within \(patience.components.seconds) s")
      }
      pause = min(pause * 2, .milliseconds(100))
    }
  }

  private func launch(_ program: String) throws -> pid_t {
    let nothing = try Descriptor.open("/dev/null", O_RDONLY)
    let log = try Descriptor.open("\(home)/htrd.log", O_WRONLY | O_CREAT | O_APPEND, mode: 0o600)
    var environment = Terminal.current.environment
    environment["HTR_HOME"] = home
    let variables = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    var step: UnsafePointer<CChar>?
    let pid = withCStrings([program]) { arguments in
      withCStrings(variables) { environment in
        program.withCString { file in
          "/".withCString { folder in
            var request = htr_spawn_request()
            request.file = file
            request.arguments = arguments
            request.environment = environment
            request.folder = folder
            request.input = nothing.number
            request.output = log.number
            return htr_spawn(&request, &step)
          }
        }
      }
    }
    guard pid > 0 else {
      throw SystemError("start (\(step.map { String(cString: $0) } ?? "fork"))", program)
    }
    return pid
  }

  /// Waits for the daemon's end for the given time at most: so a start that fails is known at once.
  private func hasEnded(_ pid: pid_t, within pause: Duration) -> Bool {
    let milliseconds = Int32(pause / .milliseconds(1))
    var ended = pollfd(fd: htr_pidfd_open(pid), events: Int16(POLLIN), revents: 0)
    // Without a pidfd (an old kernel) poll ignores the entry and only the time passes.
    poll(&ended, 1, milliseconds)
    if ended.fd >= 0 { close(ended.fd) }
    return waitpid(pid, nil, WNOHANG) == pid
  }

  private func failure(_ why: String) -> Failure {
    // The log is a help only; a failure to read it must not hide the real one.
    let tail = (try? Files.readSuffix("\(home)/htrd.log", limit: 4096)) ?? []
    let lines = String(decoding: tail, as: UTF8.self).split(whereSeparator: \.isNewline).suffix(10)
    for line in lines { Terminal.current.note("  \(Table.plain(String(line)))") }
    return Failure(
      "htrd cannot be started on \(home)", why,
      advice: "Its last log lines are above; the log is \(home)/htrd.log.", status: .unreachable)
  }
}

/// Texts as a null-terminated array of C strings, for the time of `use`.
private func withCStrings<Result>(
  _ texts: [String], _ use: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
  var pointers: [UnsafeMutablePointer<CChar>?] = texts.map { strdup($0) }
  pointers.append(nil)
  defer { for pointer in pointers { free(pointer) } }
  // The array holds at least its end mark, so it has an address.
  return pointers.withUnsafeBufferPointer { use($0.baseAddress!) }
}

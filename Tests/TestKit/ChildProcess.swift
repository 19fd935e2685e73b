import CHost
import Foundation
public import HostKit
import Synchronization

/// A program that a test has started: its output as it comes, its end as it happens. It leads a session of its own, with
/// nothing inherited but its standard streams.
public final class ChildProcess: Sendable {
  public enum Exit: Sendable, Equatable {
    case code(Int32)
    case signal(Int32)
  }

  private enum News: Sendable {
    case output
    case ended(Exit)
  }

  private struct State {
    var output: [UInt8] = []
    var errors: [UInt8] = []
    var isReaped = false
  }

  public let pid: Int32
  private let name: String
  private let news = Mailbox<News>()
  private let state = Mutex(State())

  /// Starts a program. `environment` is its whole environment; its standard input is empty.
  public init(
    _ program: String, _ arguments: [String] = [], environment: [String: String] = [:],
    folder: String? = nil
  ) throws(SystemError) {
    name = Files.name(of: program)
    let output = try Pipe()
    let errors = try Pipe()
    pid = try Self.spawn(program, arguments, environment, folder, output.write.number, errors.write.number)
    let (outputEnd, errorEnd) = (output.read.release(), errors.read.release())
    Thread.detachNewThread { [self] in follow(outputEnd, errorEnd) }
  }

  public var output: [UInt8] { state.withLock { $0.output } }
  public var errors: [UInt8] { state.withLock { $0.errors } }
  public var outputText: String { String(decoding: output, as: UTF8.self) }
  public var errorText: String { String(decoding: errors, as: UTF8.self) }

  /// Signals the process unless it has ended.
  public func send(_ signal: Int32) {
    // Under the lock it cannot be reaped meanwhile, so the number still means this process.
    state.withLock { if !$0.isReaped { _ = kill(pid, signal) } }
  }

  /// Waits until it has ended and all that it printed has been read.
  @discardableResult
  public func end(within limit: Duration = .seconds(30)) async throws -> Exit {
    let last = try await news.first("the end of \(name)", within: limit) { if case .ended = $0 { true } else { false } }
    guard case .ended(let exit) = last else { throw Overdue(what: "the end of \(name)") }
    return exit
  }

  /// Waits until its output and errors so far fit; throws at once when it ends without.
  public func waitUntil(
    _ what: String, within limit: Duration = .seconds(20),
    _ fits: @escaping @Sendable (_ output: [UInt8], _ errors: [UInt8]) -> Bool
  ) async throws {
    let isThere: @Sendable () -> Bool = { [self] in
      let (output, errors) = state.withLock { ($0.output, $0.errors) }
      return fits(output, errors)
    }
    if isThere() { return }
    _ = try await news.first("\(what) of \(name)", within: limit) { if case .ended = $0 { true } else { isThere() } }
    guard isThere() else {
      throw Overdue(what: "\(what) of \(name), which has ended: \(errorText.suffix(2000)) \(outputText.suffix(500))")
    }
  }

  // MARK: Start

  private struct Pipe: ~Copyable {
    let read: Descriptor
    let write: Descriptor

    init() throws(SystemError) {
      var pair: [Int32] = [-1, -1]
      guard pipe(&pair) == 0 else { throw SystemError("make", "a pipe") }
      for end in pair { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
      read = Descriptor(owning: pair[0])
      write = Descriptor(owning: pair[1])
    }
  }

  /// `htr_spawn` gives a program one stream for output and errors; a shell between takes its input for the errors.
  private static func spawn(
    _ program: String, _ arguments: [String], _ environment: [String: String], _ folder: String?,
    _ output: Int32, _ errors: Int32
  ) throws(SystemError) -> Int32 {
    let shell = "/bin/sh"
    let words = [shell, "-c", #"exec "$0" "$@" 2>&0 </dev/null"#, program] + arguments
    let variables = environment.map { "\($0.key)=\($0.value)" }.sorted()
    var step: UnsafePointer<CChar>?
    let pid = withCStrings(words) { words in
      withCStrings(variables) { variables in
        shell.withCString { file in
          (folder ?? "/").withCString { folder in
            var request = htr_spawn_request()
            request.file = file
            request.arguments = words
            request.environment = variables
            request.folder = folder
            request.input = errors
            request.output = output
            return htr_spawn(&request, &step)
          }
        }
      }
    }
    guard pid > 0 else { throw SystemError("start (\(step.map { String(cString: $0) } ?? "fork"))", program) }
    return pid
  }

  // MARK: Watch

  /// Reads until the process has ended; what it left behind may hold the pipes open for ever.
  private func follow(_ output: Int32, _ errors: Int32) {
    let handle = htr_pidfd_open(pid)
    for end in [output, errors] { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
    defer { for end in [output, errors, handle] { close(end) } }
    var open = [output, errors]
    while true {
      var waiting = (open + [handle]).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      poll(&waiting, nfds_t(waiting.count), -1)
      let hasEnded = waiting[waiting.count - 1].revents != 0
      for entry in waiting.dropLast() where entry.revents != 0 {
        if drain(entry.fd, isOutput: entry.fd == output) { open.removeAll { $0 == entry.fd } }
      }
      if hasEnded {
        for end in open { _ = drain(end, isOutput: end == output) }
        return news.send(.ended(reap()))
      }
    }
  }

  /// Takes what is there; true at the end of the stream.
  private func drain(_ end: Int32, isOutput: Bool) -> Bool {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(end, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return count == 0 }
      state.withLock { state in
        if isOutput { state.output += buffer[..<count] } else { state.errors += buffer[..<count] }
      }
      news.send(.output)
    }
  }

  private func reap() -> Exit {
    var status: Int32 = 0
    state.withLock { state in
      while waitpid(pid, &status, 0) < 0, errno == EINTR {}
      state.isReaped = true
    }
    let code = htr_wait_status_exited(status)
    return code >= 0 ? .code(code) : .signal(htr_wait_status_signaled(status))
  }
}

/// Runs calls that block on a thread of their own, so that no test keeps another's thread.
public func offPool<Answer: Sendable>(
  _ body: @escaping @Sendable () throws -> Answer
) async throws -> Answer {
  try await withCheckedThrowingContinuation { continuation in
    Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
  }
}

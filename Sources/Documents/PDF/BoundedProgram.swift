import CHost
import Glibc
import HostKit

/// A run of another program on bytes from outside: bounded in time, memory and what it writes, and gone when we go.
struct BoundedProgram {
  let name: String
  var arguments: [String]
  /// Where it runs and may write.
  var folder: String
  var seconds: Int
  /// Of what it prints; beyond, it is ended.
  var maximumPrinted = 4 << 20
  var maximumFile: UInt64 = 256 << 20
  var maximumMemory: UInt64 = 3 << 30

  struct Outcome {
    let hasSucceeded: Bool
    let printed: String
  }

  /// Runs it to its end.
  /// - Throws: `DocumentFault` when it is not installed or takes too long; `SystemError` when it cannot be started.
  func run() throws -> Outcome {
    guard let program = Self.path(of: name) else {
      throw DocumentFault("PDF files are read by the program \(name), which is not installed: install poppler-utils")
    }
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw SystemError("make", "a pipe") }
    let reading = Descriptor(owning: ends[0])
    let writing = Descriptor(owning: ends[1])
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    _ = fcntl(reading.number, F_SETFL, O_NONBLOCK)
    let nothing = try Descriptor.open("/dev/null", O_RDONLY)
    let pid = try start(program, input: nothing.number, output: writing.number)
    _ = consume writing
    return try follow(pid, reading.number)
  }

  private static func path(of name: String) -> String? {
    let along = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
    return along.split(separator: ":").map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
  }

  private func start(_ program: String, input: Int32, output: Int32) throws(SystemError) -> pid_t {
    // Messages in English, and the fonts of the system; nothing else of ours is its business.
    let variables = ["LC_ALL=C.UTF-8", "PATH=/usr/bin:/bin", "HOME=\(folder)"]
    var step: UnsafePointer<CChar>?
    let pid = withCStrings([program] + arguments) { words in
      withCStrings(variables) { variables in
        program.withCString { file in
          folder.withCString { folder in
            var request = htr_spawn_request()
            (request.file, request.folder) = (file, folder)
            (request.arguments, request.environment) = (words, variables)
            (request.input, request.output) = (input, output)
            (request.address_space, request.file_size) = (maximumMemory, maximumFile)
            request.die_with_parent = 1
            return htr_spawn(&request, &step)
          }
        }
      }
    }
    guard pid > 0 else { throw SystemError("start (\(step.map { String(cString: $0) } ?? "fork"))", program) }
    return pid
  }

  /// Reads what it prints until it ends; what is beyond its bounds ends it.
  private func follow(_ pid: pid_t, _ output: Int32) throws -> Outcome {
    let deadline = ContinuousClock.now + .seconds(seconds)
    var printed: [UInt8] = []
    var isOpen = true
    while isOpen, printed.count <= maximumPrinted, ContinuousClock.now < deadline {
      let rest = (deadline - .now) / .milliseconds(1)
      var waiting = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
      poll(&waiting, 1, Int32(max(1, rest)))
      isOpen = Self.drain(output, into: &printed, limit: maximumPrinted + 1)
    }
    // Its output's end is its own end, but for a program that closes it early: there is none that we start.
    if isOpen { kill(-pid, SIGKILL) }
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    if isOpen {
      throw DocumentFault(
        printed.count > maximumPrinted
          ? "\(name) prints more than \(maximumPrinted) bytes about it" : "\(name) takes longer than \(seconds) s")
    }
    return Outcome(hasSucceeded: htr_wait_status_exited(status) == 0, printed: String(decoding: printed, as: UTF8.self))
  }

  /// Takes what is there; false at the end.
  private static func drain(_ output: Int32, into printed: inout [UInt8], limit: Int) -> Bool {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while printed.count < limit {
      let count = read(output, &buffer, buffer.count)
      if count > 0 { printed += buffer[..<count] }
      if count == 0 { return false }
      if count < 0, errno != EINTR { return errno == EAGAIN }
    }
    return true
  }
}

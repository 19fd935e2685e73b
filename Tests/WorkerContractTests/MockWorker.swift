import Glibc
import HostKit
import JSONKit
import WorkerContract

/// A scratch job folder and the built `htr-worker` to run in it.
final class MockWorker {
  struct End {
    /// nil when a signal ended the process.
    let code: Int32?
    let signal: Int32?
    let output: String
  }

  let layout: TrainingLayout
  let token = Identifier.random(bytes: 8)

  init(_ hyperparameters: [String: String]) throws {
    layout = TrainingLayout(
      base: "\(getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp")/htr-mock-\(Identifier.random(bytes: 8))")
    for folder in layout.folders { try Files.makeFolder(folder) }
    try set(hyperparameters)
  }

  deinit {
    try? Files.remove(layout.base)  // A folder that stays in the scratch space hurts nobody.
  }

  func set(_ hyperparameters: [String: String]) throws {
    var hyperparameters = hyperparameters
    if hyperparameters["seconds-per-epoch"] == nil { hyperparameters["seconds-per-epoch"] = "0" }
    try Files.write(JSON.strings(hyperparameters).bytes, to: layout.hyperparameters, durable: false)
  }

  func run(_ arguments: [String] = ["train", "mock"]) throws -> End {
    try start(arguments).end(after: "")
  }

  /// Starts the program with nothing of this test's own open but its standard descriptors. Foundation's Process cannot
  /// be used: it takes a worker for alive as long as any process that the worker left behind.
  func start(_ arguments: [String] = ["train", "mock"]) throws -> Running {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw SystemError("make a pipe for", "htr-worker") }
    let output = Descriptor(owning: ends[0])
    let input = Descriptor(owning: ends[1])
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, input.number, STDOUT_FILENO)
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
    let words = Words(["htr-worker"] + arguments)
    let variables = Words(["SAGEMAKER_BASE_DIR=\(layout.base)", "HTR_ATTEMPT=\(token)"])
    var pid: pid_t = 0
    let code = posix_spawn(&pid, try Self.program(), &actions, nil, words.pointers, variables.pointers)
    guard code == 0 else { throw SystemError("start", "htr-worker", code: code) }
    return Running(pid: pid, output: output)
  }

  /// The program is built into the folder in which this test program lies.
  private static func program() throws -> String {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    guard count > 0 else { throw SystemError("look at", "/proc/self/exe") }
    let tests = String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
    return "\(Files.parent(of: tests))/htr-worker"
  }

  /// Texts as C wants them: pointers with nil at the end.
  private final class Words {
    let pointers: [UnsafeMutablePointer<CChar>?]

    init(_ texts: [String]) {
      pointers = texts.map { (text: String) -> UnsafeMutablePointer<CChar>? in strdup(text) } + [nil]
    }

    deinit { for pointer in pointers { free(pointer) } }
  }

  /// A worker that runs now.
  struct Running: ~Copyable {
    let pid: pid_t
    let output: Descriptor

    /// What it has written up to and including that text.
    func read(until text: String) throws -> String {
      var all: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 4096)
      while !String(decoding: all, as: UTF8.self).contains(text) {
        let count = Glibc.read(output.number, &buffer, buffer.count)
        guard count > 0 else { throw SystemError("read", "the log up to \(text)", code: EPIPE) }
        all += buffer[..<count]
      }
      return String(decoding: all, as: UTF8.self)
    }

    /// Reads the rest and waits for the end.
    func end(after read: String) throws -> End {
      let rest = try output.read(limit: 1 << 24, path: "the worker's log")
      return try wait(output: read + String(decoding: rest, as: UTF8.self))
    }

    func wait(output: String = "") throws -> End {
      var status: Int32 = 0
      while waitpid(pid, &status, 0) != pid {
        guard errno == EINTR else { throw SystemError("wait for", "htr-worker") }
      }
      let signal = status & 0x7F
      return End(
        code: signal == 0 ? status >> 8 & 0xFF : nil, signal: signal == 0 ? nil : signal, output: output)
    }
  }
}

import Glibc
import WorkerContract

extension MockAlgorithm {
  /// Memory that is really there: each page has been written to.
  func fillMemory() throws(AlgorithmFailure) -> UnsafeMutableRawPointer? {
    guard memoryMegabytes > 0 else { return nil }
    let size = memoryMegabytes << 20
    guard let memory = malloc(size) else {
      throw AlgorithmFailure(
        .algorithmError, "There is no room for \(memoryMegabytes) megabytes of memory.")
    }
    memset(memory, 1, size)
    return memory
  }

  /// Ends the process by a signal, whatever it would usually do with it.
  func crash(_ number: Int32) {
    var limit = rlimit(rlim_cur: 0, rlim_max: 0)
    setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
    signal(number, SIG_DFL)
    var all = sigset_t()
    sigfillset(&all)
    sigprocmask(SIG_UNBLOCK, &all, nil)
    kill(getpid(), number)
  }

  /// Starts processes that outlive this one unless somebody ends them: children, sessions of their own, orphans.
  func leaveProcessesBehind(_ log: WorkerLog) throws(AlgorithmFailure) {
    for number in 0..<forks {
      let kind = IdleProcess.allCases[number % IdleProcess.allCases.count]
      let pid = try kind.start()
      log.line("Left behind \(kind.rawValue) \(pid)")
    }
  }
}

/// A process that only waits, started to see whether it is found and ended with its job.
///
/// It is this program again (`htr-worker idle KIND`), not a fork, for a forked Swift program may do next to nothing.
public enum IdleProcess: String, CaseIterable, Sendable {
  case child, session, daemon, stubborn

  /// At most this long, so that a test that fails leaves nothing for ever.
  private static let seconds: Double = 3600

  func start() throws(AlgorithmFailure) -> Int32 {
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    var arguments = ["htr-worker", "idle", rawValue].map { (word: String) in strdup(word) }
    defer { for argument in arguments { free(argument) } }
    arguments.append(nil)
    var pid: pid_t = 0
    let code = posix_spawn(&pid, "/proc/self/exe", nil, &attributes, arguments, environ)
    guard code == 0 else {
      throw AlgorithmFailure(
        .algorithmError, "A process could not be started: \(String(cString: strerror(code))).")
    }
    return pid
  }

  /// What the started process does.
  func run() throws(AlgorithmFailure) {
    if self != .child { setsid() }
    switch self {
    case .child, .session: sleep(UInt32(Self.seconds))
    case .daemon:
      // Its own child waits; this one ends at once, so that the child has no parent of ours any more.
      _ = try IdleProcess.session.start()
    case .stubborn:
      var stop = StopSignal()
      stop.ignore()
      stop.wait(seconds: Self.seconds)
    }
  }
}

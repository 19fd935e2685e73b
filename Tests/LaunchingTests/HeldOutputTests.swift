import CHost
import Glibc
import HostKit
import TestKit
import Testing
import WorkerContract

/// What the nursery holds while nobody else does.
@Suite(.timeLimit(.minutes(1)))
struct HeldOutputTests {
  private let patient = "while [ ! -e go ]; do sleep 0.01; done; echo done"

  @Test(arguments: [true, false])
  func `output that waits in the pipe outlives daemon and shim`(isDaemonFirst: Bool) async throws {
    try await LaunchPad.use { pad in
      let attempt = try pad.attempt("i=0; while :; do i=$((i+1)); echo line $i; echo $i >> written; done")
      let nursery = try LoneNursery()
      let shim = try nursery.launch(attempt)
      try await pileUpOutput(of: attempt, shim)
      if isDaemonFirst { nursery.loseDaemon() }
      shim.send(SIGKILL)
      try await end(of: shim, "the shim")
      if !isDaemonFirst { nursery.loseDaemon() }
      try await waitUntil("the worker's end") { attempt.processes.isEmpty }

      #expect(try await pad.run(attempt).exit.outcome == .lost)
      try expectEveryLineOnce(attempt)
      try await end(of: nursery.handle, "the nursery")
    }
  }

  /// Stops the shim, and waits until far more lines are written than are in the log.
  private func pileUpOutput(of attempt: Attempt, _ shim: ProcessHandle) async throws {
    try await waitUntil("the first lines") { try lines(of: attempt.text("written")).count > 300 }
    shim.send(SIGSTOP)
    try await waitUntil("lines in the pipe") {
      try lines(of: attempt.text("written")).count > lines(of: attempt.logText).count + 300
    }
  }

  private func lines(of text: String) -> [Substring] { text.split(separator: "\n") }

  /// A line is recorded just after it is written, so the last one may be without a record.
  private func expectEveryLineOnce(_ attempt: Attempt) throws {
    let records = try attempt.text("written").split(separator: "\n", omittingEmptySubsequences: false)
    let reported = try #require(records.dropLast().last.flatMap { Int($0) })
    let logged = try lines(of: attempt.logText).map(String.init)
    #expect(logged == (0..<logged.count).map { "line \($0 + 1)" })
    #expect(logged.count == reported || logged.count == reported + 1)
  }

  @Test func `a nursery that holds nothing goes with its daemon`() async throws {
    let nursery = try LoneNursery()
    nursery.loseDaemon()
    try await end(of: nursery.handle, "the nursery")
  }

  @Test func `a nursery whose attempts have ended goes with its daemon`() async throws {
    try await LaunchPad.use { pad in
      let nursery = try LoneNursery()
      for shim in try (1...3).map({ _ in try nursery.launch(try pad.attempt("true")) }) {
        try await end(of: shim, "the shim")
      }
      nursery.loseDaemon()
      try await end(of: nursery.handle, "the nursery")
    }
  }

  @Test func `a nursery without a daemon goes when its last attempt ends`() async throws {
    try await LaunchPad.use { pad in
      let attempt = try pad.attempt(patient)
      let nursery = try LoneNursery()
      _ = try nursery.launch(attempt)
      try await pad.waitForStart(attempt)
      nursery.loseDaemon()
      try Files.write("", to: "\(attempt.folder.base)/go")
      try await end(of: nursery.handle, "the nursery")
      #expect(try AttemptEnd.read(attempt.folder.end)?.exit.isSuccess == true)
    }
  }

  enum Loss: CaseIterable { case removed, movedAway, replaced, pipeRemoved }

  @Test(arguments: Loss.allCases)
  func `a pipe that nobody can find any more is not held`(loss: Loss) async throws {
    try await LaunchPad.use { pad in
      let attempt = try pad.attempt(patient)
      let nursery = try LoneNursery()
      let shim = try nursery.launch(attempt)
      try await pad.waitForStart(attempt)
      nursery.loseDaemon()
      shim.send(SIGKILL)
      try await end(of: shim, "the shim")
      try await waitUntil("the worker's end") { attempt.processes.isEmpty }
      #expect(pipes(of: nursery.pid) == [attempt.folder.output])

      let path = attempt.folder.path
      switch loss {
      case .removed: try Files.remove(path)
      case .movedAway: try Files.rename(path, to: "\(pad.home)/away")
      case .replaced:
        try Files.rename(path, to: "\(pad.home)/away")
        try Files.makeFolder(path)
        #expect(mkfifo(attempt.folder.output, 0o600) == 0)
      case .pipeRemoved: try Files.remove(attempt.folder.output)
      }
      try await end(of: nursery.handle, "the nursery")
    }
  }

  @Test func `a shim holds its own pipe only`() async throws {
    try await LaunchPad.use { pad in
      let attempts = try (1...3).map { _ in try pad.attempt(patient) }
      let nursery = try LoneNursery()
      let shims = try attempts.map(nursery.launch)
      for attempt in attempts {
        try await pad.waitForStart(attempt)
        #expect(pipes(of: try #require(try attempt.shim).pid) == [attempt.folder.output])
      }
      #expect(pipes(of: nursery.pid) == Set(attempts.map(\.folder.output)))
      try await finish(attempts, shims)
    }
  }

  @Test func `a nursery that is short of descriptors launches without holding`() async throws {
    try await LaunchPad.use { pad in
      let attempts = try (1...12).map { _ in try pad.attempt(patient) }
      let nursery = try LoneNursery(mostDescriptors: 24)
      let shims = try attempts.map(nursery.launch)
      for attempt in attempts { try await pad.waitForStart(attempt) }
      #expect(pipes(of: nursery.pid).count == 8)
      try await finish(attempts, shims)
    }
  }

  private func finish(_ attempts: [Attempt], _ shims: [ProcessHandle]) async throws {
    for attempt in attempts { try Files.write("", to: "\(attempt.folder.base)/go") }
    for shim in shims { try await end(of: shim, "the shim") }
    for attempt in attempts { #expect(try attempt.logText == "done\n") }
  }

  private func end(of process: ProcessHandle, _ what: String) async throws {
    try await offPool {
      var waiting = pollfd(fd: process.descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&waiting, 1, 20_000) == 1 else { throw Overdue(what: "the end of \(what)") }
    }
  }

  /// The output pipes that a process has open.
  private func pipes(of pid: Int32) -> Set<String> {
    // One that has ended has none.
    let numbers = (try? Files.names(in: "/proc/\(pid)/fd")) ?? []
    return Set(
      numbers.compactMap { Files.realPath("/proc/\(pid)/fd/\($0)") }.filter { $0.hasSuffix("/output.fifo") })
  }
}

/// A nursery as a daemon starts it, with the daemon's side in the test's hands: nobody else holds what it holds.
private final class LoneNursery {
  let pid: Int32
  let handle: ProcessHandle
  private var socket: Int32

  init(mostDescriptors: Int = 1024) throws {
    var pair: [Int32] = [-1, -1]
    try #require(htr_socket_pair(&pair) == 0)
    let shell = "/bin/sh"
    let words = [shell, "-c", "ulimit -n \(mostDescriptors); exec \"$0\" nursery", try Programs.path("htr-shim")]
    let child = withCStrings(words) { words in
      withCStrings([]) { variables in htr_start_service(shell, words, variables, pair[1]) }
    }
    close(pair[1])
    socket = pair[0]
    pid = child
    handle = try #require(ProcessIdentity(of: child)?.openHandle())
  }

  deinit {
    loseDaemon()
    handle.send(SIGKILL)
    while waitpid(pid, nil, 0) < 0, errno == EINTR {}
  }

  /// Makes the pipe and launches, as the daemon does.
  func launch(_ attempt: Attempt) throws -> ProcessHandle {
    try #require(mkfifo(attempt.folder.output, 0o600) == 0)
    let path = Array(attempt.folder.path.utf8)
    try #require(htr_send_message(socket, path, path.count, -1) == path.count)
    var answer = [UInt8](repeating: 0, count: 128)
    var descriptor: Int32 = -1
    let count = htr_receive_message(socket, &answer, answer.count, &descriptor)
    try #require(descriptor >= 0, "\(String(decoding: answer.prefix(max(count, 0)), as: UTF8.self))")
    return ProcessHandle(owning: descriptor)
  }

  func loseDaemon() {
    if socket >= 0 { close(socket) }
    socket = -1
  }
}

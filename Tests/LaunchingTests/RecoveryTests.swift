import Glibc
import HostKit
import Launching
import TestKit
import Testing
import WorkerContract

@Suite(.timeLimit(.minutes(1)))
struct RecoveryTests {
  private static let shimPoints = Failpoint.allCases.filter { $0.rawValue.hasPrefix("shim") }

  @Test(arguments: shimPoints)
  func `an attempt converges wherever its shim is killed`(point: Failpoint) async throws {
    try await LaunchPad.use(failpoints: [point]) { pad in
      let attempt = try pad.attempt(
        "echo run >> runs; echo w > model/weights; echo r > output/data/report; echo done")
      let end = try await pad.run(attempt)
      let wasLost: Set<Failpoint> = [.shimAfterSpawn, .shimAfterWorkerExit]
      #expect(!Files.exists("\(pad.home)/failpoints/\(point.rawValue)"))
      #expect(attempt.processes.isEmpty)
      if wasLost.contains(point) {
        #expect(end.exit.outcome == .lost && end.model == nil)
        #expect(try ["", "run\n"].contains(attempt.text("runs")))
        #expect(try ["", "done\n"].contains(attempt.logText))
      } else {
        #expect(end.exit.isSuccess && end.model != nil && end.output != nil)
        #expect(try attempt.text("runs") == "run\n")
        #expect(try attempt.logText == "done\n")
      }
    }
  }

  @Test(arguments: 1...5)
  func `a killed shim loses and repeats no line of a chatty worker`(round: Int) async throws {
    try await LaunchPad.use { pad in
      let attempt = try pad.attempt(
        "i=0; while :; do i=$((i+1)); echo line $i; echo $i >> written; done")
      let gone = try pad.launch(attempt)
      try await waitUntil("\(round * 300) lines") {
        try attempt.text("written").split(separator: "\n").count > round * 300
      }
      let shim = try #require(try attempt.shim)
      #expect(shim.openHandle()?.send(SIGKILL) == true)
      _ = try await gone.first("the shim's end")
      let exit = try await pad.run(attempt).exit
      #expect(exit.outcome == .lost)
      #expect(attempt.processes.isEmpty)

      let written = try attempt.text("written").split(separator: "\n", omittingEmptySubsequences: false)
      let reported = try #require(written.dropLast().last.flatMap { Int($0) })
      let lines = try attempt.logText.split(separator: "\n").map(String.init)
      #expect(lines == (0..<lines.count).map { "line \($0 + 1)" })
      #expect(lines.count == reported || lines.count == reported + 1)
    }
  }

  @Test func `descendants of a killed shim's worker are ended`() async throws {
    try await LaunchPad.use { pad in
      let attempt = try pad.attempt(
        "setsid sleep 1000 & env -i sleep 1000 & echo $! > bare; echo ready; sleep 1000")
      let gone = try pad.launch(attempt)
      try await pad.waitForStart(attempt)
      try await waitUntil("the worker's line") { try attempt.logText == "ready\n" }
      let bare = try #require(Int32(try attempt.text("bare").dropLast()))
      try #require(try attempt.shim).openHandle()?.send(SIGKILL)
      _ = try await gone.first("the shim's end")
      #expect(try await pad.run(attempt).exit.outcome == .lost)
      #expect(attempt.processes.isEmpty)
      #expect(ProcessIdentity(of: bare) == nil)
    }
  }

  @Test func `an ended attempt is left alone`() async throws {
    try await LaunchPad.use { pad in
      let attempt = try pad.attempt("echo once")
      let end = try await pad.run(attempt)
      #expect(try await pad.run(attempt) == end)
      #expect(try attempt.logText == "once\n")
    }
  }

  @Test func `a killed nursery is replaced and its shims live on`() async throws {
    try await LaunchPad.use { pad in
      let first = try pad.attempt("echo ready; while [ ! -e go ]; do sleep 0.01; done")
      let gone = try pad.launch(first)
      try await pad.waitForStart(first)
      let nursery = try #require(try first.shim.flatMap { ProcessEntry(pid: $0.pid)?.parent })
      kill(nursery, SIGKILL)
      #expect(try await pad.run(try pad.attempt("true")).exit.isSuccess)
      try Files.write("", to: "\(first.folder.base)/go")
      _ = try await gone.first("the first shim's end")
      #expect(try AttemptEnd.read(first.folder.end)?.exit.isSuccess == true)
    }
  }

  @Test func `a new launcher adopts a living shim`() async throws {
    try await LaunchPad.use { pad in
      let attempt = try pad.attempt("echo ready; while [ ! -e go ]; do sleep 0.01; done")
      let before = try pad.launch(attempt)
      try await pad.waitForStart(attempt)
      pad.launcher.shutDown()

      let launcher = try pad.anotherLauncher()
      defer { launcher.shutDown() }
      let gone = Mailbox<Void>()
      #expect(launcher.adopt(attempt.folder, token: attempt.spec.token) { gone.send(()) })
      #expect(launcher.isWatching(token: attempt.spec.token))
      try Files.write("", to: "\(attempt.folder.base)/go")
      _ = try await gone.first("the shim's end")
      #expect(try AttemptEnd.read(attempt.folder.end)?.exit.isSuccess == true)
      #expect(gone.values.count == 1 && before.values.isEmpty)
      #expect(!launcher.isWatching(token: attempt.spec.token))
    }
  }

  @Test func `nobody adopts a shim that is gone`() async throws {
    try await LaunchPad.use { pad in
      let attempt = try pad.attempt("true")
      _ = try await pad.run(attempt)
      #expect(!pad.launcher.adopt(attempt.folder, token: attempt.spec.token) {})
    }
  }

  @Test func `launching twice makes one shim`() async throws {
    try await LaunchPad.use { pad in
      let attempt = try pad.attempt("echo run >> runs; while [ ! -e go ]; do sleep 0.01; done")
      let first = try pad.launch(attempt)
      let second = try pad.launch(attempt)
      try await pad.waitForStart(attempt)
      try Files.write("", to: "\(attempt.folder.base)/go")
      _ = try await first.first("the shim's end")
      #expect(try attempt.text("runs") == "run\n")
      #expect(second.values.isEmpty)
    }
  }
}

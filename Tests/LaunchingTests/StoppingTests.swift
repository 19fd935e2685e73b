import Glibc
import HostKit
import Launching
import TestKit
import Testing
import WorkerContract

@Suite(.timeLimit(.minutes(1)))
struct StoppingTests {
  private let patient = "trap 'echo bye; exit 7' TERM; echo ready; while :; do sleep 0.01; done"
  private let stubborn = "trap '' TERM; echo ready; while :; do sleep 0.01; done"

  private func waitForReady(_ attempt: Attempt) async throws {
    try await waitUntil("the worker's first line") { try attempt.logText.contains("ready") }
  }

  @Test func `a stopped worker may end by itself`() async throws {
    try await LaunchPad.use { pad in
      let attempt = try pad.attempt(patient)
      let gone = try pad.launch(attempt)
      try await pad.waitForStart(attempt)
      try await waitForReady(attempt)
      try pad.launcher.stop(
        attempt.folder, token: attempt.spec.token, order: StopOrder(orderedAt: .now()))
      _ = try await gone.first("the shim's end")
      let end = try #require(try AttemptEnd.read(attempt.folder.end))
      #expect(end.exit.code == 7 && end.exit.cause == .stopOrder)
      #expect(end.model != nil)
      #expect(try attempt.logText.hasSuffix("bye\n"))
    }
  }

  @Test(arguments: [0, 0.2]) func `a stubborn worker is killed`(grace: Double) async throws {
    try await LaunchPad.use { pad in
      let attempt = try pad.attempt(stubborn)
      let gone = try pad.launch(attempt)
      try await pad.waitForStart(attempt)
      try await waitForReady(attempt)
      let order = StopOrder(orderedAt: .now(), graceSeconds: grace)
      try pad.launcher.stop(attempt.folder, token: attempt.spec.token, order: order)
      _ = try await gone.first("the shim's end")
      let exit = try #require(try AttemptEnd.read(attempt.folder.end)).exit
      #expect(exit.signal == SIGKILL && exit.cause == .stopOrder)
      #expect(exit.endedAt >= order.orderedAt.advanced(bySeconds: grace))
    }
  }

  @Test func `a second order can shorten the grace time`() async throws {
    try await LaunchPad.use { pad in
      let attempt = try pad.attempt(stubborn) { $0.stopGraceSeconds = 1000 }
      let gone = try pad.launch(attempt)
      try await pad.waitForStart(attempt)
      try await waitForReady(attempt)
      for grace in [nil, 0.0] {
        let order = StopOrder(orderedAt: .now(), graceSeconds: grace)
        try pad.launcher.stop(attempt.folder, token: attempt.spec.token, order: order)
      }
      _ = try await gone.first("the shim's end")
      #expect(try AttemptEnd.read(attempt.folder.end)?.exit.signal == SIGKILL)
    }
  }

  @Test func `a worker that was stopped before its start never starts`() async throws {
    try await LaunchPad.use { pad in
      let attempt = try pad.attempt("echo started")
      try pad.launcher.stop(
        attempt.folder, token: attempt.spec.token, order: StopOrder(orderedAt: .now()))
      let exit = try await pad.run(attempt).exit
      #expect(exit.outcome == .notStarted && exit.cause == .stopOrder)
      #expect(try attempt.log.isEmpty)
    }
  }

  @Test func `a TERM without an order changes nothing`() async throws {
    try await LaunchPad.use { pad in
      let attempt = try pad.attempt("echo ready; while [ ! -e go ]; do sleep 0.01; done")
      let gone = try pad.launch(attempt)
      try await waitUntil("the worker's record") { Files.exists(attempt.folder.worker) }
      let shim = try #require(try attempt.shim)
      shim.openHandle()?.send(SIGTERM)
      try Files.write("", to: "\(attempt.folder.base)/go")
      _ = try await gone.first("the shim's end")
      #expect(try AttemptEnd.read(attempt.folder.end)?.exit.isSuccess == true)
    }
  }

  @Test func `a worker that runs too long is stopped`() async throws {
    try await LaunchPad.use { pad in
      let attempt = try pad.attempt("echo w > model/weights; sleep 1000") {
        $0.maximumRuntimeSeconds = 0.3
      }
      let end = try await pad.run(attempt)
      #expect(end.exit.signal == SIGTERM && end.exit.cause == .maximumRuntime)
      #expect(end.model != nil)
    }
  }

  @Test func `a worker over its memory limit is killed`() async throws {
    try await LaunchPad.use { pad in
      let attempt = try pad.attempt("held=$(yes | head -c 30000000); sleep 1000") {
        $0.memoryLimitBytes = 20_000_000
      }
      let exit = try await pad.run(attempt).exit
      #expect(exit.signal == SIGKILL && exit.cause == .memoryLimit)
      #expect(exit.message?.contains("20000000") == true)
      #expect(exit.peakMemoryBytes > 20_000_000)
    }
  }

  @Test func `output beyond the limit is a reason even when the worker has ended`() async throws {
    try await LaunchPad.use { pad in
      let exit = try await pad.run(try pad.attempt("echo 0123456789") { $0.logLimitBytes = 5 }).exit
      #expect(exit.cause == .logLimit)
      #expect(exit.message == "the log has reached its limit of 5 bytes")
    }
  }

  @Test func `a log that cannot be written ends the worker`() async throws {
    try await LaunchPad.use { pad in
      let attempt = try pad.attempt("echo lost; sleep 1000") { $0.log = "/dev/full" }
      let exit = try await pad.run(attempt).exit
      #expect(exit.signal == SIGKILL && exit.cause == .diskFull)
      #expect(exit.message?.hasPrefix("cannot write the log /dev/full: ") == true)
    }
  }

  @Test func `a log stops growing at its limit`() async throws {
    try await LaunchPad.use { pad in
      let attempt = try pad.attempt("while :; do echo 0123456789; done") {
        $0.logLimitBytes = 100_000
      }
      let exit = try await pad.run(attempt).exit
      #expect(exit.cause == .logLimit)
      #expect(try attempt.log.count == 100_000)
    }
  }
}

import Glibc
import HostKit
import Launching
import TestKit
import Testing
import WorkerContract

@Suite(.timeLimit(.minutes(1)))
struct WorkerEndTests {
  @Test func `output is byte-exact, binary and a last half line included`() async throws {
    try await LaunchPad.use { pad in
      let attempt = try pad.attempt(#"printf 'a\000\377\r\n'; printf 'error\n' >&2; printf 'half'"#)
      _ = try await pad.run(attempt)
      let expected: [UInt8] =
        [0x61, 0, 0xff, 0x0d, 0x0a] + Array("error\n".utf8) + Array("half".utf8)
      #expect(try attempt.log == expected)
    }
  }

  @Test func `the index ends with the size of the log`() async throws {
    try await LaunchPad.use { pad in
      let before = Timestamp.now()
      let attempt = try pad.attempt("for i in 1 2 3; do echo $i; done")
      _ = try await pad.run(attempt)
      let index = try Files.read(attempt.spec.logIndex)
      #expect(!index.isEmpty && index.count % 16 == 0)
      let last = Array(index.suffix(16))
      let words = last.withUnsafeBytes { bytes in
        [0, 8].map { UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: $0, as: UInt64.self)) }
      }
      #expect(words[0] == 6)
      #expect(Int64(words[1]) >= before.milliseconds)
    }
  }

  @Test func `a later attempt appends to the job's log`() async throws {
    try await LaunchPad.use { pad in
      let log = "\(pad.home)/log"
      for word in ["first", "second"] {
        _ = try await pad.run(try pad.attempt("echo \(word)") { $0.log = log })
      }
      #expect(try Files.readText(log) == "first\nsecond\n")
    }
  }

  @Test(arguments: [0, 1, 42]) func `the exit code is recorded`(code: Int32) async throws {
    try await LaunchPad.use { pad in
      let exit = try await pad.run(try pad.attempt("exit \(code)")).exit
      #expect(exit.outcome == .exited && exit.code == code && exit.cause == nil)
      #expect(exit.startedAt != nil)
    }
  }

  @Test func `the signal that ended a worker is recorded`() async throws {
    try await LaunchPad.use { pad in
      let exit = try await pad.run(try pad.attempt("kill -USR1 $$")).exit
      #expect(exit.outcome == .signaled && exit.signal == SIGUSR1 && exit.code == nil)
    }
  }

  @Test func `a program that does not exist says so`() async throws {
    try await LaunchPad.use { pad in
      let attempt = try pad.attempt("") { $0.executable = "/nowhere/program" }
      let exit = try await pad.run(attempt).exit
      #expect(exit.outcome == .notStarted && exit.startedAt == nil)
      #expect(
        exit.message == "cannot start /nowhere/program: No such file or directory (exec)")
    }
  }

  @Test func `a working folder that does not exist says so`() async throws {
    try await LaunchPad.use { pad in
      let attempt = try pad.attempt("") { $0.workingFolder = "/nowhere" }
      let exit = try await pad.run(attempt).exit
      #expect(exit.message == "cannot start /bin/sh in /nowhere: No such file or directory (folder)")
    }
  }

  @Test func `a broken spec ends the attempt`() async throws {
    try await LaunchPad.use { pad in
      let attempt = try pad.attempt("echo never")
      try Files.write("{", to: attempt.folder.spec)
      let exit = try await pad.run(attempt).exit
      #expect(exit.outcome == .notStarted)
      #expect(exit.message?.contains("spec.json") == true)
    }
  }

  @Test func `the worker's environment is the spec's and the token`() async throws {
    try await LaunchPad.use { pad in
      let attempt = try pad.attempt("") {
        $0.executable = "/usr/bin/env"
        $0.arguments = []
        $0.environment = ["A": "b c"]
      }
      _ = try await pad.run(attempt)
      #expect(try attempt.logText == "A=b c\nHTR_ATTEMPT=\(attempt.spec.token)\n")
    }
  }

  @Test func `the worker's record stands before its program runs`() async throws {
    try await LaunchPad.use { pad in
      let attempt = try pad.attempt("cp ../worker.json record; echo $$")
      _ = try await pad.run(attempt)
      let record = try #require(try ProcessRecord.read("\(attempt.folder.base)/record"))
      #expect(try attempt.logText == "\(record.identity.pid)\n")
    }
  }

  @Test func `grandchildren and daemons end with the worker`() async throws {
    try await LaunchPad.use { pad in
      let attempt = try pad.attempt(
        """
        sleep 1000 & (sleep 1000 & sleep 1000) & setsid sh -c 'sleep 1000 & setsid sleep 1000' &
        env -i /bin/sh -c 'echo $$ > bare; exec sleep 1000' &
        while [ ! -s bare ]; do :; done
        """)
      let end = try await pad.run(attempt)
      #expect(end.exit.isSuccess)
      #expect(attempt.processes.isEmpty)
      let bare = try #require(Int32(try attempt.text("bare").dropLast()))
      #expect(ProcessIdentity(of: bare) == nil)
    }
  }

  @Test func `a fork bomb loses`() async throws {
    try await LaunchPad.use { pad in
      // Each of ten daemons keeps twenty children going, which end soon and are replaced at once.
      let attempt = try pad.attempt(
        """
        for i in 1 2 3 4 5 6 7 8 9 10; do
          setsid sh -c 'n=0; while :; do sleep 0.5 & n=$((n+1)); [ $n -ge 20 ] && wait && n=0; done' &
        done
        sleep 0.7; exit 3
        """)
      let exit = try await pad.run(attempt).exit
      #expect(exit.code == 3)
      #expect(attempt.processes.isEmpty)
    }
  }

  @Test func `what the worker used is recorded`() async throws {
    try await LaunchPad.use { pad in
      let attempt = try pad.attempt("i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done")
      let exit = try await pad.run(attempt).exit
      #expect(exit.cpuSeconds > 0.01)
      #expect(exit.peakMemoryBytes > 100_000)
    }
  }

  @Test func `notices tell start, usage and the packing of much in this order`() async throws {
    try await LaunchPad.use { pad in
      let attempt = try pad.attempt(
        "while [ ! -e go ]; do sleep 0.01; done; head -c 5000000 /dev/zero > model/large"
      ) {
        $0.sampleSeconds = 0.05
      }
      let gone = try pad.launch(attempt)
      _ = try await pad.notices.first("a sample") {
        if case .usage(let usage) = $0.event { usage.memoryBytes > 0 } else { false }
      }
      try Files.write("", to: "\(attempt.folder.base)/go")
      _ = try await gone.first("the shim's end")
      let kinds = pad.notices.values.map {
        switch $0.event {
        case .workerStarted: "started"
        case .usage: "usage"
        case .packing: "packing"
        case .waitingForRoom: "waiting"
        }
      }
      #expect(kinds.first == "started" && kinds.last == "packing" && kinds.contains("usage"))
    }
  }
}

import Glibc
import HostKit
import TestKit
import Testing

/// How serve.py's processes start, stop and end.
@Suite(.enabled(if: ServingWorker.python != nil, ServingWorker.hint), .timeLimit(.minutes(1)))
struct ServingProcessTests {
  /// Says who it is and waits at the gate.
  static let waiter =
    ServingScriptTests.loader + """
      import os
      def transform_fn(model, body, content_type, accept):
          os.write(1, b'begun %d\\n' % os.getpid())
          open('GATE').read()
          return str(os.getpid())
      """

  @Test(arguments: [SIGTERM, SIGINT])
  func `asked to stop, idle, it ends its connections and exits with 0`(_ signal: Int32) async throws {
    let worker = try await ServingWorker(ServingScriptTests.repeater).ready()
    let idle = try ServingLine(worker)
    try idle.send("GET /ping HTTP/1.1\r\n\r\n")
    #expect(try await idle.answer().status == 200)
    worker.process.send(signal)
    #expect(try await idle.end() == [])
    #expect(try await worker.process.end() == .code(0))
    #expect(throws: SystemError.self) { try ServingLine(worker) }
  }

  @Test(arguments: [[], ["--workers", "2"]])
  func `asked to stop while it predicts, it answers first`(_ arguments: [String]) async throws {
    let worker = try await ServingWorker(Self.waiter, arguments: arguments).ready()
    let busy = try ServingLine(worker)
    try busy.send(ServingLine.post([1]))
    try await worker.printed("begun")
    worker.process.send(SIGTERM)
    // It takes no more connections from some moment on: then it has heard.
    try await offPool { while (try? ServingLine(worker)) != nil { usleep(1000) } }
    try await worker.open()
    let answer = try await busy.answer()
    #expect(answer.status == 200)
    #expect(answer.headers["connection"] == "close")
    #expect(try await worker.process.end() == .code(0))
  }

  @Test(arguments: [[], ["--workers", "2"]])
  func `asked to stop while the model loads, it ends with 0 at once`(_ arguments: [String]) async throws {
    let worker = try ServingWorker(
      "def model_fn(model_dir):\n    print('loading')\n    open('GATE').read()\n", arguments: arguments)
    try await worker.printed("loading", times: arguments.isEmpty ? 1 : 2)
    worker.process.send(SIGTERM)
    #expect(try await worker.process.end(within: .seconds(8)) == .code(0))
  }

  @Test func `a request that does not end is given up in time`() async throws {
    let worker = try await ServingWorker(Self.waiter, edit: ["DRAIN_SECONDS = 9": "DRAIN_SECONDS = 1"]).ready()
    let busy = try ServingLine(worker)
    try busy.send(ServingLine.post([1]))
    try await worker.printed("begun")
    worker.process.send(SIGTERM)
    #expect(try await worker.process.end(within: .seconds(8)) == .code(0))
    #expect(worker.lastWords == "htr: a request was still in hand after 1 s and is given up")
  }

  @Test func `a prediction that hangs is answered with 500 and ends the process`() async throws {
    let worker = try await ServingWorker(Self.waiter, arguments: ["--timeout", "1"]).ready()
    let answer = try await worker.ask()
    #expect(answer.status == 500)
    #expect(answer.text == "The prediction took longer than 1 s.\n")
    #expect(try await worker.process.end() == .code(1))
    #expect(worker.lastWords == "htr: the prediction above took longer than 1 s; the process ends")
    #expect(worker.process.errors.contains("in transform_fn"))
  }

  @Test(arguments: [[], ["--workers", "2"]])
  func `a script that asks to end gets its answer out and ends with 1`(_ arguments: [String]) async throws {
    let worker = try await ServingWorker(
      ServingScriptTests.loader + "import sys\ndef transform_fn(model, body, c, a): sys.exit('enough')\n",
      arguments: arguments
    ).ready()
    #expect(try await worker.ask().status == 500)
    #expect(try await worker.process.end() == .code(1))
    #expect(worker.process.errors.contains("htr: the script asked to end"))
  }

  @Test func `several processes predict side by side`() async throws {
    let worker = try await ServingWorker(
      ServingScriptTests.loader + """
        import os
        seen = []
        def transform_fn(model, body, content_type, accept):
            if not seen:
                seen.append(1)
                print('begun', os.getpid())
                open('GATE').read()
            return str(os.getpid())
        """, environment: ["SAGEMAKER_MODEL_SERVER_WORKERS": "2"]
    ).ready()
    // Most likely the second goes to the process that is idle; where chance sends one to the other it waits there.
    let lines = try (0..<20).map { _ in try ServingLine(worker) }
    for line in lines { try line.send(ServingLine.post([1])) }
    try await worker.printed("begun", times: 2)
    #expect(try await worker.ask("/ping").status == 200)
    let gate = worker.fifo()
    let opener = Task { while !Task.isCancelled { try await offPool { Self.tryGate(gate) } } }
    var processes: Set<String> = []
    var kept = 0
    for line in lines {
      let answer = try await line.answer()
      processes.insert(answer.text)
      if answer.headers["connection"] == nil { kept += 1 }
    }
    opener.cancel()
    #expect(processes.count == 2)
    #expect(!processes.contains("\(worker.process.pid)"))
    // Who waited behind another is sent away afterwards, to come back to an idle process.
    #expect((1...18).contains(kept), "\(kept)")
    worker.process.send(SIGTERM)
    #expect(try await worker.process.end() == .code(0))
  }

  /// Opens the gate if somebody waits there.
  private static func tryGate(_ path: String) {
    let number = Glibc.open(path, O_WRONLY | O_NONBLOCK)
    if number >= 0 { close(number) }
    usleep(1000)
  }

  @Test func `several processes are ready together`() async throws {
    let worker = try ServingWorker(
      """
      import os
      def model_fn(model_dir):
          try:
              os.mkdir(model_dir + '/first')
          except FileExistsError:
              print('second'); open('GATE').read()
          else:
              print('first')
      """, arguments: ["--workers", "2"])
    try await worker.printed("first")
    try await worker.printed("second")
    #expect(try await worker.ask("/ping").status == 503)
    try await worker.open()
    try await worker.ready()
    #expect(try await worker.ask("/ping").status == 200)
  }

  @Test func `when one of several processes dies the worker ends with 1 and says so`() async throws {
    let worker = try await ServingWorker(
      ServingScriptTests.loader + """
        import os, signal
        def transform_fn(model, body, content_type, accept):
            os.kill(os.getpid(), signal.SIGKILL) if body == b'die' else os._exit(7)
        """, arguments: ["--workers", "3"]
    ).ready()
    let line = try ServingLine(worker)
    try line.send(ServingLine.post(Array("die".utf8)))
    #expect(try await worker.process.end() == .code(1))
    #expect(worker.lastWords.hasSuffix("ended by signal 9"))
  }

  @Test func `a model that does not load ends all processes with 1 and its own last words`() async throws {
    let worker = try ServingWorker(
      "def model_fn(model_dir): raise MemoryError('too big')\n", arguments: ["--workers", "2"])
    #expect(try await worker.process.end() == .code(1))
    #expect(worker.lastWords == "htr: model_fn failed: MemoryError: too big")
  }

  @Test(arguments: [ServingScriptTests.repeater, waiter])
  func `processes do not outlive the one that started them`(_ script: String) async throws {
    let worker = try await ServingWorker(
      script, arguments: ["--workers", "2"], edit: ["DRAIN_SECONDS = 9": "DRAIN_SECONDS = 1"]
    ).ready()
    let line = try ServingLine(worker)
    if script == Self.waiter {
      try line.send(ServingLine.post([1]))
      try await worker.printed("begun")
    } else {
      try line.send("GET /ping HTTP/1.1\r\n\r\n")
      #expect(try await line.answer().status == 200)
    }
    worker.process.send(SIGKILL)
    let last = try await line.end()
    #expect(last == [], "\(String(decoding: last, as: UTF8.self))")
  }
}

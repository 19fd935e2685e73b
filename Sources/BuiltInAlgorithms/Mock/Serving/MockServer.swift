import ArchiveKit
import Glibc
import HostKit
import Synchronization
import WorkerContract

/// `htr-worker serve mock`: what tests and benchmarks of endpoints deploy. It starts in a few milliseconds, tells what it
/// was sent, and misbehaves as its environment (``MockServerSettings``) and single requests (``MockTrouble``) ask.
///
/// `GET /ping` is 200 once it is ready. `POST /invocations` describes the request as JSON, or sends its body back when its
/// Content-Type is `application/x-echo` or its Accept `application/octet-stream`. Each connection has a thread of its own.
final class MockServer: Sendable {
  private static let mostConnections = 256

  let settings: MockServerSettings
  let modelDigest: String
  /// Which attempt of htr this is, when htr has started it.
  let attempt: String?
  let closing: ClosingTime
  private let log: WorkerLog
  private let ready = Atomic(false)
  private let places = Places(count: MockServer.mostConnections)

  /// Serves until SIGTERM: then no connection is taken any more, and requests in hand are finished.
  static func run(model: String, socket: String, log: WorkerLog) throws(AlgorithmFailure) {
    // Before there is any thread: each inherits the blocked signal, so that only this one takes it.
    var stop = StopSignal()
    let server = try MockServer(model: model, log: log)
    if server.settings.ignoresTerm { stop.ignore() }
    let listener = try UnixListener(socket)
    guard let door = WorkerThread({ server.takeConnections(listener) }) else {
      listener.hide()
      throw AlgorithmFailure(.algorithmError, "The mock server has no room for a thread.")
    }
    if !stop.wait(seconds: server.settings.startSeconds) {
      if let code = server.settings.startExit {
        listener.hide()
        door.letGo()
        throw AlgorithmFailure(exitCode: Int32(code), "the mock server gives up, as it was asked to")
      }
      server.ready.store(true, ordering: .releasing)
      log.line("The mock server is ready: \(model) (SHA-256 \(server.modelDigest)) on \(socket)")
      while !stop.wait(seconds: 3600) {}
    }
    log.line("The mock server finishes what it has in hand")
    listener.hide()
    server.closing.arrive()
    door.join()
    server.places.takeAll()
  }

  private init(model: String, log: WorkerLog) throws(AlgorithmFailure) {
    let environment = MockServerSettings.environment()
    settings = try MockServerSettings(environment)
    attempt = environment["HTR_ATTEMPT"]
    self.log = log
    let path = "\(model)/model.bin"
    do {
      guard try Files.status(path)?.kind == .file else {
        throw AlgorithmFailure(
          .badData, "There is no file \(path): --model must name the folder that training with mock has left.")
      }
      modelDigest = try Digest.sha256(ofFile: path)
      closing = try ClosingTime()
    } catch let failure as AlgorithmFailure {
      throw failure
    } catch {
      throw AlgorithmFailure(.badData, "The mock server \(error)")
    }
  }

  var isReady: Bool { ready.load(ordering: .acquiring) }

  // MARK: Connections

  private func takeConnections(_ listener: UnixListener) {
    while true {
      let isOpen = closing.wait(beside: listener.number)
      while let socket = listener.accept() { serve(socket) }
      // Looked at after the wait and before the taking, so that whoever waits at the end is taken too.
      if !isOpen { return }
    }
  }

  private func serve(_ socket: ConnectedSocket) {
    guard places.take() else { return refuse(socket) }
    let thread = WorkerThread { [self] in
      var connection = MockConnection(socket, of: self)
      connection.serve()
      places.giveBack()
    }
    guard let thread else {
      places.giveBack()
      return refuse(socket)
    }
    thread.letGo()
  }

  private func refuse(_ socket: ConnectedSocket) {
    let answer = MockAnswer.refusal(503, "There are \(Self.mostConnections) connections already.")
    // Whoever has left already needs no refusal.
    _ = socket.send(answer.wire(closes: true))
  }

  // MARK: Trouble

  /// Fills memory that nobody frees.
  func leak() {
    guard settings.leakedMebibytes > 0 else { return }
    let size = settings.leakedMebibytes << 20
    // The allocator's own memory would not do: an optimiser may leave out what is never read.
    let memory = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let memory, memory != MAP_FAILED else {
      log.error("The mock server has no room for \(settings.leakedMebibytes) MiB more, and ends.")
      _exit(WorkerExitCode.algorithmError.rawValue)
    }
    memset(memory, 1, size)
  }
}

/// A number of places that are taken and given back by any thread.
private final class Places: Sendable {
  private let count: Int
  // A semaphore stays where it was made, and is made for many threads.
  private nonisolated(unsafe) let free: UnsafeMutablePointer<sem_t>

  init(count: Int) {
    self.count = count
    free = .allocate(capacity: 1)
    sem_init(free, 0, UInt32(count))
  }

  deinit {
    sem_destroy(free)
    free.deallocate()
  }

  /// False when none is free.
  func take() -> Bool { sem_trywait(free) == 0 }

  func giveBack() { sem_post(free) }

  /// Waits until all places are free.
  func takeAll() {
    for _ in 0..<count { while sem_wait(free) != 0 {} }
  }
}

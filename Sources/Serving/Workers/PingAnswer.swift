import NIOCore
import NIOPosix

public enum PingAnswer: Sendable, Equatable {
  case healthy
  /// It answers, but not with 200.
  case unhealthy(status: Int)
  /// No answer in time, or no connection: why.
  case silent(String)
}

extension InvocationRouter {
  /// Asks `GET /ping`, on a connection of its own.
  public func ping(_ socket: WorkerSocket, seconds: Double) async -> PingAnswer {
    let loop = anyLoop()
    return await withCheckedContinuation { continuation in
      loop.execute { Ping.start(socket, on: loop, seconds: seconds) { continuation.resume(returning: $0) } }
    }
  }
}

/// One question after a worker's health.
private final class Ping: AnswerListener {
  private var tell: ((PingAnswer) -> Void)?
  private var connection: WorkerConnection?
  private var alarm: Alarm?

  private init(_ tell: @escaping (PingAnswer) -> Void) { self.tell = tell }

  static func start(
    _ socket: WorkerSocket, on loop: any EventLoop, seconds: Double, tell: @escaping (PingAnswer) -> Void
  ) {
    let ping = Ping(tell)
    let started = NIODeadline.now()
    let end = started + .nanoseconds(Int64(seconds * 1e9))
    // The alarm holds the ping until it has told.
    ping.alarm = Alarm(on: loop) { ping.finish(.silent("no answer within \(seconds) s")) }
    ping.alarm?.set(end)
    WorkerConnections.open(socket, on: loop, home: nil).assumeIsolated().whenComplete { result in
      switch result.flatMap({ channel in
        Result { try channel.pipeline.syncOperations.handler(type: WorkerConnection.self) }
      }) {
      case .failure(let error): ping.finish(.silent("no connection to \(socket): \(error)"))
      case .success(let connection): ping.ask(connection, until: end)
      }
    }
  }

  private func ask(_ connection: WorkerConnection, until end: NIODeadline) {
    guard tell != nil else { return connection.close() }
    self.connection = connection
    var head = ByteBufferAllocator().buffer(capacity: 64)
    head.writeStaticString("GET /ping HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
    connection.send(HeldRequest(head: head), to: self, within: max(0.001, (end - .now()).seconds))
  }

  private func finish(_ answer: PingAnswer) {
    tell?(answer)
    tell = nil
    alarm?.stop()
    alarm = nil
    connection?.abandon()
    connection = nil
  }

  func answerBegan(_ head: WorkerHead) { finish(head.status == 200 ? .healthy : .unhealthy(status: head.status)) }
  func answerContinued(_ piece: ByteBuffer) {}
  func answerPaused() {}
  func answerEnded() {}
  func answerBroke(_ fault: WorkerFault) { finish(.silent(fault.reason)) }
}

import NIOCore
import NIOPosix

/// A request as it is sent: few buffers, for few pieces to write.
struct HeldRequest {
  var head: ByteBuffer
  var body: [ByteBuffer] = []
}

/// The connections of one event loop to all workers. Requests never leave the loop that their client is on.
final class WorkerConnections {
  static let mostIdle = 64
  static let connectSeconds: Int64 = 5

  private let loop: any EventLoop
  private var idle: [WorkerSocket: [WorkerConnection]] = [:]

  init(on loop: any EventLoop) { self.loop = loop }

  /// The connection that was used last: it is the least likely to be dead.
  func take(_ socket: WorkerSocket) -> WorkerConnection? { idle[socket]?.popLast() }

  func park(_ connection: WorkerConnection) {
    guard idle[connection.socket, default: []].count < Self.mostIdle else { return connection.close() }
    idle[connection.socket, default: []].append(connection)
  }

  func forget(_ connection: WorkerConnection) {
    guard let index = idle[connection.socket]?.firstIndex(where: { $0 === connection }) else { return }
    idle[connection.socket]?.remove(at: index)
    if idle[connection.socket]?.isEmpty == true { idle[connection.socket] = nil }
  }

  /// One of them was dead: the others will be.
  func closeIdle(_ socket: WorkerSocket) {
    for connection in idle.removeValue(forKey: socket) ?? [] { connection.close() }
  }

  func connect(
    to socket: WorkerSocket, then: @escaping (Result<WorkerConnection, any Error>) -> Void
  ) {
    let home = NIOLoopBound(self, eventLoop: loop)
    Self.open(socket, on: loop, home: home).assumeIsolated().whenComplete { result in
      then(
        result.flatMap { channel in
          Result { try channel.pipeline.syncOperations.handler(type: WorkerConnection.self) }
        })
    }
  }

  /// - Parameter home: where the connection goes when it is idle; nil: it is used once.
  static func open(
    _ socket: WorkerSocket, on loop: any EventLoop, home: NIOLoopBound<WorkerConnections>?
  ) -> EventLoopFuture<any Channel> {
    let bootstrap = ClientBootstrap(group: loop)
      .connectTimeout(.seconds(connectSeconds))
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(WorkerConnection(socket: socket, home: home?.value))
        }
      }
    switch socket {
    case .unix(let path): return bootstrap.connect(unixDomainSocketPath: path)
    case .port(let port): return bootstrap.connect(host: "127.0.0.1", port: port)
    }
  }
}

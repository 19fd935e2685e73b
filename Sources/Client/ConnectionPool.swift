import Synchronization

/// The open connections to one address: as many as there are requests at a time, kept for the next ones.
final class ConnectionPool: Sendable {
  private let connect: @Sendable () throws(ClientError) -> Connection
  private let idle = Mutex<[Connection]>([])

  init(_ connect: @escaping @Sendable () throws(ClientError) -> Connection) { self.connect = connect }

  /// The whole answer, whatever its status.
  func send(_ request: Request) throws(ClientError) -> Response {
    let transfer = Transfer(limit: request.answerLimit, sink: nil)
    try perform(request, into: transfer)
    return Response(status: transfer.status, headers: transfer.headers, body: transfer.body)
  }

  func perform(_ request: Request, into transfer: Transfer) throws(ClientError) {
    let kept = idle.withLock { $0.popLast() }
    let connection = if let kept { kept } else { try connect() }
    try connection.perform(request, into: transfer)
    // After a failure the connection is dropped with its half-read answer.
    idle.withLock { $0.append(connection) }
  }
}

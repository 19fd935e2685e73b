import Synchronization

/// The open connections to one place: as many as there are requests at a time, kept for the next ones.
public final class CurlPool: Sendable {
  private let connect: @Sendable () throws(CurlError) -> CurlConnection
  private let idle = Mutex<[CurlConnection]>([])

  public init(_ connect: @escaping @Sendable () throws(CurlError) -> CurlConnection) { self.connect = connect }

  /// Carries out one request; the answer is in `transfer`, or its body went to the transfer's sink.
  public func perform(_ request: CurlRequest, into transfer: CurlTransfer) throws(CurlError) {
    let kept = idle.withLock { $0.popLast() }
    let connection = if let kept { kept } else { try connect() }
    try connection.perform(request, into: transfer)
    // After a failure the connection is dropped with its half-read answer.
    idle.withLock { $0.append(connection) }
  }
}

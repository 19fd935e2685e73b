import CurlKit
import HostKit

/// The open connections to the daemon or a worker.
struct ConnectionPool: Sendable {
  /// How an error calls the place.
  private let place: String
  private let connections: CurlPool

  init(socket: String) {
    place = Files.parent(of: socket)
    connections = CurlPool { () throws(CurlError) in try CurlConnection(socket: socket) }
  }

  init(authority: String) {
    place = authority
    connections = CurlPool { () throws(CurlError) in try CurlConnection(authority: authority) }
  }

  /// The whole answer, whatever its status.
  func send(_ request: CurlRequest) throws(ClientError) -> Response {
    let transfer = CurlTransfer(limit: request.answerLimit)
    _ = try perform(request, into: transfer)
    return Response(status: transfer.status, headers: transfer.headers, body: transfer.body)
  }

  /// False when the transfer's sink wanted no more.
  func perform(_ request: CurlRequest, into transfer: CurlTransfer) throws(ClientError) -> Bool {
    do throws(CurlError) {
      try connections.perform(request, into: transfer)
      return true
    } catch {
      switch error {
      case .unreachable(let reason): throw .unreachable(home: place, reason: reason)
      case .interrupted(let reason): throw .interrupted(reason: reason)
      case .timedOut(let seconds): throw .timedOut(seconds: seconds)
      case .tooLarge(let limit): throw .tooLarge(limit: limit)
      case .malformed(let reason): throw .malformed(reason: reason)
      case .unsendable(let reason): throw .unsendable(reason: reason)
      case .refusedBySink: return false
      }
    }
  }
}

extension RequestBody {
  var sent: CurlRequest.Body {
    switch self {
    case .none: .none
    case .bytes(let bytes): .bytes(bytes)
    case .file(let path): .file(path)
    }
  }
}

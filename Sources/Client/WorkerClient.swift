import CurlKit
import Glibc
import HostKit
import JSONKit

/// An inference worker: `GET /ping` and `POST /invocations`. An endpoint's readiness is told by its status instead.
///
/// Calls block until they are answered. Several threads may call at once.
public final class WorkerClient: Sendable {
  public let address: WorkerAddress
  private let pool: ConnectionPool
  private let patience: Patience
  /// The longest answer that is held, in bytes.
  private static let answerLimit = 64 << 20

  /// - Parameter patience: how long a worker may send requests away (429, 503) before the call gives up.
  public init(_ address: WorkerAddress, patience: Patience = .usual) {
    self.address = address
    self.patience = patience
    pool =
      switch address {
      case .unixSocket(let path): ConnectionPool(socket: path)
      case .tcp(let authority): ConnectionPool(authority: authority)
      case .endpoint(_, let socket): ConnectionPool(socket: socket)
      }
  }

  /// True when the worker is there and ready; false while it is not ready yet.
  /// - Throws: `WorkerError` when nobody answers.
  public func ping(timeoutSeconds: Int = 10) throws(WorkerError) -> Bool {
    try send(CurlRequest(method: "GET", path: "/ping", timeoutSeconds: timeoutSeconds, answerLimit: 1 << 20)).isSuccess
  }

  /// Asks for an answer in JSON; a worker that is busy is asked again after the pause that it names.
  /// - Throws: `WorkerError` when there is no answer, or a refusal.
  public func invoke(
    _ body: [UInt8], contentType: String, timeoutSeconds: Int = 120
  ) throws(WorkerError) -> Response {
    let request = CurlRequest(
      method: "POST", path: address.invocations,
      headers: [("Content-Type", contentType), ("Accept", "application/json")], body: .bytes(body),
      timeoutSeconds: timeoutSeconds, answerLimit: Self.answerLimit)
    let start = ContinuousClock.now
    while true {
      let response = try send(request)
      if response.isSuccess { return response }
      guard let pause = response.pauseAsked, ContinuousClock.now - start + pause < patience.limit else {
        throw refusal(response)
      }
      pause.sleep()
    }
  }

  private func send(_ request: CurlRequest) throws(WorkerError) -> Response {
    do throws(ClientError) {
      return try pool.send(request)
    } catch {
      throw .noAnswer(address: address, error)
    }
  }

  private func refusal(_ response: Response) -> WorkerError {
    guard case .endpoint = address, let refusal = InvocationRefusal(response) else {
      return refusal(response.status, response.body)
    }
    if let status = refusal.originalStatus { return self.refusal(status, Array((refusal.originalMessage ?? "").utf8)) }
    // The daemon's own refusal. Its 400 is about the endpoint: there is none that answers.
    return .refused(
      address: address, status: refusal.status == 400 ? 404 : refusal.status, code: refusal.code,
      message: refusal.message)
  }

  /// From the worker's own words.
  private func refusal(_ status: Int, _ body: [UInt8]) -> WorkerError {
    // A body that is no JSON still has a status worth reporting.
    let error = (try? JSON(parsing: body))?["error"]
    return .refused(
      address: address, status: status, code: error?["code"]?.string ?? "HTTP \(status)",
      message: error?["message"]?.string ?? String(decoding: body.prefix(300), as: UTF8.self))
  }
}

/// Why a worker did not do what was asked.
public enum WorkerError: Error, Sendable, Equatable, CustomStringConvertible {
  case noAnswer(address: WorkerAddress, ClientError)
  /// It answered that it will not: its own words.
  case refused(address: WorkerAddress, status: Int, code: String, message: String)

  public var description: String {
    switch self {
    case .noAnswer(let address, .unreachable(_, let reason)): "nobody listens on \(address) (\(reason))"
    case .noAnswer(let address, .interrupted(let reason)): "the connection to \(address) was lost: \(reason)"
    case .noAnswer(let address, .timedOut(let seconds)): "\(address) did not answer within \(seconds) s"
    case .noAnswer(let address, .tooLarge(let limit)): "the answer of \(address) is larger than \(limit) bytes"
    case .noAnswer(let address, .malformed(let reason)): "\(address) does not answer as a worker does: \(reason)"
    case .noAnswer(let address, .unsendable(let reason)): "\(address) cannot be asked: \(reason)"
    case .refused(let address, _, let code, let message): "\(address) refused it: \(code): \(message)"
    }
  }

  /// True when the worker itself is not there, so that no other request fares better.
  public var isAboutWorker: Bool {
    switch self {
    case .noAnswer(_, .unreachable), .noAnswer(_, .unsendable): true
    case .noAnswer: false
    case .refused(_, let status, _, _): [403, 404, 405].contains(status)
    }
  }
}

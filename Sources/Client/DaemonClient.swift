import CurlKit
import HostKit
public import JSONKit

/// The daemon as seen by a program on this machine: plain calls over its Unix socket.
///
/// Calls block until they are answered. Several threads may call at once: each uses a connection of its own, and
/// connections are kept open for the next call.
public final class DaemonClient: Sendable {
  /// The longest answer that is held in memory, in bytes; streams have no limit.
  public static let answerLimit = 64 << 20

  public let socket: String
  /// The `HTR_HOME` that the socket lies in.
  public var home: String { Files.parent(of: socket) }

  private let limit: Int
  private let pool: ConnectionPool

  /// - Parameters:
  ///   - socket: the path of `htrd.sock`.
  ///   - answerLimit: the longest answer accepted, in bytes.
  public init(socket: String, answerLimit: Int = DaemonClient.answerLimit) {
    self.socket = socket
    limit = answerLimit
    pool = ConnectionPool(socket: socket)
  }

  public convenience init(home: String) { self.init(socket: "\(home)/htrd.sock") }

  /// Sends one request and returns its whole answer, whatever its status.
  ///
  /// `path` is percent-encoded already. A request that is not repeatable gets a connection of its own, so that it is
  /// never sent twice behind the caller's back.
  public func send(
    _ method: String, _ path: String, headers: [(String, String)] = [], body: RequestBody = .none,
    timeoutSeconds: Int = 330, isRepeatable: Bool = true
  ) throws(ClientError) -> Response {
    try pool.send(
      CurlRequest(
        method: method, path: path, headers: headers, body: body.sent, isRepeatable: isRepeatable,
        timeoutSeconds: timeoutSeconds, answerLimit: limit))
  }

  /// Calls a SageMaker action, for instance `DescribeTrainingJob`; throws `ServiceError` when it is refused.
  public func call(_ action: String, _ input: JSON) throws -> JSON {
    let response = try send(
      "POST", "/",
      headers: [
        ("X-Amz-Target", "SageMaker.\(action)"), ("Content-Type", "application/x-amz-json-1.1"),
      ],
      body: .bytes(input.bytes), isRepeatable: !action.hasPrefix("Create"))
    return try Self.json(of: response)
  }

  /// Reads a body as it arrives, without a time limit. Returns at its end, or as soon as `onBytes` answers false.
  /// Bytes are handed over exactly once and in order; a lost connection throws after the last byte that came.
  public func stream(_ path: String, onBytes: (UnsafeRawBufferPointer) -> Bool) throws {
    try withoutActuallyEscaping(onBytes) { sink in
      let transfer = CurlTransfer(limit: limit, sink: sink)
      let request = CurlRequest(method: "GET", path: path, timeoutSeconds: 0, answerLimit: limit)
      guard try pool.perform(request, into: transfer) else { return }
      let answer = Response(
        status: transfer.status, headers: transfer.headers, body: transfer.body)
      if let refusal = answer.refusal { throw refusal }
    }
  }

  /// The answer's JSON; throws the refusal when it is one.
  static func json(of response: Response) throws -> JSON {
    if let refusal = response.refusal { throw refusal }
    return try response.json()
  }
}

/// A text as one segment of a URL's path or one value of its query.
public func percentEncoded(_ text: String) -> String {
  var result = ""
  for byte in text.utf8 {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
      UInt8(ascii: "_"), UInt8(ascii: "~"):
      result.unicodeScalars.append(Unicode.Scalar(byte))
    default:
      result += byte < 16 ? "%0" : "%"
      result += String(byte, radix: 16, uppercase: true)
    }
  }
  return result
}

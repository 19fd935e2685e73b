import ArchiveKit
import Glibc
import JSONKit

/// One connection to the mock server, on a thread of its own: request, answer, request, answer.
struct MockConnection {
  private let socket: ConnectedSocket
  private let server: MockServer
  private var reader: MockRequestReader

  init(_ socket: ConnectedSocket, of server: MockServer) {
    self.socket = socket
    self.server = server
    reader = MockRequestReader(socket)
  }

  /// Returns when the connection is to be closed.
  mutating func serve() {
    while true {
      if !reader.hasBytes, !server.closing.wait(beside: socket.number) {
        // What has come until here is answered; the client of anything later learns that it was not taken.
        socket.refuseMore()
      }
      do throws(RequestFault) {
        guard let request = try reader.next() else { return }
        guard try answer(request) else { return }
      } catch {
        if case .refused(let status, let message) = error { _ = send(.refusal(status, message), closes: true) }
        return
      }
    }
  }

  /// False when the connection is to be closed.
  private func answer(_ request: MockRequest) throws(RequestFault) -> Bool {
    switch (request.method, request.path) {
    case ("GET", "/ping"): return ping(request)
    case ("POST", "/invocations"): return try invoke(request)
    case (_, "/ping"), (_, "/invocations"):
      throw .refused(405, "There are GET /ping and POST /invocations, not \(request.method) \(request.path).")
    default: throw .refused(404, "There are GET /ping and POST /invocations, not \(request.path).")
    }
  }

  private func ping(_ request: MockRequest) -> Bool {
    if server.settings.isSilentToPings {
      // Until the client gives up: each ping has its own connection then, and they must not add up.
      _ = server.closing.wait(beside: socket.number)
      return false
    }
    let status = server.isReady ? server.settings.pingStatus : 503
    return send(MockAnswer(status: status), closes: !request.keepsAlive)
  }

  // MARK: Invocations

  private func invoke(_ request: MockRequest) throws(RequestFault) -> Bool {
    guard server.isReady else { throw .refused(503, "The mock server is not ready yet.") }
    let trouble = try MockTrouble(request.customAttributes ?? server.settings.order(in: request.body))
    server.leak()
    Self.sleep(server.settings.requestSeconds + trouble.seconds)
    if let code = trouble.exitCode { _exit(Int32(code)) }
    while trouble.hangs { pause() }
    if trouble.isGarbage {
      _ = socket.send(Array("This is no HTTP at all.\r\n\r\n".utf8))
      return false
    }
    if trouble.close == .unanswered { return false }
    let answer = answer(to: request, trouble)
    if trouble.isHalf {
      var half = answer
      half.body = MockAnswer.bytes(500)
      _ = socket.send(half.wire(closes: false, announcedLength: 1000))
      return false
    }
    if trouble.kills {
      let wire = answer.wire(closes: false)
      _ = socket.send(Array(wire.dropLast(answer.body.count - answer.body.count / 2)))
      kill(getpid(), SIGKILL)
    }
    let closes = !request.keepsAlive || trouble.close == .announced
    return send(answer, closes: closes, isChunked: trouble.isChunked) && trouble.close == nil
  }

  private func answer(to request: MockRequest, _ trouble: MockTrouble) -> MockAnswer {
    var answer = MockAnswer(status: trouble.status, customAttributes: request.customAttributes)
    if let size = trouble.size {
      answer.contentType = "application/octet-stream"
      answer.body = MockAnswer.bytes(size)
    } else if trouble.status >= 300 {
      answer.body = MockAnswer.refusal(trouble.status, "The mock algorithm answers so, as it was asked to.").body
    } else if request.contentType == "application/x-echo" || request.accept == "application/octet-stream" {
      answer.contentType = request.contentType ?? "application/octet-stream"
      answer.body = request.body
    } else {
      answer.body = description(of: request).bytes
    }
    return answer
  }

  private func description(of request: MockRequest) -> JSON {
    func text(_ value: String?) -> JSON { value.map { .string($0) } ?? .null }
    return [
      "algorithm": .string(MockAlgorithm.name), "model_sha256": .string(server.modelDigest),
      "bytes": .integer(Int64(request.body.count)), "body_sha256": .string(Digest.sha256(of: request.body)),
      "content_type": text(request.contentType), "accept": text(request.accept),
      "custom_attributes": text(request.customAttributes), "pid": .integer(Int64(getpid())),
      "worker": text(server.attempt),
    ]
  }

  /// False when the connection is to be closed.
  private func send(_ answer: MockAnswer, closes: Bool, isChunked: Bool = false) -> Bool {
    let closes = closes || server.closing.hasCome
    return socket.send(answer.wire(closes: closes, isChunked: isChunked)) && !closes
  }

  private static func sleep(_ seconds: Double) {
    guard seconds > 0 else { return }
    var time = timespec(tv_sec: Int(seconds), tv_nsec: Int(seconds.truncatingRemainder(dividingBy: 1) * 1e9))
    var left = timespec()
    while nanosleep(&time, &left) != 0, errno == EINTR { time = left }
  }
}

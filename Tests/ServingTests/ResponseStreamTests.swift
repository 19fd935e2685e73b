import Glibc
import NIOCore
import TestKit
import Testing

@testable import Serving

/// InvokeEndpointWithResponseStream. What boto3 makes of it is tried in the end-to-end tests.
@Suite(.timeLimit(.minutes(1))) struct ResponseStreamTests {
  private static func post(_ caller: Caller, more: String = "") {
    caller.send(
      "POST /endpoints/words/invocations-response-stream HTTP/1.1\r\nHost: x\r\n\(more)Content-Length: 3\r\n\r\nink")
  }

  @Test func `a frame without headers and payload is that of the specification`() {
    let empty = EventFrame(headers: [], payload: ByteBuffer()).encoded
    #expect(
      Array(empty.readableBytesView) == [0, 0, 0, 0x10, 0, 0, 0, 0, 0x05, 0xC2, 0x48, 0xEB, 0x7D, 0x98, 0xC8, 0xFF])
  }

  /// `payload_no_headers` of the test vectors that AWS's SDKs share.
  @Test func `a frame with a payload alone is that of the published vectors`() {
    let frame = EventFrame(headers: [], payload: ByteBuffer(string: "{'foo':'bar'}")).encoded
    #expect(
      Array(frame.readableBytesView)
        == [0, 0, 0, 0x1D, 0, 0, 0, 0, 0xFD, 0x52, 0x8C, 0x5A] + Array("{'foo':'bar'}".utf8)
        + [0xC3, 0x65, 0x39, 0x36])
  }

  @Test func `each piece of the answer is a frame, and reaches the client before the next is there`() async throws {
    try await withScratchFolder { folder in
      let plane = try await DataPlane(folder)
      let head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
      let worker = try plane.worker("w") { _ in .sendAndHang(Array((head + "5\r\nfirst\r\n").utf8)) }
      plane.publish([worker])
      let caller = try plane.connect()
      Self.post(caller, more: "X-Amzn-SageMaker-Accept: text/csv\r\nAccept: */*\r\n")
      // The worker says nothing more before this client goes.
      let answer = try #require(caller.stream.nextHead())
      #expect(answer.hasPrefix("HTTP/1.1 200"))
      let fields = CallAnswer(head: answer, bytes: [])
      #expect(fields.value("content-type") == "application/vnd.amazon.eventstream")
      #expect(fields.value("x-amzn-sagemaker-content-type") == "text/plain")
      #expect(fields.value("x-amzn-invoked-production-variant") == "AllTraffic")
      #expect(
        caller.stream.nextChunk() == Array(EventFrame.part(ByteBuffer(string: "first")).encoded.readableBytesView))
      let seen = try #require(worker.seen.values.first)
      #expect(seen.value("accept") == "text/csv")
      caller.close()
    }
  }

  @Test func `an empty answer is a stream without frames`() async throws {
    try await withScratchFolder { folder in
      let plane = try await DataPlane(folder)
      plane.publish([try plane.worker("w") { _ in .answer("") }])
      let caller = try plane.connect()
      Self.post(caller)
      let answer = try caller.answer()
      #expect(answer.status == 200 && answer.bytes.isEmpty)
      #expect(answer.value("content-type") == "application/vnd.amazon.eventstream")
      // The connection can be used again.
      #expect(try caller.call("ink").status == 200)
    }
  }

  @Test func `a worker that breaks off within its answer is told in the stream`() async throws {
    try await withScratchFolder { folder in
      let plane = try await DataPlane(folder)
      let worker = try plane.worker("w") { _ in
        .sendAndClose(Array("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf".utf8))
      }
      plane.publish([worker])
      let caller = try plane.connect()
      Self.post(caller)
      let answer = try caller.answer()
      #expect(answer.body.contains("half") && answer.body.contains("ModelStreamError"))
      #expect(answer.body.contains("\"ErrorCode\":\"StreamBroken\""))
    }
  }

  @Test func `an answer that is no success is an error as for any invocation`() async throws {
    try await withScratchFolder { folder in
      let plane = try await DataPlane(folder)
      plane.publish([try plane.worker("w") { _ in .answer("no such page", status: 400) }])
      let caller = try plane.connect()
      Self.post(caller)
      let answer = try caller.answer()
      #expect(answer.status == 424 && answer.value("x-amzn-errortype") == "ModelError")
    }
  }
}

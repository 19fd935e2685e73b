import ControlPlane
import Crypto
import HTTPTypes
import HostKit
import Hummingbird
import NIOCore
import Signing
import Wire

/// S3's protocol. An object's bytes pass through as they come, both ways, so that its size costs no memory; a request is
/// proved and looked at before a byte of its body is asked for.
struct S3Face: ServiceFace {
  let objects: ObjectService
  /// The request's, for error answers.
  let resource: String
  let isHead: Bool

  init(_ request: Request, objects: ObjectService) {
    self.objects = objects
    resource = request.uri.path
    isHead = request.method == .head
  }

  func respond(
    to request: Request, at door: FrontDoor, from channel: any Channel, requestID: String
  ) async throws -> Response {
    let raw = RequestHead(request)
    let (identity, signed) = try door.admit(request, raw, for: .s3)
    let head = try S3Head(method: raw.method, rawPath: raw.rawPath, rawQuery: raw.rawQuery, headers: raw.headers)
    try objects.owner.check(head)
    let operation = try S3Operation(head)
    switch operation {
    case .getObject(let read), .headObject(let read):
      let reading = try await objects.open(head)
      let answer = try S3Answer.object(reading.object, read)
      return response(answer, requestID: requestID) { stream(reading, $0, to: channel) }
    case .putObject(let write):
      let intake = try ObjectIntake(request, signed: signed, channel: channel)
      let writing = try await objects.beginObject(head, write, hashesSHA256: intake.isHashed)
      return response(try await intake.pass(to: writing), requestID: requestID)
    case .uploadPart(let part):
      let intake = try ObjectIntake(request, signed: signed, channel: channel)
      let writing = try await objects.beginPart(head, part, hashesSHA256: intake.isHashed)
      return response(try await intake.pass(to: writing), requestID: requestID)
    default:
      let body = try await text(of: request, for: operation, signed: signed, at: door, from: channel)
      let answer = try await objects.answer(operation, head, body: body, region: identity.region)
      return response(answer, requestID: requestID)
    }
  }

  func answer(_ failure: Failure, requestID: String) -> Response {
    let code = failure.code == "InternalFailure" ? "InternalError" : QueryAnswer.code(failure.code)
    return response(
      .failure(
        code: code, message: failure.message, details: failure.details, status: failure.status, resource: resource,
        isHead: isHead, requestID: requestID), requestID: requestID)
  }

  /// The whole body of an operation that has a text, and what its signature says of it compared with it.
  private func text(
    of request: Request, for operation: S3Operation, signed: SignedBody, at door: FrontDoor, from channel: any Channel
  ) async throws -> [UInt8] {
    guard operation.largestText > 0 else { return [] }
    let body = try await door.collect(request, upTo: operation.largestText, from: channel)
    switch signed {
    case .unsigned: return body
    case .digest(let claimed):
      guard BodyHash.of(body) == claimed else {
        throw S3Error(.contentDigestMismatch, "The provided x-amz-content-sha256 does not match the body.")
      }
      return body
    case .chunked(let chunked):
      var reader = ChunkedBodyReader(chunked)
      let pieces = try body.withUnsafeBytes { bytes throws(SignatureError) in try reader.read(bytes) }
      _ = try reader.finish()
      return pieces.flatMap { body[$0] }
    }
  }

  private func response(
    _ answer: S3Answer, requestID: String, object: (Range<Int64>) -> ResponseBody = { _ in ResponseBody() }
  ) -> Response {
    var headers = HTTPFields()
    for (name, value) in answer.headers {
      guard let name = HTTPField.Name(name) else { continue }
      headers.append(HTTPField(name: name, value: value))
    }
    headers[.amzStorageRequestID] = requestID
    let body =
      switch answer.body {
      case .none: ResponseBody()
      case .text(let text): ResponseBody(byteBuffer: ByteBuffer(bytes: text))
      case .object(let range): object(range)
      }
    return Response(status: .init(code: answer.status), headers: headers, body: body)
  }

  /// Bytes of an object as a body; a HEAD's has their length and none of them.
  private func stream(_ reading: ObjectReading, _ range: Range<Int64>, to channel: any Channel) -> ResponseBody {
    ResponseBody(contentLength: range.count) { [isHead] writer in
      if !isHead {
        let stall = StallGuard(channel)
        defer { stall.end() }
        var offset = range.lowerBound
        while offset < range.upperBound {
          let size = Int(min(ObjectIntake.piece, range.upperBound - offset))
          let buffer = try await reading.read(from: offset) { fill in
            var buffer = ByteBufferAllocator().buffer(capacity: size)
            try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: size) { memory in
              try fill(UnsafeMutableRawBufferPointer(rebasing: memory[..<size]))
              return size
            }
            return buffer
          }
          try await writer.write(buffer)
          stall.progress()
          offset += Int64(size)
        }
      }
      try await writer.finish(nil)
    }
  }
}

import ControlPlane
import HTTPTypes
import Hummingbird
import NIOCore
import Serving
import Signing
import Wire

/// The body of a request that brings an object's bytes: on its way from the connection to the disk.
struct ObjectIntake {
  /// Bytes that go to the disk, or come from it, at a time.
  static let piece: Int64 = 256 << 10
  /// As the size of any file here; S3's own limit for an upload in one piece is 5 GiB.
  private static let largestBody: Int64 = 64 << 30

  let request: Request
  let signed: SignedBody
  let channel: any Channel
  /// Bytes of the object; nil when the head does not tell them.
  private let size: Int64?

  /// Whether the signature covers the body's SHA-256.
  var isHashed: Bool {
    if case .digest = signed { true } else { false }
  }

  init(_ request: Request, signed: SignedBody, channel: any Channel) throws(S3Error) {
    (self.request, self.signed, self.channel) = (request, signed, channel)
    if case .chunked(let chunked) = signed {
      size = chunked.decodedLength
    } else {
      size = request.headers[.contentLength].flatMap(Int64.init)
      guard size != nil else {
        throw S3Error(.missingContentLength, "You must provide the Content-Length HTTP header.")
      }
    }
    guard size ?? 0 <= Self.largestBody else {
      throw S3Error(
        .entityTooLarge, "Your proposed upload exceeds the maximum allowed size",
        details: ["MaxSizeAllowed": "\(Self.largestBody)", "ProposedSize": "\(size ?? 0)"])
    }
  }

  /// Asks for the body, stores it and publishes the object. The disk's speed holds the client back.
  func pass(to writing: ObjectWriting) async throws -> S3Answer {
    if request.headers[.expect] != nil { channel.triggerUserOutboundEvent(BodyWanted(), promise: nil) }
    let stall = StallGuard(channel)
    defer { stall.end() }
    switch signed {
    case .chunked(let chunked):
      var reader = ChunkedBodyReader(chunked)
      try await store(into: writing, stall) { try reader.read($0) }
      let trailers = try reader.finish()
      return try await writing.finish(size: size, sha256: nil, checksum: writing.claim.value(inTrailers: trailers))
    case .digest(let digest):
      try await store(into: writing, stall) { [0..<$0.count] }
      return try await writing.finish(size: size, sha256: digest, checksum: writing.claim.value)
    case .unsigned:
      try await store(into: writing, stall) { [0..<$0.count] }
      return try await writing.finish(size: size, sha256: nil, checksum: writing.claim.value)
    }
  }

  /// - Parameter payload: says where in the bytes that came the object's own lie.
  private func store(
    into writing: ObjectWriting, _ stall: StallGuard, payload: (UnsafeRawBufferPointer) throws -> [Range<Int>]
  ) async throws {
    var pieces: [ByteBuffer] = []
    var waiting: Int64 = 0
    for try await buffer in request.body {
      stall.progress()
      for range in try buffer.withUnsafeReadableBytes(payload) {
        guard let piece = buffer.getSlice(at: buffer.readerIndex + range.lowerBound, length: range.count) else {
          continue
        }
        pieces.append(piece)
        waiting += Int64(range.count)
      }
      guard waiting >= Self.piece else { continue }
      try await Self.write(pieces, into: writing)
      pieces.removeAll(keepingCapacity: true)
      waiting = 0
    }
    if waiting > 0 { try await Self.write(pieces, into: writing) }
    stall.progress()
  }

  private static func write(_ pieces: [ByteBuffer], into writing: ObjectWriting) async throws {
    try await writing.append { sink in
      for piece in pieces { try piece.withUnsafeReadableBytes(sink) }
    }
  }
}

import ControlPlane
import Crypto
import Foundation
import HTTPTypes
import HostKit
import Hummingbird
import JSONKit
import Signing
import Wire

/// `PUT /htr/v1/objects/BUCKET/KEY`: brings a file into the bucket store. The body is streamed to the disk, so that its
/// size does not matter to the daemon's memory.
struct ObjectRoutes {
  static let prefix = "/htr/v1/objects/"
  private static let largestObject: Int64 = 64 << 30

  let door: FrontDoor

  func respond(to request: Request) async throws -> Response {
    guard request.method == .put else {
      throw ServiceError(.unknownOperation, "Objects can only be PUT here.")
    }
    // The signature covers the digest that the sender claims; what really came is compared with it before it counts.
    let claimed = request.headers[.amzContentDigest]
    _ = try door.verify(request, bodyDigest: { claimed ?? "" })
    let (bucket, key) = try address(of: request)
    let upload = try await door.daemon.beginUpload(bucket: bucket, key: key)
    do {
      var hash = SHA256()
      var size: Int64 = 0
      for try await buffer in request.body {
        size += Int64(buffer.readableBytes)
        guard size <= Self.largestObject else {
          throw ServiceError(.requestEntityTooLarge, "An object may have at most \(Self.largestObject) bytes.")
        }
        hash.update(data: buffer.readableBytesView)
        try await upload.append(Array(buffer.readableBytesView))
      }
      let digest = hash.finalize().map { byte in byte < 16 ? "0" + String(byte, radix: 16) : String(byte, radix: 16) }
        .joined()
      if let claimed, claimed != digest, claimed != BodyHash.unsignedPayload {
        throw ServiceError(.validation, "The body's SHA-256 is \(digest), not \(claimed.prefix(64)).")
      }
      try await upload.finish()
      return Answer.json(
        ["S3Uri": .string("s3://\(bucket)/\(key)"), "Sha256": .string(digest), "Size": .integer(size)],
        requestID: Identifier.uuid())
    } catch {
      await upload.abandon()
      throw error
    }
  }

  private func address(of request: Request) throws -> (bucket: String, key: String) {
    let parts = request.uri.path.dropFirst(Self.prefix.count).split(
      separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let bucket = parts[0].removingPercentEncoding,
      let key = parts[1].removingPercentEncoding, !bucket.isEmpty, !key.isEmpty
    else { throw ServiceError(.validation, "An object is put at \(Self.prefix)BUCKET/KEY.") }
    return (bucket, key)
  }
}

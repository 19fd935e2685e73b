import ArtifactStore
public import Wire

/// An object, or a part of one, on its way in. What is never finished leaves nothing behind.
public final class ObjectWriting: Sendable {
  public let claim: S3BodyClaim
  private let writer: ObjectWriter
  private let service: ObjectService
  private let address: ObjectAddress
  private let publish: @Sendable (BodyExpectations) throws -> S3Answer

  init(
    _ writer: ObjectWriter, claim: S3BodyClaim, service: ObjectService, address: ObjectAddress,
    publish: @escaping @Sendable (BodyExpectations) throws -> S3Answer
  ) {
    (self.writer, self.claim, self.service, self.address) = (writer, claim, service, address)
    self.publish = publish
  }

  /// Takes in some bytes.
  public typealias Sink = (UnsafeRawBufferPointer) throws -> Void

  /// Appends bytes on a thread that may wait for the disk. To be awaited before the next call: this is what holds a fast
  /// client back.
  /// - Parameter bytes: hands the bytes over, in their order.
  public func append(_ bytes: @escaping @Sendable (Sink) throws -> Void) async throws {
    try await service.run(about: address) { [writer] in try bytes { try writer.append($0) } }
  }

  /// Publishes what came if it is what was announced; durable when this returns.
  /// - Parameters:
  ///   - size: of the body, in bytes.
  ///   - sha256: what the signature covers, in hexadecimal digits; nil when it does not cover the body.
  ///   - checksum: the sum that header or trailer told.
  public func finish(size: Int64?, sha256: String?, checksum: String?) async throws -> S3Answer {
    var expected = BodyExpectations(size: size, sha256: sha256, md5: claim.md5)
    if let algorithm = claim.algorithm, let checksum {
      expected.checksum = ObjectChecksum(ChecksumAlgorithm(algorithm), value: checksum)
    }
    return try await service.run(about: address) { [publish, expected] in try publish(expected) }
  }
}

import ArtifactStore
import HostKit
public import Wire

extension ObjectService {
  /// Opens an object; throws `NoSuchKey` when there is none.
  public func open(_ head: S3Head) async throws -> ObjectReading {
    let address = ObjectAddress(bucket: head.bucket, key: head.key)
    let opened = try await opened(address)
    return ObjectReading(opened, object: S3Object(opened.object), threads: threads)
  }

  /// Begins an object whose bytes come bit by bit, once bucket and condition are looked at: a client can be refused
  /// before it has sent everything.
  /// - Parameter hashesSHA256: whether a signature covers the body's digest.
  public func beginObject(
    _ head: S3Head, _ request: S3WriteRequest, hashesSHA256: Bool
  ) async throws -> ObjectWriting {
    let address = ObjectAddress(bucket: head.bucket, key: head.key)
    let condition = ObjectCondition(request.condition)
    let writer = try await run(about: address) { [buckets] in
      try Self.check(condition, at: address, in: buckets)
      return try buckets.beginObject(
        at: address, hashesSHA256: hashesSHA256, checksum: request.claim.algorithm.map(ChecksumAlgorithm.init))
    }
    let attributes = ObjectAttributes(request.attributes)
    return ObjectWriting(writer, claim: request.claim, service: self, address: address) { [buckets] expected in
      .stored(
        S3Object(
          try buckets.publish(
            writer, at: address, attributes: attributes, expecting: expected, condition: condition)))
    }
  }

  /// Looks before the bytes come; the store looks again when it publishes them.
  private static func check(_ condition: ObjectCondition, at address: ObjectAddress, in buckets: BucketStore) throws {
    guard condition != .none else { return }
    let tag = try buckets.object(at: address)?.entityTag
    switch condition {
    case .tag where tag == nil: throw S3Error.noSuchKey(address.key)
    case .tag(let wanted) where tag != wanted: throw S3Error.preconditionFailed
    case .absent where tag != nil: throw S3Error.preconditionFailed
    case .tag, .absent, .none: break
    }
  }

  func object(_ address: ObjectAddress) async throws -> S3Object { S3Object(try await opened(address).object) }

  func opened(_ address: ObjectAddress) async throws -> OpenObject {
    try await run(about: address) { [buckets] in
      if let opened = try buckets.open(address) { return opened }
      throw buckets.bucketExists(address.bucket) ? S3Error.noSuchKey(address.key) : S3Error.noSuchBucket(address.bucket)
    }
  }

  func copy(_ request: S3CopyRequest, to address: ObjectAddress) async throws -> S3Answer {
    try await requireBucket(address.bucket)
    let source = try await opened(ObjectAddress(bucket: request.source.bucket, key: request.source.key))
    try request.source.check(S3Object(source.object))
    let copied = try await run(on: copyThreads, about: address) { [buckets] in
      // Headers and metadata are the source's, or all are given anew; the encryption's name is always the request's.
      var attributes = request.attributes.map(ObjectAttributes.init) ?? source.object.attributes.withoutEncryption
      attributes.headers.merge(request.encryption.headers) { $1 }
      return try buckets.copy(
        source, to: address, attributes: attributes, checksum: request.algorithm.map(ChecksumAlgorithm.init),
        condition: ObjectCondition(request.condition))
    }
    let object = S3Object(copied)
    return .copied(
      .object, entityTag: object.entityTag, modified: object.modified, checksum: object.checksum,
      attributes: object.attributes)
  }

  func deleteObjects(_ bucket: String, _ deletion: S3Documents.Deletion) async throws -> S3Answer {
    try await requireBucket(bucket)
    let failed = try await run(about: ObjectAddress(bucket: bucket, key: "")) { [buckets] in
      var failed: [S3Answer.FailedDeletion] = []
      for key in deletion.keys {
        let address = ObjectAddress(bucket: bucket, key: key)
        do throws(StoreError) { _ = try buckets.delete(address) } catch {
          failed.append(S3Answer.FailedDeletion(key: key, error: S3Error(error, about: address)))
        }
      }
      return failed
    }
    return .deletions(deletion, failed: failed)
  }
}

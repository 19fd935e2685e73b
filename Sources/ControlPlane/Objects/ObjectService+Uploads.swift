import ArtifactStore
import HostKit
public import Wire

/// Objects that come in parts.
extension ObjectService {
  func createUpload(_ request: S3UploadRequest, at address: ObjectAddress) async throws -> S3Answer {
    let upload = try await run(about: address) { [buckets] in
      try buckets.beginUpload(
        at: address, attributes: ObjectAttributes(request.attributes),
        checksum: request.algorithm.map(ChecksumAlgorithm.init), isComposite: request.isComposite)
    }
    return .uploadCreated(id: upload.id, bucket: address.bucket, key: address.key, request)
  }

  /// Begins a part, as `beginObject` begins an object.
  public func beginPart(_ head: S3Head, _ request: S3PartRequest, hashesSHA256: Bool) async throws -> ObjectWriting {
    let address = ObjectAddress(bucket: head.bucket, key: head.key)
    let (upload, writer) = try await run(about: address) { [buckets] in
      let upload = try buckets.upload(request.uploadID, at: address)
      let writer = try buckets.beginPart(
        request.number, of: upload, hashesSHA256: hashesSHA256,
        checksum: request.claim.algorithm.map(ChecksumAlgorithm.init))
      return (upload, writer)
    }
    return ObjectWriting(writer, claim: request.claim, service: self, address: address) { [buckets] expected in
      let part = try buckets.publishPart(writer, request.number, of: upload, expecting: expected)
      return .partStored(entityTag: part.entityTag, checksum: part.checksum.map(S3Checksum.init))
    }
  }

  func copyPart(
    _ request: S3PartRequest, from source: S3CopySource, at address: ObjectAddress
  ) async throws -> S3Answer {
    let upload = try await run(about: address) { [buckets] in try buckets.upload(request.uploadID, at: address) }
    let opened = try await opened(ObjectAddress(bucket: source.bucket, key: source.key))
    let object = S3Object(opened.object)
    try source.check(object)
    let range = try source.range?.bytes(of: object.size) ?? 0..<object.size
    let part = try await run(on: copyThreads, about: address) { [buckets] in
      try buckets.copyPart(request.number, of: upload, from: opened, range: range)
    }
    return .copied(
      .part, entityTag: part.entityTag, modified: part.modified, checksum: part.checksum.map(S3Checksum.init))
  }

  func completeUpload(
    _ request: S3CompletionRequest, at address: ObjectAddress, _ body: [UInt8]
  ) async throws -> S3Answer {
    let parts = try S3Documents.completion(body).map {
      CompletionPart(number: $0.number, entityTag: $0.entityTag, checksum: $0.checksum.map(ObjectChecksum.init))
    }
    let object = try await run(on: copyThreads, about: address) { [buckets] in
      try buckets.completeUpload(
        request.uploadID, at: address, parts: parts,
        expecting: BodyExpectations(size: request.size, checksum: request.checksum.map(ObjectChecksum.init)),
        condition: ObjectCondition(request.condition))
    }
    return .uploadCompleted(S3Object(object), bucket: address.bucket)
  }

  func listParts(_ request: S3PartsRequest, at address: ObjectAddress) async throws -> S3Answer {
    let page = try await run(about: address) { [buckets] in
      try buckets.parts(
        of: try buckets.upload(request.uploadID, at: address), after: request.after, limit: request.limit)
    }
    let parts = page.parts.map {
      S3Answer.Part(
        number: $0.number, size: $0.size, modified: $0.modified, entityTag: $0.entityTag,
        checksum: $0.checksum.map(S3Checksum.init))
    }
    return .parts(
      parts, isTruncated: page.isTruncated, bucket: address.bucket, key: address.key, request, owner: owner)
  }

  func listUploads(_ bucket: String, _ request: S3UploadsRequest) async throws -> S3Answer {
    let page = try await run(about: ObjectAddress(bucket: bucket, key: "")) { [buckets] in
      try buckets.uploads(
        in: bucket, prefix: request.prefix, after: request.keyMarker,
        afterID: request.idMarker.isEmpty ? nil : request.idMarker, limit: request.limit)
    }
    let uploads = page.uploads.map { S3Answer.Upload(key: $0.address.key, id: $0.id, started: $0.created) }
    return .uploads(uploads, isTruncated: page.isTruncated, of: bucket, request, owner: owner)
  }
}

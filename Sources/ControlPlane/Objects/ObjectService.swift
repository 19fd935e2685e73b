import ArtifactStore
import HostKit
public import Wire

/// The object store for S3's clients: what `Wire`'s requests ask, done on the bucket store.
///
/// All that touches the disk runs on threads of its own, a few at a time; requests beyond that wait in line, each with a
/// bounded piece in hand. Errors of the store come out as S3's.
public struct ObjectService: Sendable {
  public let owner: S3Owner
  let buckets: BucketStore
  let remote: RemoteBuckets
  /// For what ends within milliseconds.
  let threads: BlockingThreads
  /// For what takes as long as an object is large.
  let copyThreads: BlockingThreads

  init(_ parts: DaemonParts) {
    owner = S3Owner(account: parts.account)
    buckets = parts.buckets
    remote = parts.remoteBuckets
    threads = parts.objectThreads
    copyThreads = parts.copyThreads
  }

  /// Answers a request that neither brings nor fetches an object's bytes.
  /// - Parameters:
  ///   - body: the whole body, for the operations that have a text.
  ///   - region: the request's, which answers repeat.
  public func answer(
    _ operation: S3Operation, _ head: S3Head, body: [UInt8], region: String
  ) async throws -> S3Answer {
    let address = ObjectAddress(bucket: head.bucket, key: head.key)
    switch operation {
    case .listBuckets(let prefix): return try await listBuckets(prefix: prefix)
    case .createBucket: return try await createBucket(head.bucket, body)
    case .headBucket:
      try await requireBucket(head.bucket)
      return .bucketFound(region: region)
    case .deleteBucket:
      try await run(about: address) { [buckets] in try buckets.deleteBucket(head.bucket) }
      return S3Answer(204)
    case .bucketSetting(let setting):
      try await requireBucket(head.bucket)
      return try .setting(setting, owner: owner, region: region)
    case .listObjects(let request): return try await list(head.bucket, request)
    case .listUploads(let request): return try await listUploads(head.bucket, request)
    case .deleteObjects: return try await deleteObjects(head.bucket, try S3Documents.deletion(body))
    case .deleteObject:
      try await run(about: address) { [buckets] in _ = try buckets.delete(address) }
      return S3Answer(204)
    case .objectAttributes(let request): return .attributes(of: try await object(address), request)
    case .objectACL:
      _ = try await object(address)
      return .accessControl(owner: owner)
    case .objectTagging:
      _ = try await object(address)
      return .noTags()
    case .copyObject(let request): return try await copy(request, to: address)
    case .createUpload(let request): return try await createUpload(request, at: address)
    case .copyPart(let request, let source): return try await copyPart(request, from: source, at: address)
    case .completeUpload(let request): return try await completeUpload(request, at: address, body)
    case .abortUpload(let id):
      try await run(about: address) { [buckets] in try buckets.abortUpload(id, at: address) }
      return S3Answer(204)
    case .listParts(let request): return try await listParts(request, at: address)
    case .getObject, .headObject, .putObject, .uploadPart:
      throw S3Error(
        .internalError, "Operations with an object's bytes are answered by open, beginObject and beginPart.")
    }
  }

  /// Runs work on the disk and turns the store's errors into S3's.
  func run<Result: Sendable>(
    on threads: BlockingThreads? = nil, about address: ObjectAddress,
    _ body: @escaping @Sendable () throws -> Result
  ) async throws -> Result {
    // Copies of what lies elsewhere are not for clients: a write to them would go nowhere.
    if let endpoint = remote.endpoint(of: address.bucket) { throw S3Error.elsewhere(address.bucket, at: endpoint) }
    do {
      return try await (threads ?? self.threads).run(body)
    } catch let error as StoreError {
      throw S3Error(error, about: address)
    }
  }
}

// MARK: Buckets

extension ObjectService {
  private func listBuckets(prefix: String) async throws -> S3Answer {
    let all = try await run(about: ObjectAddress(bucket: "", key: "")) { [buckets] in try buckets.buckets() }
    return .buckets(all.map { S3Bucket(name: $0.name, created: $0.created) }, prefix: prefix, owner: owner)
  }

  private func createBucket(_ name: String, _ body: [UInt8]) async throws -> S3Answer {
    try S3Documents.checkBucketConfiguration(body)
    _ = try await run(about: ObjectAddress(bucket: name, key: "")) { [buckets] in try buckets.createBucket(name) }
    return .bucketCreated(name)
  }

  /// Throws `NoSuchBucket` when there is none of that name.
  func requireBucket(_ name: String) async throws {
    let isThere = try await run(about: ObjectAddress(bucket: name, key: "")) { [buckets] in buckets.bucketExists(name) }
    guard isThere else { throw S3Error.noSuchBucket(name) }
  }

  private func list(_ bucket: String, _ request: S3ListRequest) async throws -> S3Answer {
    let start: ListingRequest.Start =
      switch request.start {
      case .beginning: .beginning
      case .after(let text): .after(text)
      case .past(let text): .past(text)
      }
    let wanted = ListingRequest(
      prefix: request.prefix, delimiter: request.delimiter, start: start, limit: request.limit)
    let page = try await run(about: ObjectAddress(bucket: bucket, key: "")) { [buckets] in
      try buckets.page(of: bucket, wanted)
    }
    let found = S3ListAnswer(
      objects: page.objects.map(S3Object.init), commonPrefixes: page.groups,
      next: page.isTruncated ? page.rows.last?.name : nil)
    return .listing(found, of: bucket, request, owner: owner)
  }
}

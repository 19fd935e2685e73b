import ArtifactStore
import HostKit
import JSONKit
import RemoteStorage

/// The buckets that lie in an S3 elsewhere, by the owner's settings. This machine's bucket store has copies of what was
/// asked for: `bring` makes them as they are there, `send` makes there what was made here.
///
/// Calls block for as long as the network takes, so they run on threads of their own (`DaemonParts.remoteThreads`): a
/// store that is away must not hold up work that does not need it. The store there is the truth: what it has comes
/// before what lies here under the same key.
struct RemoteBuckets: ObjectSupply {
  private let buckets: BucketStore
  private let remote: (store: RemoteStore, names: Set<String>)?

  init(_ settings: Settings.RemoteStorage?, buckets: BucketStore) {
    self.buckets = buckets
    remote = settings.map { (RemoteStore($0.place), $0.buckets) }
  }

  /// Where the bucket lies, if not here.
  func endpoint(of bucket: String) -> String? { store(of: bucket)?.place.endpoint }

  func holds(_ address: ObjectAddress) -> Bool { store(of: address.bucket) != nil }

  /// Whether a request names an object that lies elsewhere.
  func concerns(_ request: JSON) -> Bool {
    guard let remote else { return false }
    let text = request.text
    return remote.names.contains { text.contains("s3://\($0)") }
  }

  private func store(of bucket: String) -> RemoteStore? {
    remote.flatMap { $0.names.contains(bucket) ? $0.store : nil }
  }

  // MARK: Bring

  func bring(prefix: ObjectAddress, isCancelled: @escaping () -> Bool = { false }) throws(StoreError) {
    guard let store = store(of: prefix.bucket) else { return }
    try buckets.createBucket(prefix.bucket)
    var after = ""
    while true {
      let page = try Self.reaching { () throws(RemoteError) in
        try store.list(prefix.bucket, prefix: prefix.key, after: after)
      }
      let last = page.isTruncated ? page.objects.last?.key : nil
      try forget(prefix, after: after, upTo: last, but: Set(page.objects.map(\.key)))
      for object in page.objects {
        let address = ObjectAddress(bucket: prefix.bucket, key: object.key)
        if try buckets.originTag(of: address) != object.entityTag { try copy(address, from: store, isCancelled) }
      }
      guard let last else { return }
      after = last
    }
  }

  func bring(_ object: ObjectAddress, isCancelled: @escaping () -> Bool = { false }) throws(StoreError) {
    guard let store = store(of: object.bucket) else { return }
    try buckets.createBucket(object.bucket)
    try copy(object, from: store, isCancelled)
  }

  /// Removes the copies of what is no longer there. What was made here and not sent yet stays.
  private func forget(
    _ prefix: ObjectAddress, after start: String, upTo last: String?, but there: Set<String>
  ) throws(StoreError) {
    var after = start
    while true {
      let page = try buckets.list(prefix.bucket, prefix: prefix.key, after: after)
      for object in page {
        if let last, last.utf8.lexicographicallyPrecedes(object.key.utf8) { return }
        let address = ObjectAddress(bucket: prefix.bucket, key: object.key)
        if !there.contains(object.key), try buckets.originTag(of: address) != nil { _ = try buckets.delete(address) }
      }
      guard let next = page.last?.key else { return }
      after = next
    }
  }

  private func copy(
    _ address: ObjectAddress, from store: RemoteStore, _ isCancelled: @escaping () -> Bool
  ) throws(StoreError) {
    try check(isCancelled)
    let known = try buckets.originTag(of: address)
    var writer: ObjectWriter?
    var fault: StoreError?
    let reading: RemoteReading
    do throws(RemoteError) {
      reading = try store.read(address.bucket, address.key, unless: known) {
        // Anew for each try: what came of a broken one is dropped.
        do throws(StoreError) { writer = try buckets.beginObject(at: address) } catch { fault = error }
        return { bytes in
          guard fault == nil, let writer, !isCancelled() else { return false }
          do throws(StoreError) { try writer.append(bytes) } catch { fault = error }
          return fault == nil
        }
      }
    } catch {
      if let fault { throw fault }
      try check(isCancelled)
      guard error.kind == .missing else { throw StoreError(error) }
      if known != nil { _ = try buckets.delete(address) }
      return
    }
    guard case .read(let tag, let size) = reading, let writer else { return }
    let object = try buckets.publish(
      writer, at: address, attributes: ObjectAttributes(), expecting: BodyExpectations(size: size))
    if !tag.isEmpty { try buckets.noteOrigin(tag, of: address, as: object) }
  }

  // MARK: Send

  /// Sends what was made here, if it was not sent yet.
  func send(_ object: ObjectAddress) throws(StoreError) {
    guard let store = store(of: object.bucket), try buckets.originTag(of: object) == nil,
      let stored = try buckets.object(at: object), let path = try buckets.path(of: object)
    else { return }
    let tag = try Self.reaching { () throws(RemoteError) in try store.write(file: path, to: object.bucket, object.key) }
    try buckets.noteOrigin(tag, of: object, as: stored)
  }

  func send(prefix: ObjectAddress) throws(StoreError) {
    guard store(of: prefix.bucket) != nil, buckets.bucketExists(prefix.bucket) else { return }
    var after = ""
    while true {
      let page = try buckets.list(prefix.bucket, prefix: prefix.key, after: after)
      for object in page { try send(ObjectAddress(bucket: prefix.bucket, key: object.key)) }
      guard let last = page.last?.key else { return }
      after = last
    }
  }

  // MARK: Copies

  /// Bytes of the copies in each bucket that are older than that and can be brought again.
  func copies(before limit: Timestamp) throws(StoreError) -> [(bucket: String, bytes: Int64)] {
    try (remote?.names ?? []).sorted().map { bucket throws(StoreError) in
      var bytes: Int64 = 0
      try forEachCopy(in: bucket, before: limit) { _, size throws(StoreError) in bytes += size }
      return (bucket, bytes)
    }.filter { $0.bytes > 0 }
  }

  func removeCopies(in bucket: String, before limit: Timestamp) throws(StoreError) {
    try forEachCopy(in: bucket, before: limit) { address, _ throws(StoreError) in _ = try buckets.delete(address) }
  }

  private func forEachCopy(
    in bucket: String, before limit: Timestamp, _ body: (ObjectAddress, Int64) throws(StoreError) -> Void
  ) throws(StoreError) {
    guard buckets.bucketExists(bucket) else { return }
    var after = ""
    while true {
      let page = try buckets.list(bucket, after: after)
      for object in page where object.modified < limit {
        let address = ObjectAddress(bucket: bucket, key: object.key)
        if try buckets.originTag(of: address) != nil { try body(address, object.size) }
      }
      guard let last = page.last?.key else { return }
      after = last
    }
  }

  // MARK: Errors

  private func check(_ isCancelled: () -> Bool) throws(StoreError) {
    if isCancelled() { throw StoreError(.cancelled, "the copying was cancelled") }
  }

  private static func reaching<Result>(_ body: () throws(RemoteError) -> Result) throws(StoreError) -> Result {
    do throws(RemoteError) { return try body() } catch { throw StoreError(error) }
  }
}

extension StoreError {
  /// A store that refuses is the request's matter; one that is away or busy is nobody's.
  fileprivate init(_ error: RemoteError) {
    let code: Code =
      switch error.kind {
      case .missing, .refused, .unreadable: .unreadableInput
      case .passing: .system
      case .interrupted: .cancelled
      }
    self.init(code, error.message)
  }
}

import ArtifactStore
import Glibc
import HostKit
import Wire

/// An object on its way into the bucket store: a file beside it until it is whole.
public actor ObjectUpload {
  private let address: ObjectAddress
  private let buckets: BucketStore
  private let threads: BlockingThreads
  private let path: String

  init(
    bucket: String, key: String, buckets: BucketStore, threads: BlockingThreads, folder: String
  ) async throws {
    address = ObjectAddress(bucket: bucket, key: key)
    self.buckets = buckets
    self.threads = threads
    path = "\(folder)/upload-\(Identifier.random(bytes: 8))"
    do {
      try await threads.run { [path, address, buckets] in
        _ = try buckets.createBucket(address.bucket)
        try Files.write([], to: path, mode: 0o600, durable: false)
      }
    } catch { throw ServiceError.validation("\(bucket)/\(key) cannot be stored: \(error)") }
  }

  public func append(_ bytes: [UInt8]) async throws {
    try await threads.run { [path] in
      let file = try Descriptor.open(path, O_WRONLY | O_APPEND)
      try file.write(bytes, path: path)
    }
  }

  /// Makes the object visible; durable when this returns.
  public func finish() async throws {
    try await threads.run { [path, address, buckets] in try buckets.put(fromFile: path, at: address) }
  }

  public func abandon() async {
    // What stays behind when this fails is removed with the trash at the next start.
    _ = try? await threads.run { [path] in try Files.remove(path) }
  }
}

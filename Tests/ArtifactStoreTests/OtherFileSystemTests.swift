import Foundation
import TestKit
import Testing

@testable import ArtifactStore

/// A folder on another file system than the scratch folder's; nil where there is none.
private func otherFileSystem() -> String? {
  var here = stat()
  var there = stat()
  guard stat(NSTemporaryDirectory(), &here) == 0, stat("/dev/shm", &there) == 0, here.st_dev != there.st_dev,
    access("/dev/shm", W_OK) == 0
  else { return nil }
  return "/dev/shm/htr-\(UUID().uuidString)"
}

@Suite(.enabled(if: otherFileSystem() != nil)) struct OtherFileSystemTests {
  let scratch: ScratchFolder
  let store: BucketStore

  init() throws {
    scratch = try ScratchFolder()
    store = BucketStore(root: scratch("buckets"))
    try store.createBucket("bkt")
  }

  private func withSource(_ body: (String) throws -> Void) throws {
    let folder = try #require(otherFileSystem())
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    // Left-overs on a memory file system would cost memory; a failed removal costs no test.
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Data("bytes".utf8).write(to: URL(fileURLWithPath: folder + "/a"))
    try body(folder)
  }

  @Test func `a file from there is copied in and then removed`() throws {
    try withSource { (folder: String) throws in
      try store.put(fromFile: folder + "/a", at: ObjectAddress(bucket: "bkt", key: "k"))
      #expect(try scratch.text("buckets/bkt/k") == "bytes")
      #expect(!FileManager.default.fileExists(atPath: folder + "/a"))
      #expect(try scratch.names("buckets/.tmp").isEmpty)
    }
  }

  @Test func `a channel from there goes through the cache where blocks can be shared`() throws {
    let clones = CloneCounter()
    let copier = FileCopier { source, destination in clones.copy(source, destination) }
    let materialiser = try ChannelMaterialiser(
      store: store, cacheFolder: scratch("cache"), copier: FileCopier { _, _ in false }, cacheCopier: copier)
    try withSource { (folder: String) throws in
      for round in 1...2 {
        let source = ChannelSource(name: "c\(round)", uri: "file://\(folder)")
        #expect(try materialiser.fill(source, in: scratch("data")).bytes == 5)
        #expect(try scratch.text("data/c\(round)/a") == "bytes")
      }
    }
    #expect(try scratch.files("cache/sha256").count == 1)
    // The probe, the first filling of the cache, and one per channel.
    #expect(clones.count == 4)
  }

  @Test func `a channel from there is copied where they cannot`() throws {
    let plain = FileCopier { _, _ in false }
    let materialiser = try ChannelMaterialiser(
      store: store, cacheFolder: scratch("cache"), copier: plain, cacheCopier: plain)
    try withSource { (folder: String) throws in
      let source = ChannelSource(name: "c", uri: "file://\(folder)/a")
      #expect(try materialiser.fill(source, in: scratch("data")).files == 1)
    }
    #expect(try scratch.names("cache").isEmpty)
  }
}

/// Copies where a file system would share blocks, and counts how often it was asked to.
private final class CloneCounter: @unchecked Sendable {
  // Guarded by the lock; nothing else is mutable.
  private let lock = NSLock()
  private var calls = 0
  var count: Int { lock.withLock { calls } }

  func copy(_ source: Int32, _ destination: Int32) -> Bool {
    lock.withLock { calls += 1 }
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let got = pread(source, &buffer, buffer.count, 0)
    return got >= 0 && pwrite(destination, buffer, got, 0) == got
  }
}

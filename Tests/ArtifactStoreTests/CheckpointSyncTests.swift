import ArtifactStore
import Foundation
import TestKit
import Testing

@Suite struct CheckpointSyncTests {
  let scratch: ScratchFolder
  let store: BucketStore
  let sync: CheckpointSync

  init() throws {
    scratch = try ScratchFolder()
    store = BucketStore(root: scratch("buckets"))
    try store.createBucket("bkt")
    sync = CheckpointSync(store: store)
  }

  private func places() -> [ContentLocation] {
    [.objects(ObjectAddress(bucket: "bkt", key: "ck")), .local(scratch("kept"))]
  }

  @Test(arguments: 0...1)
  func `what was synced is restored and only changes are copied`(index: Int) throws {
    let place = places()[index]
    try scratch.file("work/1.bin", "one")
    try scratch.file("work/sub/2.bin", "two")
    #expect(try sync.sync(scratch("work"), to: place, durable: true).copied == 2)
    #expect(try sync.sync(scratch("work"), to: place) == counts(unchanged: 2))
    try scratch.file("work/1.bin", "ONE more")
    let third = try sync.sync(scratch("work"), to: place)
    #expect(third.copied == 1 && third.unchanged == 1 && third.bytes == 8)

    #expect(try sync.restore(from: place, to: scratch("again")).copied == 2)
    #expect(try scratch.files("again") == ["1.bin", "sub/2.bin"])
    #expect(try scratch.text("again/1.bin") == "ONE more")
    #expect(try CheckpointSync(store: store).sync(scratch("again"), to: place) == counts(unchanged: 2))
  }

  private func counts(unchanged: Int) -> CheckpointCounts {
    var counts = CheckpointCounts()
    counts.unchanged = unchanged
    return counts
  }

  @Test(arguments: 0...1)
  func `nothing is deleted at the destination`(index: Int) throws {
    let place = places()[index]
    try scratch.file("work/1.bin")
    _ = try sync.sync(scratch("work"), to: place)
    try FileManager.default.removeItem(atPath: scratch("work/1.bin"))
    try scratch.file("work/2.bin")
    _ = try sync.sync(scratch("work"), to: place)
    _ = try sync.restore(from: place, to: scratch("again"))
    #expect(try scratch.files("again") == ["1.bin", "2.bin"])
  }

  @Test func `a prefix means the keys below it, not its namesakes`() throws {
    for key in ["ck/1", "ck2/1", "ck"] {
      try store.put([1], at: ObjectAddress(bucket: "bkt", key: key))
    }
    #expect(try sync.restore(from: places()[0], to: scratch("again")).copied == 1)
  }

  @Test(arguments: [
    ContentLocation.objects(ObjectAddress(bucket: "bkt", key: "none")),
    .objects(ObjectAddress(bucket: "missing", key: "x")), .local("/does/not/exist"),
  ])
  func `a first start restores nothing`(place: ContentLocation) throws {
    #expect(try sync.restore(from: place, to: scratch("again")) == CheckpointCounts())
    #expect(scratch.exists("again"))
  }

  @Test func `a job that never made a checkpoint syncs nothing`() throws {
    #expect(try sync.sync(scratch("missing"), to: places()[0]) == CheckpointCounts())
  }

  @Test(arguments: 0...1)
  func `links out and devices are passed over`(index: Int) throws {
    try scratch.file("work/fine")
    symlink(try scratch.file("secret"), scratch("work/link"))
    mkfifo(scratch("work/pipe"), 0o644)
    let counts = try sync.sync(scratch("work"), to: places()[index])
    #expect(counts.copied == 1 && counts.skipped == 2)
  }

  @Test func `a key that would leave the folder is refused`() throws {
    try store.put([1], at: ObjectAddress(bucket: "bkt", key: "ck/../../evil"))
    #expect(throws: StoreError.self) { try sync.restore(from: places()[0], to: scratch("deep/again")) }
    #expect(!scratch.exists("evil"))
  }

  @Test func `what an interrupted sync left is removed and never restored`() throws {
    try scratch.file("kept/.htr-sync-0011", "torn")
    try scratch.file("kept/1", "good")
    _ = try sync.restore(from: places()[1], to: scratch("again"))
    #expect(try scratch.files("again") == ["1"])
    try scratch.file("work/2", "new")
    _ = try sync.sync(scratch("work"), to: places()[1])
    #expect(try scratch.files("kept") == ["1", "2"])
  }

  @Test func `a folder is not synced into itself`() throws {
    try scratch.file("work/a")
    #expect(throws: StoreError.self) { try sync.sync(scratch("work"), to: .local(scratch("work/inner"))) }
    #expect(throws: StoreError.self) { try sync.sync(scratch("work"), to: .local(scratch.path)) }
  }

  @Test func `cancelling ends it`() throws {
    try scratch.file("work/a")
    let error = #expect(throws: StoreError.self) {
      try sync.sync(scratch("work"), to: places()[0], isCancelled: { true })
    }
    #expect(error?.code == .cancelled)
  }
}

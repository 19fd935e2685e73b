import ArtifactStore
import Foundation
import TestKit
import Testing

@Suite struct BucketStoreTests {
  let scratch: ScratchFolder
  let store: BucketStore

  init() throws {
    scratch = try ScratchFolder()
    store = BucketStore(root: scratch("buckets"))
    try store.createBucket("data")
  }

  private func put(_ key: String, _ text: String = "x") throws {
    try store.put(Array(text.utf8), at: ObjectAddress(bucket: "data", key: key), durable: false)
  }

  private func read(_ key: String) throws -> String? {
    guard let path = try store.path(of: ObjectAddress(bucket: "data", key: key)) else { return nil }
    return String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
  }

  @Test(arguments: ["abc", "a-b.c1", "123", String(repeating: "a", count: 63)])
  func `a good bucket name is taken`(name: String) throws {
    #expect(try store.createBucket(name))
    #expect(try !store.createBucket(name))
    #expect(store.bucketExists(name))
  }

  @Test(arguments: [
    "", "ab", "Abc", "a_b", "-ab", "ab-", ".tmp", "a..b", "a/b", "..", "1.2.3.4", String(repeating: "a", count: 64),
  ])
  func `a bad bucket name is refused`(name: String) {
    let error = #expect(throws: StoreError.self) { try store.createBucket(name) }
    #expect(error?.code == .invalidBucketName)
    #expect(!store.bucketExists(name))
  }

  @Test func `a plain key is a plain path`() throws {
    try put("a/b/c.txt", "hello")
    #expect(try scratch.text("buckets/data/a/b/c.txt") == "hello")
  }

  static let oddKeys: [String] = [
    ".", "..", "../x", "/", "//", "/a", "a/", "a//b", "a/./b", "a/../../../etc", "%", "%2E", "a%file", "a%+", "%file",
    "\u{0}", "a\nb", "\u{7F}", "å/漢", "u\u{308}", "ü", "/\u{301}", String(repeating: "x", count: 200),
    String(repeating: "x", count: 201), String(repeating: "x", count: 1024), String(repeating: "x", count: 200) + ".",
    String(repeating: "x", count: 200) + "/y", String(repeating: "x", count: 200) + "!y",
    String(repeating: "%", count: 200), String(repeating: "é", count: 300), String(repeating: "a/", count: 400),
    "CON", "~", ".hidden", " ", "a ", "\\", "\"", "*",
  ]

  @Test func `every key is kept apart, found, listed and never leaves its bucket`() throws {
    for key in Self.oddKeys { try put(key, "value of \(key)") }
    for key in Self.oddKeys { #expect(try read(key) == "value of \(key)", "\(key.debugDescription)") }
    let listed = try store.list("data", limit: 10_000).map { Array($0.key.utf8) }
    #expect(listed == Self.oddKeys.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) })
    #expect(try scratch.names("") == ["buckets"])
    #expect(try scratch.names("buckets") == [".tmp", "data"])
    for key in Self.oddKeys { #expect(try store.delete(ObjectAddress(bucket: "data", key: key))) }
    #expect(try scratch.names("buckets/data").isEmpty)
  }

  @Test(arguments: ["", String(repeating: "x", count: 1025)])
  func `a key that S3 would refuse is refused`(key: String) {
    #expect(throws: StoreError.self) { try put(key) }
  }

  @Test(arguments: [["a", "a/b", "a/b/c"], ["a/b/c", "a/b", "a"], ["a/b", "a", "a/b/c"]])
  func `an object may be another one's folder, in any order`(keys: [String]) throws {
    for key in keys { try put(key, key) }
    for key in keys { #expect(try read(key) == key) }
    #expect(try store.list("data").map(\.key) == ["a", "a/b", "a/b/c"])
    for key in keys { try put(key, "new \(key)") }
    for key in keys { #expect(try read(key) == "new \(key)") }
    #expect(try store.list("data").count == 3)
  }

  @Test func `an object that was moved aside stays the only one after its folder is gone`() throws {
    try put("a", "old")
    try put("a/b")
    #expect(try store.delete(ObjectAddress(bucket: "data", key: "a/b")))
    try put("a", "new")
    #expect(try read("a") == "new")
    #expect(try store.list("data").map(\.key) == ["a"])
    #expect(try store.delete(ObjectAddress(bucket: "data", key: "a")))
    #expect(try read("a") == nil)
  }

  @Test func `pages come in byte order and join without gaps`() throws {
    let keys = ["a", "a-b", "a.b", "a/b", "a/b-c", "a/b/c", "a0", "b/x", "B", "å", "a/å", "z"]
    for key in keys { try put(key) }
    let sorted = keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    for limit in 1...13 {
      var found: [String] = []
      while true {
        let page = try store.list("data", after: found.last ?? "", limit: limit).map(\.key)
        #expect(page.count <= limit)
        if page.isEmpty { break }
        found += page
      }
      #expect(found == sorted)
    }
  }

  @Test(arguments: [("", 6), ("a", 5), ("a/", 3), ("a/b", 2), ("a/b/", 1), ("a/bx", 1), ("c", 0), ("ab", 1), ("/", 0)])
  func `a prefix is raw bytes`(prefix: String, count: Int) throws {
    for key in ["a", "a/b/c", "a/bx", "a/d", "ab", "x"] { try put(key) }
    #expect(try store.list("data", prefix: prefix).count == count)
    #expect(try store.deletePrefix("data", prefix: prefix) == count)
    #expect(try store.list("data").count == 6 - count)
  }

  @Test func `a file is moved in and a copied one stays`() throws {
    let moved = try scratch.file("moved", "m")
    let kept = try scratch.file("kept", "k")
    try store.put(fromFile: moved, at: ObjectAddress(bucket: "data", key: "m"))
    try store.put(copyOf: kept, at: ObjectAddress(bucket: "data", key: "k"))
    #expect(try read("m") == "m" && read("k") == "k")
    #expect(!scratch.exists("moved") && scratch.exists("kept"))
    let object = try store.object(at: ObjectAddress(bucket: "data", key: "m"))
    #expect(object?.size == 1)
  }

  @Test func `a link or folder is not taken in`() throws {
    let secret = try scratch.file("secret", "s")
    symlink(secret, scratch("link"))
    for path in [scratch("link"), scratch("buckets"), scratch("missing")] {
      #expect(throws: StoreError.self) { try store.put(fromFile: path, at: ObjectAddress(bucket: "data", key: "k")) }
    }
    #expect(try store.list("data").isEmpty)
  }

  @Test func `a missing bucket is named`() {
    let error = #expect(throws: StoreError.self) { try store.list("nothing") }
    #expect(error?.code == .noSuchBucket && error?.message.contains("nothing") == true)
  }

  @Test func `what a failed write leaves is nothing`() throws {
    try scratch.file("buckets/data/blocked%25")
    // A link in the way is nothing that we made: it is neither followed nor replaced.
    symlink("/nowhere", scratch("buckets/data/way"))
    #expect(throws: StoreError.self) { try put("way/x") }
    #expect(try scratch.names("buckets/.tmp").isEmpty)
  }

  @Test func `foreign names in a bucket's folder are passed over`() throws {
    try scratch.file("buckets/data/bad%zz")
    try scratch.file("buckets/data/%41")
    mkfifo(scratch("buckets/data/pipe"), 0o644)
    #expect(try store.list("data").isEmpty)
  }

  @Test(.timeLimit(.minutes(1)))
  func `readers see whole objects while writers replace and move them aside`() async throws {
    try put("k", String(repeating: "0", count: 10_000))
    let store = store
    try await withThrowingTaskGroup(of: Void.self) { group in
      for writer in 1...3 {
        group.addTask {
          for round in 0..<60 {
            let text = Array(String(repeating: "\(writer)", count: 10_000).utf8)
            try store.put(text, at: ObjectAddress(bucket: "data", key: "k"), durable: false)
            let below = ObjectAddress(bucket: "data", key: "k/\(writer)-\(round)")
            try store.put([1], at: below, durable: false)
            try store.delete(below)
          }
        }
      }
      group.addTask {
        for _ in 0..<300 {
          let path = try #require(try store.path(of: ObjectAddress(bucket: "data", key: "k")))
          guard let bytes = try? Data(contentsOf: URL(fileURLWithPath: path)) else { continue }
          #expect(bytes.count == 10_000 && Set(bytes).count == 1)
        }
      }
      try await group.waitForAll()
    }
    #expect(try store.list("data").map(\.key) == ["k"])
  }

  @Test(
    arguments: [
      ("s3://abc/d/e", ObjectAddress(bucket: "abc", key: "d/e")), ("s3://abc", ObjectAddress(bucket: "abc", key: "")),
      ("s3://abc//x", ObjectAddress(bucket: "abc", key: "/x")), ("s3://A/x", nil), ("s3:///x", nil), ("file:///x", nil),
    ] as [(String, ObjectAddress?)])
  func `addresses are parsed`(uri: String, address: ObjectAddress?) {
    #expect(ObjectAddress(uri) == address)
  }
}

import Foundation
import TestKit
import Testing

@testable import ArtifactStore

@Suite struct ChannelTests {
  let scratch: ScratchFolder
  let store: BucketStore
  let materialiser: ChannelMaterialiser

  init() throws {
    scratch = try ScratchFolder()
    store = BucketStore(root: scratch("buckets"))
    try store.createBucket("bkt")
    materialiser = try ChannelMaterialiser(store: store, cacheFolder: scratch("cache"))
  }

  private func put(_ key: String, _ text: String? = nil) throws {
    try store.put(Array((text ?? key).utf8), at: ObjectAddress(bucket: "bkt", key: key), durable: false)
  }

  @discardableResult
  private func fill(
    _ uri: String, _ kind: ChannelSource.Kind = .prefix, host: (index: Int, count: Int)? = nil
  ) throws -> ChannelResult {
    try materialiser.fill(
      ChannelSource(name: "train", uri: uri, kind: kind, isSharded: host != nil), in: scratch("data"),
      host: host ?? (0, 1))
  }

  private func failure(_ uri: String, _ kind: ChannelSource.Kind = .prefix) throws -> StoreError? {
    let error = #expect(throws: StoreError.self) { try fill(uri, kind) }
    #expect(error?.message.hasPrefix("Data download failed: ") == true, "\(error?.message ?? "")")
    #expect(error?.isClientFault == true)
    #expect(try !scratch.exists("data") || scratch.names("data").isEmpty)
    return error
  }

  // MARK: Prefixes

  @Test(arguments: [
    ("s3://bkt/data/train", ["XL/c", "a.png", "sub/b.png"]), ("s3://bkt/data/train/", ["a.png", "sub/b.png"]),
    ("s3://bkt/data/train/a.png", ["a.png"]), ("s3://bkt/data/train/a", [".png"]),
    ("s3://bkt", ["data/train/a.png", "data/train/sub/b.png", "data/trainXL/c", "other"]),
  ])
  func `a prefix is raw and is cut off the keys`(uri: String, files: [String]) throws {
    for key in ["data/train/a.png", "data/train/sub/b.png", "data/trainXL/c", "other"] { try put(key) }
    try put("data/train/", "")
    #expect(try fill(uri).files == files.count)
    #expect(try scratch.files("data/train") == files)
  }

  @Test(arguments: ["s3://bkt/none", "s3://bkt/marker"])
  func `an empty channel says what SageMaker says`(uri: String) throws {
    try put("marker/", "")
    let error = try failure(uri)
    #expect(error?.code == .noInput)
    #expect(
      error?.message
        == "Data download failed: No S3 objects found under S3 URL \"\(uri)\" given in input data source.")
  }

  @Test func `an empty folder of this machine is an empty channel too`() throws {
    try scratch.folder("empty/inner")
    #expect(try failure("file://" + scratch("empty"))?.code == .noInput)
  }

  @Test(arguments: ["s3://bkt2/x", "http://x/y", "file://relative", "s3://", "/plain", "file:///does/not/exist"])
  func `a location that cannot be read is named`(uri: String) throws {
    let error = try failure(uri)
    #expect(error?.message.contains(uri.hasPrefix("s3://bkt2") ? "bkt2" : uri.replacing("file://", with: "")) == true)
  }

  @Test(arguments: ["p/../../evil", "p/./x", "p/..", "p/nul\u{0}"])
  func `a key that would leave the channel is refused`(key: String) throws {
    try put("p/fine")
    try put(key)
    #expect(try failure("s3://bkt/p/")?.code == .forbiddenInput)
    #expect(!scratch.exists("evil"))
  }

  @Test(arguments: [["p/a", "p/a/b"], ["p/a/b", "p/a//b"]])
  func `keys that cannot both be files are refused`(keys: [String]) throws {
    for key in keys { try put(key) }
    #expect(try failure("s3://bkt/p/")?.code == .forbiddenInput)
  }

  @Test func `a local folder is copied with its structure and executable bits`() throws {
    try scratch.file("src/a.txt", "a")
    try scratch.file("src/sub/run.sh", "#!", mode: 0o755)
    symlink("sub/run.sh", scratch("src/alias"))
    let result = try fill("file://" + scratch("src"))
    #expect(result.files == 3 && result.bytes == 5)
    #expect(try scratch.files("data/train") == ["a.txt", "alias", "sub/run.sh"])
    #expect(access(scratch("data/train/sub/run.sh"), X_OK) == 0 && access(scratch("data/train/a.txt"), X_OK) != 0)
  }

  @Test func `a local file is a channel of one`() throws {
    try fill("file://" + (try scratch.file("set.csv", "1,2")))
    #expect(try scratch.text("data/train/set.csv") == "1,2")
  }

  @Test func `a worker that writes to its copy does not reach the original`() throws {
    let original = try scratch.file("src/a", "original")
    try put("p/a", "stored")
    for (uri, check) in [
      ("file://" + scratch("src"), { try scratch.text("src/a") == "original" }),
      ("s3://bkt/p/", { try scratch.text("buckets/bkt/p/a") == "stored" }),
    ] as [(String, () throws -> Bool)] {
      try fill(uri)
      let file = try #require(FileHandle(forWritingAtPath: scratch("data/train/a")))
      try file.write(contentsOf: Data("OVER".utf8))
      try file.close()
      #expect(try check())
    }
    #expect(FileManager.default.isWritableFile(atPath: original))
  }

  @Test(arguments: ["link", "folderLink", "fifo", "nothing"])
  func `what cannot be carried is refused by name`(kind: String) throws {
    try scratch.file("src/fine")
    let outside = try scratch.file("outside/secret", "secret")
    switch kind {
    case "link": symlink(outside, scratch("src/bad"))
    case "folderLink": symlink(scratch("outside"), scratch("src/bad"))
    case "fifo": mkfifo(scratch("src/bad"), 0o644)
    default: symlink("missing", scratch("src/bad"))
    }
    let error = try failure("file://" + scratch("src"))
    #expect(error?.code == .forbiddenInput && error?.message.contains("'bad'") == true)
  }

  @Test(arguments: 1...4)
  func `shards are disjoint and together everything`(count: Int) throws {
    let keys = (0..<7).map { "p/\($0)" }
    for key in keys { try put(key) }
    var all: [String] = []
    for index in 0..<count {
      try fill("s3://bkt/p/", host: (index, count))
      let part = try scratch.files("data/train")
      #expect(part == stride(from: index, to: 7, by: count).map(String.init))
      all += part
    }
    #expect(all.sorted() == (0..<7).map(String.init))
  }

  // MARK: Manifests

  @Test func `a manifest's relative paths are kept`() throws {
    for key in ["x/a/1", "x/b/2", "x/c"] { try put(key) }
    try put("m.json", "[{\"prefix\": \"s3://bkt/x/\"}, \"a/1\", \"b/2\"]")
    try fill("s3://bkt/m.json", .manifestFile)
    #expect(try scratch.files("data/train") == ["a/1", "b/2"])
    #expect(try scratch.text("data/train/b/2") == "x/b/2")
  }

  @Test func `a manifest of this machine may name local files`() throws {
    try scratch.file("set/a/1", "one")
    let manifest = try scratch.file("m.json", "[{\"prefix\": \"file://\(scratch("set"))/\"}, \"a/1\"]")
    try fill("file://" + manifest, .manifestFile)
    #expect(try scratch.text("data/train/a/1") == "one")
  }

  @Test(arguments: [
    "", "{", "{}", "[]", "[\"a\"]", "[{\"prefix\": 1}, \"a\"]", "[{\"prefix\": \"x/\"}, \"a\"]",
    "[{\"prefix\": \"s3://bkt/x/\"}, 1]", "[{\"prefix\": \"s3://bkt/x/\"}, \"../../../a\"]",
    "[{\"prefix\": \"s3://bkt/x/\"}, \"missing\"]", "[{\"prefix\": \"s3://bkt/x/\"}]",
  ])
  func `a bad manifest is refused`(text: String) throws {
    try put("x/a")
    try put("m.json", text)
    _ = try failure("s3://bkt/m.json", .manifestFile)
  }

  @Test func `a manifest does not lead out of its local prefix`() throws {
    let secret = try scratch.file("secret", "s")
    try scratch.folder("set")
    symlink(secret, scratch("set/link"))
    let manifest = try scratch.file("m.json", "[{\"prefix\": \"file://\(scratch("set"))/\"}, \"link\"]")
    #expect(try failure("file://" + manifest, .manifestFile)?.message.contains("outside") == true)
  }

  @Test func `an augmented manifest is rewritten to local paths`() throws {
    for key in ["set/a/line.png", "set/b/line.png", "set/rel.png"] { try put(key) }
    try put(
      "set/m.jsonl",
      """
      {"source-ref": "s3://bkt/set/a/line.png", "text": "hei", "ignored": 1}
      {"text": "på", "source-ref": "s3://bkt/set/b/line.png"}

      {"source-ref": "rel.png", "text": {"nested": [1, 2.5]}}
      {"source-ref": "s3://bkt/set/a/line.png", "text": null}
      """)
    let result = try fill("s3://bkt/set/m.jsonl", .augmentedManifestFile(attributeNames: ["source-ref", "text"]))
    #expect(result.files == 3)
    #expect(
      try scratch.text("data/train/train.manifest").split(separator: "\n").map(String.init) == [
        "{\"source-ref\":\"source-ref/00000000-line.png\",\"text\":\"hei\"}",
        "{\"source-ref\":\"source-ref/00000001-line.png\",\"text\":\"på\"}",
        "{\"source-ref\":\"source-ref/00000002-rel.png\",\"text\":{\"nested\":[1,2.5]}}",
        "{\"source-ref\":\"source-ref/00000000-line.png\",\"text\":null}",
      ])
    #expect(try scratch.text("data/train/source-ref/00000001-line.png") == "set/b/line.png")
  }

  @Test(arguments: [
    ("{\"source-ref\": \"s3://bkt/missing\"}", ["source-ref"]), ("{\"a\": 1}", ["b"]),
    ("{\"source-ref\": 1}", ["source-ref"]),
    ("not json", ["a"]), ("{\"a\": 1}", []), ("", ["a"]), ("{\"source-ref\": \"../../x\"}", ["source-ref"]),
  ])
  func `a bad augmented manifest is refused`(text: String, names: [String]) throws {
    try put("set/m.jsonl", text)
    _ = try failure("s3://bkt/set/m.jsonl", .augmentedManifestFile(attributeNames: names))
  }

  // MARK: Life of a channel

  @Test func `a full channel is left as it is and a changed request fills it anew`() throws {
    try put("p/a", "1")
    try put("q/a", "2")
    #expect(try !fill("s3://bkt/p/").wasFilled)
    try put("p/a", "changed later")
    #expect(try fill("s3://bkt/p/").wasFilled)
    #expect(try scratch.text("data/train/a") == "1")
    #expect(try !fill("s3://bkt/q/").wasFilled)
    #expect(try scratch.text("data/train/a") == "2")
  }

  @Test func `what a crash left half done is thrown away`() throws {
    try put("p/a")
    try scratch.file("data/.train.partial/half", "torn")
    try scratch.file("data/train/unmarked", "from before a power cut")
    try fill("s3://bkt/p/")
    #expect(try scratch.files("data/train") == ["a"])
    #expect(!scratch.exists("data/.train.partial"))
  }

  @Test func `cancelling ends between files and within one`() throws {
    try put("p/1", String(repeating: "x", count: 20 << 20))
    try put("p/2")
    for answer in [1, 2, 4] {
      var asked = 0
      let source = ChannelSource(name: "train", uri: "s3://bkt/p/")
      let error = #expect(throws: StoreError.self) {
        try materialiser.fill(
          source, in: scratch("data"),
          isCancelled: {
            asked += 1
            return asked == answer
          })
      }
      #expect(error?.code == .cancelled && asked == answer)
      #expect(try scratch.names("data").isEmpty)
    }
  }

  @Test func `progress tells totals first and everything last`() throws {
    for key in ["p/1", "p/22"] { try put(key) }
    var reports: [ChannelProgress] = []
    _ = try materialiser.fill(
      ChannelSource(name: "train", uri: "s3://bkt/p/"), in: scratch("data"), progress: { reports.append($0) })
    #expect(reports.first == ChannelProgress(filesTotal: 2, bytesTotal: 7))
    #expect(reports.last?.filesDone == 2 && reports.last?.bytesDone == 7)
  }

  @Test(arguments: ["", ".", "..", ".x", "a/b", "å", String(repeating: "a", count: 65)])
  func `a channel's name is no path`(name: String) throws {
    try put("p/a")
    #expect(throws: StoreError.self) {
      try materialiser.fill(ChannelSource(name: name, uri: "s3://bkt/p/"), in: scratch("data"))
    }
    #expect(!scratch.exists("data"))
  }
}

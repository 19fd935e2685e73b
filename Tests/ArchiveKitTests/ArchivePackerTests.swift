import ArchiveKit
import Foundation
import HostKit
import TestKit
import Testing

@Suite struct ArchivePackerTests {
  let scratch: ScratchFolder

  init() throws { scratch = try ScratchFolder() }

  private func model(_ name: String, reversed: Bool = false) throws -> String {
    let files = [("weights.bin", "w"), ("code/run.sh", "#!"), ("code/a.py", "a"), ("code-x", "x"), ("åß 漢/ünï", "u")]
    for (file, text) in reversed ? files.reversed() : files {
      try scratch.file("\(name)/\(file)", text, mode: file.hasSuffix(".sh") ? 0o700 : 0o600)
    }
    try scratch.folder("\(name)/empty")
    return scratch(name)
  }

  @Test func `the same content gives the same digest whatever its times and order of creation`() throws {
    let first = try ArchivePacker.packTarGzip(folder: try model("one"), to: scratch("1.tar.gz"))
    let second = try model("two", reversed: true)
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: 1)], ofItemAtPath: second + "/weights.bin")
    #expect(try ArchivePacker.packTarGzip(folder: second, to: scratch("2.tar.gz")) == first)
  }

  @Test func `a changed byte changes the digest`() throws {
    let folder = try model("one")
    let before = try ArchivePacker.packTarGzip(folder: folder, to: scratch("1.tar.gz"))
    try scratch.file("one/weights.bin", "v", mode: 0o600)
    #expect(try ArchivePacker.packTarGzip(folder: folder, to: scratch("1.tar.gz")).sha256 != before.sha256)
  }

  @Test func `digest and size are those of the file`() throws {
    let packed = try ArchivePacker.packTarGzip(folder: try model("one"), to: scratch("1.tar.gz"))
    #expect(try Digest.sha256(ofFile: scratch("1.tar.gz")) == packed.sha256)
    #expect(try Data(contentsOf: URL(fileURLWithPath: scratch("1.tar.gz"))).count == Int(packed.size))
    #expect(packed.members == 8)
  }

  @Test func `tar sees the contents at the root in byte order`() throws {
    _ = try ArchivePacker.packTarGzip(folder: try model("one"), to: scratch("1.tar.gz"))
    let listed = try output(of: "tar", ["--quoting-style=literal", "-tzf", scratch("1.tar.gz")])
    #expect(
      listed.split(separator: "\n").map(String.init)
        == ["code/", "code-x", "code/a.py", "code/run.sh", "empty/", "weights.bin", "åß 漢/", "åß 漢/ünï"])
  }

  @Test func `tar sees neither owners nor times and only two modes`() throws {
    _ = try ArchivePacker.packTarGzip(folder: try model("one"), to: scratch("1.tar.gz"))
    let listed = try output(of: "tar", ["--utc", "--numeric-owner", "-tvzf", scratch("1.tar.gz")])
    for line in listed.split(separator: "\n") {
      #expect(line.contains(" 0/0 ") && line.contains("1970-01-01 00:00"))
    }
    #expect(listed.contains("-rwxr-xr-x") && listed.contains("-rw-r--r--") && listed.contains("drwxr-xr-x"))
  }

  @Test func `the gzip header carries neither time nor name`() throws {
    _ = try ArchivePacker.packTarGzip(folder: try model("one"), to: scratch("1.tar.gz"))
    let header = Array(try Data(contentsOf: URL(fileURLWithPath: scratch("1.tar.gz"))).prefix(8))
    #expect(header[3..<8].allSatisfy { $0 == 0 })
  }

  @Test func `what was packed unpacks to the same files`() throws {
    _ = try ArchivePacker.packTarGzip(folder: try model("one"), to: scratch("1.tar.gz"))
    let result = try ArchiveExtractor.extract(scratch("1.tar.gz"), into: scratch("out"))
    #expect(result.files == 5 && result.folders == 3)
    #expect(try scratch.text("out/åß 漢/ünï") == "u")
    #expect(access(scratch("out/code/run.sh"), X_OK) == 0 && access(scratch("out/code/a.py"), X_OK) != 0)
    _ = try output(of: "diff", ["-r", scratch("one"), scratch("out")])
  }

  @Test func `long and decomposed names survive byte for byte`() throws {
    let name = "u\u{308}-" + String(repeating: "ä", count: 110)
    let path = (0..<6).map { _ in name }.joined(separator: "/")
    try scratch.file("in/\(path)", "deep")
    _ = try ArchivePacker.packTarGzip(folder: scratch("in"), to: scratch("1.tar.gz"))
    _ = try ArchiveExtractor.extract(scratch("1.tar.gz"), into: scratch("out"))
    #expect(try scratch.text("out/\(path)") == "deep")
    let listed = try ArchiveReader.list(scratch("1.tar.gz"))
    #expect(Array(try #require(listed.last).path.utf8) == Array(path.utf8))
  }

  @Test func `an empty folder gives an archive without members`() throws {
    let packed = try ArchivePacker.packTarGzip(folder: try scratch.folder("in"), to: scratch("1.tar.gz"))
    #expect(packed.members == 0)
    #expect(try ArchiveExtractor.extract(scratch("1.tar.gz"), into: scratch("out")).files == 0)
    #expect(try output(of: "tar", ["-tzf", scratch("1.tar.gz")]).isEmpty)
  }

  @Test func `dependencies lie beside the contents of the source folder`() throws {
    try scratch.file("src/train.py", "t")
    try scratch.file("deps/utils/a.py", "a")
    let single = try scratch.file("deps/one.py", "1")
    let packed = try ArchivePacker.packTarGzip(
      members: [("", scratch("src")), ("utils", scratch("deps/utils")), ("one.py", single)], to: scratch("s.tar.gz"))
    #expect(packed.members == 4)
    #expect(try ArchiveReader.list(scratch("s.tar.gz")).map(\.path) == ["one.py", "train.py", "utils", "utils/a.py"])
  }

  @Test func `two roots that bring the same file are refused`() throws {
    try scratch.file("src/a.py")
    let other = try scratch.file("a.py")
    let error = #expect(throws: ArchiveError.self) {
      try ArchivePacker.packTarGzip(members: [("", scratch("src")), ("a.py", other)], to: scratch("s.tar.gz"))
    }
    #expect(error?.member == "a.py" && error?.code == .forbiddenMember)
  }

  @Test func `links that stay inside are packed as what they point to`() throws {
    try scratch.file("in/checkpoint-2/weights", "w")
    symlink("checkpoint-2", scratch("in/latest"))
    symlink("checkpoint-2/weights", scratch("in/best"))
    _ = try ArchivePacker.packTarGzip(folder: scratch("in"), to: scratch("1.tar.gz"))
    _ = try ArchiveExtractor.extract(scratch("1.tar.gz"), into: scratch("out"))
    #expect(try scratch.text("out/best") == "w")
    #expect(try scratch.text("out/latest/weights") == "w")
  }

  @Test(arguments: ["out", "outFolder", "nothing", "cycle", "fifo"])
  func `what cannot be carried is refused by name and leaves no archive`(kind: String) throws {
    try scratch.file("in/fine")
    let secret = try scratch.file("inside-not/secret")
    switch kind {
    case "out": symlink(secret, scratch("in/bad"))
    case "outFolder": symlink("../inside-not", scratch("in/bad"))
    case "nothing": symlink("missing", scratch("in/bad"))
    case "cycle": symlink("..", scratch("in/bad"))
    default: mkfifo(scratch("in/bad"), 0o644)
    }
    if kind == "cycle" {
      unlink(scratch("in/bad"))
      try scratch.folder("in/sub")
      symlink("..", scratch("in/sub/bad"))
    }
    let error = #expect(throws: ArchiveError.self) {
      try ArchivePacker.packTarGzip(folder: scratch("in"), to: scratch("1.tar.gz"))
    }
    #expect(error?.member?.hasSuffix("bad") == true)
    #expect(!FileManager.default.fileExists(atPath: scratch("1.tar.gz")))
  }

  @Test func `a name that is not UTF-8 is refused`() throws {
    try scratch.folder("in")
    let name = Array(scratch("in/").utf8CString.dropLast()) + [CChar(bitPattern: 0xE9), 0]
    close(creat(name, 0o644))
    let error = #expect(throws: ArchiveError.self) {
      try ArchivePacker.packTarGzip(folder: scratch("in"), to: scratch("1.tar.gz"))
    }
    #expect(error?.reason.contains("UTF-8") == true)
  }

  @Test func `an archive inside the folder that it packs is refused`() throws {
    try scratch.file("in/a")
    #expect(throws: ArchiveError.self) {
      // The file is planned on the second run, when it stands there already.
      try scratch.file("in/self.tar.gz")
      _ = try ArchivePacker.packTarGzip(folder: scratch("in"), to: scratch("in/self.tar.gz"))
    }
  }

  @Test func `a folder that is not there is an error of the system`() throws {
    let error = #expect(throws: ArchiveError.self) {
      try ArchivePacker.packTarGzip(folder: scratch("missing"), to: scratch("1.tar.gz"))
    }
    #expect(error?.cause?.code == ENOENT)
  }

  @Test func `a full disk is told apart`() throws {
    try scratch.file("in/a", String(repeating: "abc", count: 100_000))
    let error = #expect(throws: ArchiveError.self) {
      try ArchivePacker.packTarGzip(folder: scratch("in"), to: "/dev/full")
    }
    #expect(error?.cause?.isFull == true)
  }
}

@Suite struct DigestTests {
  @Test func `pieces and whole agree with the published value`() {
    var hash = Digest.SHA256()
    hash.update(Array("a".utf8))
    hash.update([])
    hash.update(Array("bc".utf8))
    let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    #expect(hash.finish() == expected)
    #expect(Digest.sha256(of: Array("abc".utf8)) == expected)
  }
}

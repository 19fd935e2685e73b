import ArchiveKit
import Foundation
import TestKit
import Testing

@Suite struct ArchiveExtractorTests {
  typealias Member = HostileArchive.Member
  let scratch: ScratchFolder

  init() throws { scratch = try ScratchFolder() }

  private func refusal(
    _ members: some Sequence<Member>, limits: ArchiveLimits = .init()
  ) throws -> ArchiveError? {
    try HostileArchive.write(members, to: scratch("bad.tar.gz"))
    let listing = #expect(throws: ArchiveError.self) { try ArchiveReader.list(scratch("bad.tar.gz"), limits: limits) }
    let error = #expect(throws: ArchiveError.self) {
      try ArchiveExtractor.extract(scratch("bad.tar.gz"), into: scratch("out"), limits: limits)
    }
    #expect(try scratch.names("out").isEmpty)
    #expect(try scratch.names("").sorted() == ["bad.tar.gz", "out"])
    #expect(listing?.code == error?.code)
    return error
  }

  static let hostile: [Member] = [
    .file("../evil"), .file("a/../../evil"), .file("a/.."), .file("/tmp/evil"), .file("//evil"), .folder("/etc"),
    Member(name: "link", type: S_IFLNK, symbolicLink: "/etc"),
    Member(name: "link", type: S_IFLNK, symbolicLink: "fine/file"),
    Member(name: "hard", hardLink: "fine/file"),
    Member(name: "hard", hardLink: "/etc/passwd"),
    Member(name: "device", type: S_IFCHR), Member(name: "disk", type: S_IFBLK), Member(name: "pipe", type: S_IFIFO),
    Member(name: ".", type: S_IFLNK, symbolicLink: "/etc"), .file("."),
    .file("fine/file/below"), .folder("fine/file"), .file("fine"),
    .file(String(repeating: "n", count: 256)),
  ]

  @Test(arguments: hostile.indices)
  func `a hostile member is named and nothing is left`(index: Int) throws {
    let member = Self.hostile[index]
    // Whether the two faces of one path collide shows only while unpacking, so listing is not asked here.
    try HostileArchive.write([.folder("fine"), .file("fine/file"), member, .file("after")], to: scratch("bad.tar.gz"))
    let error = #expect(throws: ArchiveError.self) {
      try ArchiveExtractor.extract(scratch("bad.tar.gz"), into: scratch("out"))
    }
    #expect(error?.code == .forbiddenMember)
    #expect(error?.member?.hasPrefix(member.name.prefix(3)) == true, "\(error?.description ?? "")")
    #expect(error?.archive == scratch("bad.tar.gz"))
    #expect(try scratch.names("out").isEmpty)
  }

  @Test func `a link and then a file through it are refused at the link`() throws {
    let error = try refusal([
      Member(name: "way", type: S_IFLNK, symbolicLink: scratch.path), .file("way/evil"),
    ])
    #expect(error?.member == "way")
  }

  @Test func `more members than allowed are refused`() throws {
    let members = (0...100_000).lazy.map { Member(name: "d/\($0)") }
    try HostileArchive.write(members, to: scratch("bad.tar.gz"))
    let error = #expect(throws: ArchiveError.self) { try ArchiveReader.list(scratch("bad.tar.gz")) }
    #expect(error?.code == .limitExceeded && error?.reason.contains("100000") == true)
    // The files of the default limit would take long to write and remove.
    #expect(try refusal(members.prefix(101), limits: .init(maximumMembers: 100))?.code == .limitExceeded)
  }

  @Test func `a decompression bomb is refused before it fills the disk`() throws {
    let zeros = Member(name: "zeros", content: [UInt8](repeating: 0, count: 80 << 20))
    let error = try refusal([zeros])
    #expect(error?.code == .limitExceeded && error?.member == "zeros")
  }

  @Test func `a small file of zeros is no bomb`() throws {
    try HostileArchive.write([Member(name: "zeros", content: [UInt8](repeating: 0, count: 1 << 20))], to: scratch("z"))
    #expect(try ArchiveExtractor.extract(scratch("z"), into: scratch("out")).bytes == 1 << 20)
  }

  @Test func `more bytes than allowed are refused`() throws {
    let error = try refusal([.file("a", "12345"), .file("b", "67890")], limits: .init(maximumBytes: 9))
    #expect(error?.code == .limitExceeded && error?.member == "b")
  }

  @Test func `a path that is too deep or too long is refused`() throws {
    let deep = Array(repeating: "d", count: 65).joined(separator: "/")
    #expect(try refusal([.file(deep)])?.code == .limitExceeded)
    let long = Array(repeating: String(repeating: "d", count: 200), count: 21).joined(separator: "/")
    #expect(try refusal([.file(long)])?.code == .limitExceeded)
  }

  @Test(arguments: ["/", ".", "./", "././"])
  func `a member that is the root itself is fine`(name: String) throws {
    try HostileArchive.write([.folder(name), .file("./a/b", "ab")], to: scratch("r.tar.gz"))
    _ = try ArchiveExtractor.extract(scratch("r.tar.gz"), into: scratch("out"))
    #expect(try scratch.text("out/a/b") == "ab")
    #expect(try ArchiveReader.list(scratch("r.tar.gz")).map(\.path) == ["a/b"])
  }

  @Test func `of two members with one path the later wins`() throws {
    try HostileArchive.write([.file("a", "first", mode: 0o755), .file("./a", "second")], to: scratch("d.tar.gz"))
    let result = try ArchiveExtractor.extract(scratch("d.tar.gz"), into: scratch("out"))
    #expect(try scratch.text("out/a") == "second")
    #expect(access(scratch("out/a"), X_OK) != 0 && result.files == 1)
  }

  @Test func `set-user bits and odd modes are dropped`() throws {
    try HostileArchive.write([.file("a", mode: 0o6777), .file("b", mode: 0o000)], to: scratch("m.tar.gz"))
    _ = try ArchiveExtractor.extract(scratch("m.tar.gz"), into: scratch("out"))
    let mode = { try FileManager.default.attributesOfItem(atPath: scratch($0))[.posixPermissions] as? Int }
    #expect(try mode("out/a").map { $0 & 0o7000 } == 0)
    #expect(try mode("out/b").map { $0 & 0o400 } == 0o400)
  }

  @Test(arguments: [HostileArchive.Filter.none, .gzip, .bzip2, .xz, .zstd])
  func `each compression is read`(filter: HostileArchive.Filter) throws {
    try HostileArchive.write([.file("a", "text")], to: scratch("c"), filter: filter)
    _ = try ArchiveExtractor.extract(scratch("c"), into: scratch("out"))
    #expect(try scratch.text("out/a") == "text")
  }

  @Test(arguments: [HostileArchive.Filter.none, .gzip, .bzip2, .xz, .zstd])
  func `an archive cut anywhere is refused and leaves nothing`(filter: HostileArchive.Filter) throws {
    let random = (0..<3000).map { _ in UInt8.random(in: 0...255) }
    let members = [Member(name: "a", content: random), .folder("d"), Member(name: "d/b", content: random)]
    try HostileArchive.write(members, to: scratch("whole"), filter: filter)
    let whole = try Data(contentsOf: URL(fileURLWithPath: scratch("whole")))
    // A plain tar is padded with zeros to whole records; the cut must reach what is more than padding.
    let end = filter == .none ? 2 * 512 + 3 * 512 + 2 * 2560 + 512 : whole.count
    for cut in [0, 1, 100, 511, 512, 513, 1024, end / 2, end - 513, end - 512, end - 9, end - 1] where cut < end {
      try whole.prefix(cut).write(to: URL(fileURLWithPath: scratch("cut")))
      let error = #expect(throws: ArchiveError.self, "\(filter) cut at \(cut) of \(end)") {
        try ArchiveExtractor.extract(scratch("cut"), into: scratch("out"))
      }
      #expect(error?.code == .damaged)
      #expect(try scratch.names("out").isEmpty)
    }
  }

  @Test func `what is no archive is refused`() throws {
    try scratch.file("text", String(repeating: "hello world\n", count: 1000))
    let error = #expect(throws: ArchiveError.self) {
      try ArchiveExtractor.extract(scratch("text"), into: scratch("out"))
    }
    #expect(error?.code == .damaged)
  }

  @Test func `a fifo or a missing file is an error, not a wait`() throws {
    mkfifo(scratch("fifo"), 0o644)
    for name in ["fifo", "missing"] {
      let error = #expect(throws: ArchiveError.self) {
        try ArchiveExtractor.extract(scratch(name), into: scratch("out"))
      }
      #expect(error?.code == .system)
    }
  }

  @Test func `a folder that holds something is left as it is`() throws {
    try HostileArchive.write([.file("a")], to: scratch("a.tar.gz"))
    try scratch.file("out/mine", "mine")
    let error = #expect(throws: ArchiveError.self) {
      try ArchiveExtractor.extract(scratch("a.tar.gz"), into: scratch("out"))
    }
    #expect(error?.code == .notEmpty)
    #expect(try scratch.text("out/mine") == "mine")
  }
}

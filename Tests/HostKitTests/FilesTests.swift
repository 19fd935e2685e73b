import Glibc
import HostKit
import Testing

@Suite struct FilesTests {
  private func withScratch(_ body: (String) throws -> Void) throws {
    var template = Array("/tmp/htr-hostkit-XXXXXX".utf8CString)
    let path = try #require(mkdtemp(&template).map { String(cString: $0) })
    defer { #expect(throws: Never.self) { try Files.remove(path) } }
    try body(path)
  }

  @Test func `a file is replaced as a whole and no temporary name stays`() throws {
    try withScratch { folder in
      try Files.write("one", to: "\(folder)/a")
      try Files.write("two", to: "\(folder)/a", mode: 0o600)
      #expect(try Files.readText("\(folder)/a") == "two")
      #expect(try Files.names(in: folder) == ["a"])
      #expect(try Files.isPrivate("\(folder)/a"))
    }
  }

  @Test func `a write that fails leaves the old file and no temporary name`() throws {
    try withScratch { folder in
      try Files.makeFolder("\(folder)/a/b")
      #expect(throws: SystemError.self) { try Files.write("x", to: "\(folder)/a") }
      #expect(try Files.names(in: folder) == ["a"])
    }
  }

  @Test func `a file over the limit is an error and not a partial answer`() throws {
    try withScratch { folder in
      try Files.write("12345", to: "\(folder)/a")
      #expect(throws: SystemError("read", "\(folder)/a", code: EFBIG)) { try Files.read("\(folder)/a", limit: 4) }
      #expect(try Files.readSuffix("\(folder)/a", limit: 2) == Array("45".utf8))
    }
  }

  @Test func `removing a folder removes links and not what they point to`() throws {
    try withScratch { folder in
      try Files.makeFolder("\(folder)/keep")
      try Files.write("x", to: "\(folder)/keep/file")
      try Files.makeFolder("\(folder)/gone/inner")
      #expect(symlink("\(folder)/keep", "\(folder)/gone/inner/link") == 0)
      try Files.remove("\(folder)/gone")
      #expect(Files.exists("\(folder)/keep/file"))
      #expect(!Files.exists("\(folder)/gone"))
    }
  }

  @Test func `making a folder where a file is fails and says so`() throws {
    try withScratch { folder in
      try Files.write("x", to: "\(folder)/a")
      #expect(throws: SystemError.self) { try Files.makeFolder("\(folder)/a") }
      #expect(throws: SystemError.self) { try Files.makeFolder("\(folder)/a/b") }
      try Files.makeFolder("\(folder)/b/c")
      try Files.makeFolder("\(folder)/b/c")
    }
  }

  @Test func `a lock is held by one at a time and freed when its descriptor closes`() throws {
    try withScratch { folder in
      let path = "\(folder)/lock"
      do {
        let first = try Descriptor.open(path, O_RDWR | O_CREAT)
        #expect(try first.lock())
        let second = try Descriptor.open(path, O_RDWR)
        #expect(try !second.lock())
      }
      let third = try Descriptor.open(path, O_RDWR)
      #expect(try third.lock())
    }
  }

  @Test func `a process is known by its start time and not by its pid alone`() throws {
    let mine = try #require(ProcessIdentity(of: getpid()))
    #expect(mine.isAlive)
    #expect(!ProcessIdentity(pid: mine.pid, startTime: mine.startTime + 1).isAlive)
    #expect(ProcessIdentity(pid: mine.pid, startTime: mine.startTime + 1).openHandle() == nil)
  }

  @Test func `identifiers are random and UUIDs have their form`() {
    #expect(Set((0..<1000).map { _ in Identifier.random(bytes: 8) }).count == 1000)
    #expect(
      Identifier.uuid().wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/) != nil)
  }
}

import Glibc
import HostKit
import TestKit
import Testing

@testable import Commands

@Suite struct FolderCopyTests {
  private func copy(_ folder: ScratchFolder, leavingOut: Set<String> = []) throws -> FolderCopy {
    var copy = FolderCopy { leavingOut.contains($0) }
    try copy.copy("\(folder.path)/from", to: "\(folder.path)/to")
    return copy
  }

  @Test func `a copy is like the original, and only what has changed is copied again`() throws {
    let folder = try ScratchFolder()
    try folder.write("from/a/one", "1")
    try folder.write("from/two", "2")
    #expect(symlink("two", "\(folder.path)/from/link") == 0)
    #expect(mkfifo("\(folder.path)/from/pipe", 0o600) == 0)
    #expect(try copy(folder).copiedFiles == 2)
    #expect(try Files.names(in: "\(folder.path)/to") == ["a", "link", "two"])
    #expect(try Files.readText("\(folder.path)/to/link") == "2")
    #expect(try copy(folder).copiedFiles == 0)

    try folder.write("from/two", "changed")
    try Files.remove("\(folder.path)/from/a")
    try folder.write("from/a", "a file now")
    let again = try copy(folder)
    #expect(again.copiedFiles == 2 && again.files == 2)
    #expect(try Files.readText("\(folder.path)/to/a") == "a file now")
    #expect(try Files.readText("\(folder.path)/to/two") == "changed")
  }

  @Test func `attributes of objects and buckets go with them`() throws {
    let folder = try ScratchFolder()
    try folder.write("from/b/object", "x")
    for path in ["b", "b/object"] {
      let file = try Descriptor.open("\(folder.path)/from/\(path)", O_RDONLY)
      #expect(try ExtendedAttribute.write(Array(path.utf8), as: "user.htr", to: file, path: path))
    }
    _ = try copy(folder)
    for path in ["b", "b/object"] {
      #expect(try ExtendedAttribute.read("user.htr", ofFile: "\(folder.path)/to/\(path)") == Array(path.utf8))
    }
  }

  @Test func `only the path that is named is left out, not its namesakes`() throws {
    let folder = try ScratchFolder()
    try folder.write("from/.tmp/half", "1")
    try folder.write("from/b/.tmp/object", "2")
    _ = try copy(folder, leavingOut: ["\(folder.path)/from/.tmp"])
    #expect(try Files.names(in: "\(folder.path)/to") == ["b"])
    #expect(Files.exists("\(folder.path)/to/b/.tmp/object"))
  }
}

import HostKit
import TestKit
import Testing

@testable import Commands

@Suite struct BackupFolderTests {
  @Test func `a folder that holds something else is left alone, be it another daemon's state`() throws {
    let folder = try ScratchFolder()
    try folder.write("home/htr.sqlite", "another daemon's")
    #expect(throws: Failure.self) { try BackupFolder(path: "\(folder.path)/home").prepare(home: "/h") }
    #expect(try Files.names(in: "\(folder.path)/home") == ["htr.sqlite"])
  }

  @Test func `a backup that was broken off is not restored, but can be completed`() throws {
    let folder = try ScratchFolder()
    let backup = BackupFolder(path: "\(folder.path)/new")
    #expect(throws: Failure.self) { try backup.requireComplete() }
    try backup.prepare(home: "/h")
    try folder.write("new/htr.sqlite", "half")
    #expect(throws: Failure.self) { try backup.requireComplete() }
    try backup.prepare(home: "/h")
    try backup.complete(home: "/h")
    try backup.requireComplete()
  }
}

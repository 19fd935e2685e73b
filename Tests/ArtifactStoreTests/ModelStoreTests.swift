import ArchiveKit
import Foundation
import HostKit
import TestKit
import Testing

@testable import ArtifactStore

@Suite(.timeLimit(.minutes(1))) final class ModelStoreTests {
  typealias Member = PlainTar.Member
  let scratch: ScratchFolder
  let store: ModelStore
  /// What every good archive of these tests holds.
  static let members: [Member] = [
    .folder("code/"), .file("code/inference.py", "print()"), .file("weights.bin", "1234"),
    .file("code/serve", "#!/bin/sh", mode: 0o755),
  ]

  init() throws {
    scratch = try ScratchFolder()
    store = ModelStore(folder: scratch("models"))
  }

  deinit {
    // The scratch folder cannot remove what is read-only; what is left harms nobody.
    try? Files.remove(scratch("models"))
  }

  private func archive(_ members: [Member] = members, _ name: String = "model.tar") throws -> String {
    try Data(PlainTar.bytes(members)).write(to: URL(fileURLWithPath: scratch(name)))
    return scratch(name)
  }

  private func unpack(_ path: String) throws -> UnpackedModel {
    try store.unpack(path, sha256: store.digest(of: path))
  }

  /// That it fails so, and leaves nothing.
  @discardableResult
  private func refusal(
    _ code: ModelStoreError.Code, of path: String, by store: ModelStore? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> ModelStoreError? {
    let store = store ?? self.store
    let digest = try Digest.sha256(ofFile: path)
    let error = #expect(throws: ModelStoreError.self, sourceLocation: sourceLocation) {
      try store.unpack(path, sha256: digest)
    }
    #expect(error?.code == code, "\(error?.message ?? "")", sourceLocation: sourceLocation)
    #expect(error?.message.contains(path) == true, "\(error?.message ?? "")", sourceLocation: sourceLocation)
    #expect(error?.message.contains("/proc/") == false, sourceLocation: sourceLocation)
    #expect(try scratch.names("models") == ["tmp"], sourceLocation: sourceLocation)
    #expect(try scratch.names("models/tmp").isEmpty, sourceLocation: sourceLocation)
    return error
  }

  private func mode(_ path: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
  }

  private func text(_ path: String) throws -> String { try Files.readText(path) }

  // MARK: Unpacking

  @Test func `an archive is unpacked once, read-only, and then found`() throws {
    let path = try archive()
    let model = try unpack(path)
    #expect(!model.wasThere && model.bytes == 20)
    #expect(try scratch.files("models/\(model.sha256)/files") == ["code/inference.py", "code/serve", "weights.bin"])
    #expect(try text("\(model.folder)/weights.bin") == "1234")
    #expect(try mode("\(model.folder)/weights.bin") == 0o444)
    #expect(try mode("\(model.folder)/code/serve") == 0o555)
    #expect(try mode("\(model.folder)/code") == 0o555)
    #expect(try mode(model.folder) == 0o555)
    let again = try unpack(path)
    #expect(again.wasThere && again.folder == model.folder && again.bytes == 20)
    #expect(try scratch.names("models/tmp").isEmpty)
  }

  @Test func `what our packer packs is unpacked`() throws {
    try scratch.file("in/a/b", "deep")
    let packed = try ArchivePacker.packTarGzip(folder: scratch("in"), to: scratch("model.tar.gz"))
    let model = try store.unpack(scratch("model.tar.gz"), sha256: packed.sha256)
    #expect(try text("\(model.folder)/a/b") == "deep")
  }

  @Test func `the SDK's repacked archive, with a member that is the root, is unpacked`() throws {
    let model = try unpack(
      archive([.folder("/"), .file("model.json", "{}"), .folder("code"), .file("code/a.py", "a")]))
    #expect(try scratch.files("models/\(model.sha256)/files") == ["code/a.py", "model.json"])
  }

  @Test func `an unpacked model is served though its archive is gone`() throws {
    let path = try archive()
    let model = try unpack(path)
    try Files.remove(path)
    #expect(try store.unpack(path, sha256: model.sha256).wasThere)
  }

  @Test func `of many who ask at once one unpacks and the others wait`() async throws {
    let (store, path) = (store, try archive())
    let digest = try store.digest(of: path)
    let models = try await withThrowingTaskGroup(of: UnpackedModel.self) { group in
      for _ in 0..<16 { group.addTask { try await offPool { try store.unpack(path, sha256: digest) } } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(models.filter { !$0.wasThere }.count == 1)
    #expect(Set(models.map(\.folder)).count == 1)
  }

  // MARK: Refusals

  @Test func `an archive that was changed is refused with both digests`() throws {
    let path = try archive()
    let digest = try store.digest(of: path)
    _ = try archive([.file("other", "bytes")])
    let error = #expect(throws: ModelStoreError.self) { try store.unpack(path, sha256: digest) }
    #expect(error?.code == .changed && error?.message.contains("was changed since") == true)
    #expect(error?.message.contains(digest) == true)
    #expect(error?.message.contains(try store.digest(of: path)) == true)
    #expect(!scratch.exists("models/\(digest)"))
  }

  @Test func `an archive that changes while it is unpacked is not believed`() throws {
    let opened = try ModelArchive(archive())
    let more = try FileHandle(forWritingTo: URL(fileURLWithPath: scratch("model.tar")))
    try more.seekToEnd()
    try more.write(contentsOf: Data(count: 512))
    let error = #expect(throws: ModelStoreError.self) { try opened.unpack(into: scratch("out/files"), limits: .init()) }
    #expect(error?.code == .changed)
  }

  @Test(arguments: ["", "..", "../../etc", String(repeating: "A", count: 64), String(repeating: "g", count: 64)])
  func `what is no digest is refused`(digest: String) throws {
    let path = try archive()
    #expect(throws: ModelStoreError.self) { try store.unpack(path, sha256: digest) }
    #expect(!scratch.exists("models"))
  }

  @Test(arguments: [
    Member(name: "link", type: "2", link: "/etc/passwd"), Member(name: "disk", type: "3"),
    .file("../out", "x"), .file("/etc/evil", "x"),
  ])
  func `a hostile member is named and nothing is left`(member: Member) throws {
    let error = try refusal(.forbiddenMember, of: archive(Self.members + [member]))
    #expect(error?.message.contains("'\(member.name)'") == true && error?.isArchiveFault == true)
  }

  @Test(arguments: ["", "hello", String(repeating: "hello world\n", count: 1000)])
  func `what is no archive is called that`(content: String) throws {
    try refusal(.notAnArchive, of: scratch.file("model.tar.gz", content))
  }

  @Test(arguments: [3, 40, 1000, 2])
  func `an archive that is cut off is called that`(part: Int) throws {
    try scratch.file("in/weights", (0..<9000).map { "\($0 * 7919)" }.joined())
    _ = try ArchivePacker.packTarGzip(folder: scratch("in"), to: scratch("whole.tar.gz"))
    let whole = try Data(contentsOf: URL(fileURLWithPath: scratch("whole.tar.gz")))
    let length = part == 2 ? whole.count - 2 : whole.count / part
    try whole.prefix(length).write(to: URL(fileURLWithPath: scratch("model.tar.gz")))
    try refusal(.damaged, of: scratch("model.tar.gz"))
  }

  @Test func `an archive that asks for too much is refused`() throws {
    let small = ModelStore(folder: scratch("models"), limits: ArchiveLimits(maximumBytes: 10))
    try refusal(.tooLarge, of: archive(), by: small)
    let few = ModelStore(folder: scratch("models"), limits: ArchiveLimits(maximumMembers: 2))
    try refusal(.tooLarge, of: archive(), by: few)
  }

  @Test(arguments: ["missing", "folder", "fifo"])
  func `what cannot be read is an error, not a wait`(name: String) throws {
    try scratch.folder("folder")
    mkfifo(scratch("fifo"), 0o644)
    let digest = String(repeating: "a", count: 64)
    let error = #expect(throws: ModelStoreError.self) { try store.unpack(scratch(name), sha256: digest) }
    #expect(error?.code == .unreadable && error?.message.contains(scratch(name)) == true)
    #expect(throws: ModelStoreError.self) { try store.digest(of: scratch(name)) }
  }

  // MARK: After a boot

  /// Makes the record look as if it had been written before the last boot.
  private func ageRecord(of model: UnpackedModel) throws {
    let path = scratch("models/\(model.sha256)/record.json")
    var record = try #require(ModelRecord(readFrom: path))
    record.boot = "another boot"
    try record.write(to: path)
  }

  @Test func `after a boot whole files are compared once and kept`() throws {
    let path = try archive()
    let model = try unpack(path)
    let inode = try Files.status("\(model.folder)/weights.bin")?.inode
    try ageRecord(of: model)
    #expect(try unpack(path).wasThere)
    #expect(try Files.status("\(model.folder)/weights.bin")?.inode == inode)
    #expect(ModelRecord(readFrom: scratch("models/\(model.sha256)/record.json"))?.boot == Boot.id)
  }

  @Test(arguments: ["other bytes", "emptied", "missing", "added", "no record", "torn record", "no files"])
  func `after a boot a torn entry is unpacked anew`(damage: String) throws {
    let path = try archive()
    let model = try unpack(path)
    try ageRecord(of: model)
    let (weights, record) = ("\(model.folder)/weights.bin", scratch("models/\(model.sha256)/record.json"))
    chmod(model.folder, 0o755)
    switch damage {
    case "other bytes": try Files.write("1235", to: weights)
    case "emptied": try Files.write("", to: weights)
    case "missing": try Files.remove(weights)
    case "added": try Files.write("x", to: "\(model.folder)/code.py")
    case "no record": try Files.remove(record)
    case "torn record": try Files.write("{\"contents\":", to: record)
    default: try Files.remove(model.folder)
    }
    let again = try unpack(path)
    #expect(!again.wasThere && again.folder == model.folder)
    #expect(try text(weights) == "1234")
    #expect(try scratch.files("models/\(model.sha256)/files").count == 3)
    #expect(try unpack(path).wasThere)
    #expect(try scratch.names("models/tmp").isEmpty)
  }

  @Test func `a torn entry whose archive is gone is never served`() throws {
    let path = try archive()
    let model = try unpack(path)
    try ageRecord(of: model)
    chmod(model.folder, 0o755)
    try Files.write("", to: "\(model.folder)/weights.bin")
    try Files.remove(path)
    let error = #expect(throws: ModelStoreError.self) { try store.unpack(path, sha256: model.sha256) }
    #expect(error?.code == .unreadable)
    #expect(!scratch.exists("models/\(model.sha256)"))
  }

  // MARK: Keeping and removing

  @Test func `what a daemon that died has left half unpacked is removed, what is whole stays`() throws {
    try store.discardUnfinished()
    let model = try unpack(archive())
    try scratch.file("models/tmp/half/files/weights.bin", "12", mode: 0o444)
    chmod(scratch("models/tmp/half/files"), 0o555)
    try store.discardUnfinished()
    #expect(!scratch.exists("models/tmp"))
    #expect(try unpack(archive()).wasThere && scratch.exists("models/\(model.sha256)/files/weights.bin"))
  }

  @Test func `what nobody needs is removed`() throws {
    #expect(try store.retain(only: []).isEmpty)
    let kept = try unpack(archive())
    let removed = try unpack(archive([.file("a", "b")], "other.tar"))
    try scratch.file("models/a-note", "not ours")
    #expect(try store.retain(only: [kept.sha256, String(repeating: "0", count: 64)]) == [removed.sha256])
    #expect(try scratch.names("models") == [kept.sha256, "a-note", "tmp"].sorted())
    #expect(try scratch.names("models/tmp").isEmpty)
    #expect(try !unpack(scratch("other.tar")).wasThere)
  }

  @Test func `a copy may be written to and changes nothing else`() throws {
    let model = try unpack(archive())
    try store.copy(model, to: scratch("attempt/model"))
    #expect(try scratch.files("attempt/model") == ["code/inference.py", "code/serve", "weights.bin"])
    #expect(try mode(scratch("attempt/model")) == 0o755)
    #expect(try mode(scratch("attempt/model/code/serve")) == 0o755)
    #expect(try mode(scratch("attempt/model/weights.bin")) == 0o644)
    try Files.writeInPlace("mine", to: scratch("attempt/model/weights.bin"))
    #expect(try text("\(model.folder)/weights.bin") == "1234")
  }

  @Test func `a copy goes into no folder that holds something`() throws {
    let model = try unpack(archive())
    try scratch.file("attempt/mine", "mine")
    #expect(throws: ModelStoreError.self) { try store.copy(model, to: scratch("attempt")) }
    #expect(try scratch.names("attempt") == ["mine"])
  }

  // MARK: A full disk

  @Test func `what cannot fit is refused before anything is written`() async throws {
    try scratch.file("in/zeros", String(repeating: "0", count: 12 << 20))
    let packed = try ArchivePacker.packTarGzip(folder: scratch("in"), to: scratch("model.tar.gz"))
    try await SmallDisk.use(mebibytes: 8) { (disk: String) async throws in
      let store = ModelStore(folder: "\(disk)/models")
      let error = #expect(throws: ModelStoreError.self) {
        try store.unpack(scratch("model.tar.gz"), sha256: packed.sha256)
      }
      #expect(error?.code == .diskFull && error?.cause?.isFull == true && error?.isArchiveFault == false)
      #expect(error?.message.contains("are free") == true, "\(error?.message ?? "")")
      #expect(try Files.names(in: "\(disk)/models") == ["tmp"])
      #expect(try Files.names(in: "\(disk)/models/tmp").isEmpty)
    }
  }

  @Test func `a disk that fills up meanwhile is told apart and keeps nothing half`() async throws {
    try scratch.file("in/zeros", String(repeating: "0", count: 12 << 20))
    _ = try ArchivePacker.packTarGzip(folder: scratch("in"), to: scratch("model.tar.gz"))
    // An empty second part, whose size of nothing says nothing about the first.
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: scratch("model.tar.gz")))
    try file.seekToEnd()
    try file.write(contentsOf: Data([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0] + [UInt8](repeating: 0, count: 8)))
    let path = scratch("model.tar.gz")
    try await SmallDisk.use(mebibytes: 8) { (disk: String) async throws in
      let store = ModelStore(folder: "\(disk)/models")
      let free = Files.availableBytes(at: disk)
      let error = #expect(throws: ModelStoreError.self) { try store.unpack(path, sha256: store.digest(of: path)) }
      #expect(error?.code == .diskFull && error?.cause?.isFull == true)
      #expect(error?.message.contains("zeros") == true && error?.message.contains(path) == true)
      #expect(try Files.names(in: "\(disk)/models/tmp").isEmpty)
      let left = try #require(Files.availableBytes(at: disk))
      #expect(left >= (free ?? 0) - (64 << 10))
    }
  }

  @Test func `a copy that does not fit is gone again`() async throws {
    let model = try unpack(archive([Member(name: "big", content: [UInt8](repeating: 1, count: 2 << 20))]))
    try await SmallDisk.use(mebibytes: 1) { (disk: String) async throws in
      let error = #expect(throws: ModelStoreError.self) { try store.copy(model, to: "\(disk)/attempt/model") }
      #expect(error?.code == .diskFull && error?.cause?.isFull == true)
      #expect(try Files.names(in: "\(disk)/attempt").isEmpty)
    }
  }
}

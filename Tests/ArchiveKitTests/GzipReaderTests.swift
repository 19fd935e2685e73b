import ArchiveKit
import HostKit
import TestKit
import Testing

/// Single streams of gzip, not archives.
@Suite(.timeLimit(.minutes(1))) struct GzipReaderTests {
  private func unpacked(_ bytes: [UInt8], pieces: Int = 1 << 16) throws -> [UInt8] {
    var rest = bytes[...]
    let reader = try GzipReader("test") { buffer in
      let part = rest.prefix(min(buffer.count, pieces))
      rest = rest.dropFirst(part.count)
      buffer.copyBytes(from: part)
      return part.count
    }
    var found: [UInt8] = []
    try withUnsafeTemporaryAllocation(byteCount: 1000, alignment: 1) { buffer in
      while case let got = try reader.read(into: buffer), got > 0 { found += buffer[..<got] }
    }
    return found
  }

  private func packed(_ bytes: [UInt8]) async throws -> [UInt8] {
    try await withScratchFolder { folder in
      try Files.write(bytes, to: "\(folder)/plain", durable: false)
      let exit = try await ChildProcess("/usr/bin/env", ["gzip", "\(folder)/plain"]).end()
      try #require(exit == .code(0))
      return try Files.read("\(folder)/plain.gz")
    }
  }

  private var content: [UInt8] { (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) } }

  @Test(arguments: [1, 7, 1 << 16]) func `what was packed comes out again`(_ pieces: Int) async throws {
    #expect(try await unpacked(packed(content), pieces: pieces) == content)
    #expect(try await unpacked(packed([]), pieces: pieces) == [])
  }

  @Test func `several streams one after the other are one`() async throws {
    #expect(try await unpacked(packed([1, 2]) + packed([3])) == [1, 2, 3])
  }

  @Test func `what is cut, or was never packed, is refused`() async throws {
    let whole = try await packed(content)
    #expect(throws: ArchiveError.self) { try unpacked(Array(whole.dropLast(whole.count / 2))) }
    #expect(throws: ArchiveError.self) { try unpacked(Array("plain text".utf8)) }
  }

  @Test func `a source that fails says so itself`() throws {
    let failure = SystemError("read", "test", code: 5)
    #expect(throws: SystemError.self) { _ = try GzipReader("test") { _ in throw failure } }
  }
}

import Foundation
import TestKit
import Testing

@testable import ArtifactStore

/// A clone that copies: it shows what the cache does on a file system that shares blocks, where there is none.
private let cloning = FileCopier { source, destination in
  var buffer = [UInt8](repeating: 0, count: 1 << 16)
  var offset: off_t = 0
  while true {
    let got = pread(source, &buffer, buffer.count, offset)
    if got <= 0 { return got == 0 }
    guard pwrite(destination, buffer, got, offset) == got else { return false }
    offset += off_t(got)
  }
}

private let refusing = FileCopier { _, _ in false }

@Suite struct ContentCacheTests {
  let scratch: ScratchFolder

  init() throws { scratch = try ScratchFolder() }

  private func place(_ cache: ContentCache, _ source: String) throws -> String {
    let destination = scratch("copy-\(UUID().uuidString)")
    #expect(try cache.place(source, beneath: scratch.path, at: destination))
    return String(decoding: try Data(contentsOf: URL(fileURLWithPath: destination)), as: UTF8.self)
  }

  private func cached() throws -> [String] { try scratch.files("cache/sha256").map { scratch("cache/sha256/\($0)") } }

  @Test func `there is none where blocks cannot be shared`() throws {
    #expect(try ContentCache(folder: scratch("cache"), copier: refusing) == nil)
    #expect(try scratch.names("cache").isEmpty)
  }

  @Test func `equal bytes are kept once`() throws {
    let cache = try #require(try ContentCache(folder: scratch("cache"), copier: cloning))
    #expect(try place(cache, scratch.file("a", "same")) == "same")
    #expect(try place(cache, scratch.file("b", "same")) == "same")
    #expect(try place(cache, scratch("a")) == "same")
    #expect(try cached().count == 1)
  }

  @Test func `a changed file is copied anew`() throws {
    let cache = try #require(try ContentCache(folder: scratch("cache"), copier: cloning))
    #expect(try place(cache, scratch.file("a", "one")) == "one")
    #expect(try place(cache, scratch.file("a", "two")) == "two")
    #expect(try cached().count == 2)
  }

  @Test func `a cached file that rotted is not used`() throws {
    let cache = try #require(try ContentCache(folder: scratch("cache"), copier: cloning))
    _ = try place(cache, scratch.file("a", "good"))
    let path = try #require(try cached().first)
    chmod(path, 0o644)
    try Data("evil".utf8).write(to: URL(fileURLWithPath: path))
    #expect(try place(cache, scratch("a")) == "good")
  }
}

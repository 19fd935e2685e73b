import Glibc
import HostKit
import TestKit
import Testing

@testable import ControlPlane

@Suite(.timeLimit(.minutes(1))) struct LogFileTests {
  /// A log that came in these chunks, the first at 1000 ms, each a second after the one before.
  private func log(
    _ chunks: [String], isComplete: Bool = true, _ body: (LogFile) throws -> Void
  ) async throws {
    try await withScratchFolder { folder in
      var index: [UInt8] = []
      var size = 0
      for (number, chunk) in chunks.enumerated() {
        size += chunk.utf8.count
        for value in [UInt64(size), UInt64(1000 * (number + 1))] {
          withUnsafeBytes(of: value.littleEndian) { index += $0 }
        }
      }
      try Files.write(chunks.joined(), to: "\(folder)/log", durable: false)
      try Files.write(index, to: "\(folder)/log.index", durable: false)
      try body(LogFile(path: "\(folder)/log", isComplete: isComplete))
    }
  }

  @Test func `a line is an event of the time at which its end was written`() async throws {
    try await log(["one\ntw", "o\n\nbar 1\rbar 2\n", "end"]) { (log: LogFile) throws in
      let events = try log.events(from: 0, limit: 10)
      #expect(events.map(\.message) == ["one", "two", " ", "bar 2", "end"])
      #expect(events.map(\.time) == [1000, 2000, 2000, 2000, 3000])
      #expect(events.map(\.position) == [0, 4, 8, 9, 21])
      #expect(events.last?.next == 24)
    }
  }

  @Test func `a last line without an end is an event only when nothing can follow it`() async throws {
    try await log(["one\ntw"], isComplete: false) { (log: LogFile) throws in
      #expect(try log.events(from: 0, limit: 10).map(\.message) == ["one"])
      #expect(try log.events(before: .max, limit: 1).map(\.message) == ["one"])
    }
  }

  @Test func `what the index does not know yet is told later`() async throws {
    try await log(["one\n"], isComplete: false) { (log: LogFile) throws in
      let file = try Descriptor.open(log.path, O_WRONLY | O_APPEND)
      try file.write(Array("two\n".utf8), path: log.path)
      #expect(try log.events(from: 0, limit: 10).map(\.message) == ["one"])
    }
  }

  @Test(arguments: [1, 2, 3, 7, 100])
  func `pages of any size, forward and backward, are the whole`(limit: Int) async throws {
    let lines = (0..<50).map { "line \($0)\(String(repeating: "x", count: $0 * 100))\n" }
    try await log(lines) { (log: LogFile) throws in
      let all = try log.events(from: 0, limit: .max)
      #expect(all.count == 50)
      var forward: [LogEvent] = []
      while case let page = try log.events(from: forward.last?.next ?? 0, limit: limit), !page.isEmpty {
        forward += page
      }
      #expect(forward == all)
      var backward: [LogEvent] = []
      while case let page = try log.events(before: backward.first?.position ?? .max, limit: limit), !page.isEmpty {
        backward = page + backward
      }
      #expect(backward == all)
    }
  }

  @Test(arguments: [(0, 0), (1000, 0), (1001, 4), (2000, 4), (2001, 8), (9000, 14)])
  func `a time is looked for by halves`(time: Int64, position: Int64) async throws {
    try await log(["one\ntw", "o\nthr", "ee\n"]) { (log: LogFile) throws in
      #expect(try log.position(ofTime: time) == position)
    }
  }

  @Test func `a line that is too long for an event is several`() async throws {
    try await log([String(repeating: "y", count: 600_000) + "\nend\n"]) { (log: LogFile) throws in
      let events = try log.events(from: 0, limit: 10)
      #expect(events.map(\.message.utf8.count) == [262_144, 262_144, 75_712, 3])
      #expect(try log.events(from: events[1].position, limit: 1) == [events[1]])
    }
  }

  @Test func `a log that is not there has no events`() throws {
    let log = LogFile(path: "/nowhere/log", isComplete: true)
    #expect(try log.events(from: 0, limit: 1).isEmpty)
    #expect(try log.events(before: .max, limit: 1).isEmpty)
    #expect(log.span == nil)
  }
}

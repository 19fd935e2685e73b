import Glibc
import HostKit

/// The log of a job or worker as events: a line is one, and the time at which its end was written is its time.
///
/// Positions are bytes of the file, so that they mean the same for ever. A last line without an end is an event only once
/// nothing can follow it.
struct LogFile: Sendable {
  /// A longer line is several events; as in CloudWatch.
  static let longestMessage = 256 << 10
  private static let block = 64 << 10
  /// How far back the beginning of a line is looked for.
  private static let longestLine: Int64 = 4 << 20

  let path: String
  /// Nothing will be appended any more.
  let isComplete: Bool

  private var index: LogIndex { LogIndex(path: "\(path).index") }

  /// Reads forward, within about one answer's bytes unless `end` bounds it.
  func events(from start: Int64, to end: Int64? = nil, limit: Int) throws(SystemError) -> [LogEvent] {
    guard let file = try Self.open(path) else { return [] }
    var reading = Reading(index, from: start, limit: limit, isBounded: end == nil, isComplete: isComplete)
    var offset = start
    while !reading.isFull, end.map({ offset < $0 }) ?? true {
      let wanted = end.map { Int(min(Int64(Self.block), $0 - offset)) } ?? Self.block
      let bytes = try Self.read(file, at: offset, count: wanted, path: path)
      guard !bytes.isEmpty else { break }
      offset += Int64(bytes.count)
      reading.take(bytes)
    }
    if !reading.isFull, isComplete { reading.finish() }
    return reading.events
  }

  func events(before position: Int64, limit: Int) throws(SystemError) -> [LogEvent] {
    guard let file = try Self.open(path) else { return [] }
    let end = min(position, Int64(lseek(file.number, 0, SEEK_END)))
    // One more: the last line may have no end yet.
    let start = try Self.start(ofLines: limit + 1, before: end, in: file, path: path)
    let events = try events(from: start, to: end, limit: .max).filter { $0.position < end }
    var size = 0
    let fitting = events.reversed().prefix(limit).prefix { event in
      size += event.message.utf8.count + LogPage.overhead
      return size <= LogPage.bytes
    }
    return fitting.reversed()
  }

  func position(ofTime time: Int64) throws(SystemError) -> Int64 {
    guard let file = try Self.open(path) else { return 0 }
    guard let byte = index.firstByte(notBefore: time) else { return Int64(lseek(file.number, 0, SEEK_END)) }
    // A line that began earlier and ended then is of then.
    return try Self.start(ofLines: 1, before: Int64(byte), in: file, path: path, isInside: true)
  }

  /// Where the last `count` lines before an offset begin.
  /// - Parameter isInside: what lies right before the offset may be the beginning of a line that goes on behind it.
  private static func start(
    ofLines count: Int, before end: Int64, in file: borrowing Descriptor, path: String, isInside: Bool = false
  ) throws(SystemError) -> Int64 {
    var found = 0
    var offset = end
    while offset > 0 {
      let size = Int(min(Int64(block), offset))
      offset -= Int64(size)
      let bytes = try read(file, at: offset, count: size, path: path)
      for place in bytes.indices.reversed() where bytes[place] == UInt8(ascii: "\n") {
        let start = offset + Int64(place) + 1
        // The end of the last line is no beginning.
        if start == end, !isInside { continue }
        found += 1
        if found == count || end - start > Int64(LogPage.bytes) { return start }
      }
      if found == 0, end - offset >= longestLine { return offset }
    }
    return 0
  }

  private static func open(_ path: String) throws(SystemError) -> Descriptor? {
    do { return try Descriptor.open(path, O_RDONLY) } catch {
      guard error.code == ENOENT else { throw error }
      return nil
    }
  }

  private static func read(
    _ file: borrowing Descriptor, at offset: Int64, count: Int, path: String
  ) throws(SystemError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let got = pread(file.number, &bytes, count, off_t(offset))
    guard got >= 0 else { throw SystemError("read", path) }
    return Array(bytes.prefix(got))
  }

  /// Makes events of the bytes that come.
  private struct Reading {
    let times: LogIndex.Cursor
    /// For what the index will never know: an entry may be missing at the end of a full disk.
    let lastTime: Int64?
    let limit: Int
    let isBounded: Bool
    /// Where the line begins that is being read.
    var position: Int64
    var line: [UInt8] = []
    var events: [LogEvent] = []
    var size = 0
    var isFull = false

    init(_ index: LogIndex, from position: Int64, limit: Int, isBounded: Bool, isComplete: Bool) {
      times = index.cursor(at: UInt64(max(position, 0)))
      lastTime = isComplete ? index.span?.upperBound ?? 0 : nil
      (self.limit, self.isBounded, self.position) = (limit, isBounded, position)
    }

    mutating func take(_ bytes: [UInt8]) {
      for byte in bytes where !isFull {
        if byte == UInt8(ascii: "\n") {
          tell(lengthWithEnd: line.count + 1)
        } else {
          line.append(byte)
          if line.count == LogFile.longestMessage { tell(lengthWithEnd: line.count) }
        }
      }
    }

    mutating func finish() {
      if !line.isEmpty { tell(lengthWithEnd: line.count) }
    }

    private mutating func tell(lengthWithEnd: Int) {
      let next = position + Int64(lengthWithEnd)
      // The index is written after the log: what it does not know yet is told later.
      guard let time = times.time(ofByte: UInt64(next - 1))?.milliseconds ?? lastTime else {
        isFull = true
        return
      }
      let message = Self.message(line)
      size += message.utf8.count + LogPage.overhead
      guard !isBounded || size <= LogPage.bytes || events.isEmpty else {
        isFull = true
        return
      }
      events.append(LogEvent(position: position, next: next, time: time, ingested: time, message: message))
      isFull = events.count == limit
      position = next
      line.removeAll(keepingCapacity: true)
    }

    /// Of a progress bar that draws over itself what was drawn last; of an empty line a space, as a message cannot be empty.
    private static func message(_ line: [UInt8]) -> String {
      let shown = line.split(separator: UInt8(ascii: "\r")).last ?? []
      return shown.isEmpty ? " " : String(decoding: shown, as: UTF8.self)
    }
  }
}

extension LogFile {
  /// When its first and its last byte were written, in milliseconds since 1970; nil while nothing was.
  var span: ClosedRange<Int64>? { index.span }
  /// Bytes.
  var size: Int64 {
    // A log that cannot be looked at counts as empty.
    (try? Files.status(path)?.size) ?? 0
  }
}

/// The log of a job or worker, read on threads that may wait for the disk.
struct FileStream: EventStream {
  let file: LogFile
  let threads: BlockingThreads

  func events(from position: Int64, limit: Int) async throws -> [LogEvent] {
    try await threads.run { [file] in try file.events(from: position, limit: limit) }
  }

  func events(before position: Int64, limit: Int) async throws -> [LogEvent] {
    try await threads.run { [file] in try file.events(before: position, limit: limit) }
  }

  func position(ofTime time: Int64) async throws -> Int64 {
    try await threads.run { [file] in try file.position(ofTime: time) }
  }
}

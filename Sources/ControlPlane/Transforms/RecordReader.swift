import ArchiveKit
import ArtifactStore
import Synchronization

/// Why one object could not be transformed, in SageMaker's form.
struct ObjectFault: Error, CustomStringConvertible {
  let description: String
}

/// Reads an input object as the bodies of requests: as a whole, line by line, or as many lines as fit. Put together again
/// the bodies are the object's bytes, and none is longer than allowed. May be used from anywhere, by one at a time.
final class RecordReader: Sendable {
  enum Unit: Sendable { case object, line, lines }

  private struct State: ~Copyable {
    /// Unpacks the object; nil: it is read as it is.
    var gzip: GzipReader?
    var buffer: [UInt8] = []
    var start = 0
    /// Where the object goes on behind the buffer, while it is read as it is.
    var offset: Int64 = 0
    var isAtEnd = false
    var bodies = 0
  }

  private static let piece = 256 << 10

  private let object: OpenObject
  private let unit: Unit
  private let limit: Int
  private let state: Mutex<State>

  /// - Parameters:
  ///   - limit: bytes of the longest body.
  ///   - isGzipped: whether the object is unpacked first. An empty one is taken as it is.
  init(_ object: OpenObject, by unit: Unit, limit: Int, isGzipped: Bool = false) throws {
    self.object = object
    self.unit = unit
    self.limit = limit
    state = Mutex(State(gzip: isGzipped && object.object.size > 0 ? try Self.unpacking(object) : nil))
  }

  private static func unpacking(_ object: OpenObject) throws -> sending GzipReader {
    var offset: Int64 = 0
    return try GzipReader(object.object.key) { buffer in
      let got = try object.read(at: offset, into: buffer)
      offset += Int64(got)
      return got
    }
  }

  /// The next body; nil at the end.
  func next() throws -> [UInt8]? {
    try state.withLock { state in
      guard let end = try end(&state) else { return nil }
      defer { state.start = end }
      state.bodies += 1
      return Array(state.buffer[state.start..<end])
    }
  }

  /// Where the next body ends in the buffer.
  private func end(_ state: inout State) throws -> Int? {
    while true {
      let (ready, isLast) = (state.buffer.count - state.start, state.isAtEnd)
      if ready <= limit, isLast { return ready > 0 ? lineEnd(state) ?? state.buffer.count : nil }
      if unit == .line, let end = lineEnd(state) { return end }
      if ready > limit {
        guard unit == .lines, let end = lineEnd(state) else { throw tooLong(state) }
        return end
      }
      try fill(&state)
    }
  }

  /// Behind the first line, or behind the last that fits; nil when none does.
  private func lineEnd(_ state: borrowing State) -> Int? {
    let (start, end) = (state.start, min(state.start + limit, state.buffer.count))
    // Every line of the last piece goes together.
    if unit == .object || unit == .lines && state.isAtEnd && state.buffer.count == end { return nil }
    return state.buffer.withUnsafeBytes { bytes in
      let part = bytes[start..<end]
      return (unit == .line ? part.firstIndex(of: 0x0A) : part.lastIndex(of: 0x0A)).map { $0 + 1 }
    }
  }

  private func fill(_ state: inout State) throws {
    state.buffer.removeFirst(state.start)
    state.start = 0
    try withUnsafeTemporaryAllocation(byteCount: Self.piece, alignment: 16) { piece in
      let got = try state.gzip?.read(into: piece) ?? object.read(at: state.offset, into: piece)
      state.buffer.append(contentsOf: UnsafeRawBufferPointer(rebasing: piece[..<got]))
      state.offset += Int64(got)
      state.isAtEnd = got == 0
    }
  }

  private func tooLong(_ state: borrowing State) -> ObjectFault {
    let what = unit == .object ? "the object" : "a record (behind \(state.bodies) requests)"
    return ObjectFault(
      description:
        "ClientError: \(what) is longer than MaxPayloadInMB allows (\(limit >> 20) MB). Raise it, or split the input."
    )
  }
}

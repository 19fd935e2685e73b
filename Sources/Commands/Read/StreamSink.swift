import HostKit
import Pages
import Synchronization

/// All pages in one stream: standard output or a file.
final class StreamSink: PageSink {
  private let naming: PageNaming
  private let overlay: OverlayTarget?
  private let target: any ByteTarget
  /// Sources of pages that an earlier run has written.
  private let done: Set<String>
  private let writer: Mutex<(writer: PageWriter, hasBegun: Bool)>

  init(_ target: any ByteTarget, naming: PageNaming, overlay: OverlayTarget?, done: Set<String> = []) {
    self.target = target
    self.naming = naming
    self.overlay = overlay
    self.done = done
    writer = Mutex((PageWriter(naming.format), false))
  }

  func has(_ task: PageTask) throws -> Bool {
    try overlay?.check(task)
    guard task.count == 1 || naming.format.holdsManyPages else {
      throw Failure.onePageEach(naming.format, "\(task.file.name) has \(task.count) pages")
    }
    return try done.contains(naming.source(of: task))
  }

  func prepare(_ task: PageTask, _ reading: PageOutcome.Reading) throws {
    try naming.keepImage(of: task, reading)
    try overlay?.write(task, reading)
  }

  func write(_ task: PageTask, _ reading: PageOutcome.Reading) throws {
    let page = try naming.printed(task, reading)
    try writer.withLock { state in
      let start = state.hasBegun ? [] : state.writer.begin()
      state.hasBegun = true
      // What has begun is written even when this page is refused.
      try target.write(start)
      do {
        try target.write(try state.writer.append(page))
      } catch let error as PageFormatError { throw PageFailure(error.description) }
    }
  }

  /// Completes the stream. Without a page there is nothing to complete.
  func finish() throws {
    let end = writer.withLock { state in state.hasBegun ? state.writer.finish() : nil }
    if let end { try target.write(end) }
    try target.finish(isEmpty: end == nil)
  }
}

extension Failure {
  static func onePageEach(_ format: PageFormat, _ why: String) -> Failure {
    Failure(
      "--format \(format.rawValue)", "a file of this format has one page, but \(why)",
      advice: "Give --output FOLDER/ for a file for each page.")
  }
}

/// Where the bytes of a stream go; one thread at a time writes.
protocol ByteTarget: Sendable {
  func write(_ bytes: [UInt8]) throws
  /// - Parameter isEmpty: nothing was to be written.
  func finish(isEmpty: Bool) throws
}

struct StandardOutput: ByteTarget {
  let terminal: Terminal
  func write(_ bytes: [UInt8]) { bytes.withUnsafeBytes { terminal.write(.output, $0) } }
  func finish(isEmpty: Bool) {}
}

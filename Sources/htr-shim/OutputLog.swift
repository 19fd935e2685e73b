import CHost
import Glibc
import HostKit
import WorkerContract

/// The way of the worker's output: from the pipe into the log, inside the kernel.
///
/// A byte leaves the pipe exactly when it is in the log, so killing this process at any instant neither loses nor
/// repeats one. Beside the log grows its index: 16 bytes for each chunk, little-endian: the log's size after the chunk
/// and the epoch milliseconds.
final class OutputLog {
  private static let entrySize = 16
  private static let pipeSize: Int32 = 1 << 18
  private static let chunk = 1 << 20

  private let path: String
  private let pipe: Descriptor
  /// Held open so that the pipe has a writer for as long as this process lives, and so never hangs up.
  private let writer: Descriptor
  private let log: Descriptor
  private let index: Descriptor
  private let nowhere: Descriptor
  private let limit: UInt64
  private var size: UInt64
  /// Of the last entry of the index, in milliseconds since 1970. Times never go back, whatever the clock does: readers of
  /// the log look for them by halves.
  private var time: UInt64 = 0
  /// True when output was thrown away because the log was full.
  private(set) var hasDiscarded = false

  /// Opens pipe, log and index, making those that are absent.
  init(_ spec: LaunchSpec, in folder: AttemptFolder) throws(SystemError) {
    guard mkfifo(folder.output, 0o600) == 0 || errno == EEXIST else {
      throw SystemError("make the pipe", folder.output)
    }
    path = spec.log
    limit = UInt64(max(spec.logLimitBytes, 0))
    pipe = try Descriptor.open(folder.output, O_RDONLY | O_NONBLOCK)
    writer = try Descriptor.open(folder.output, O_WRONLY)
    // The kernel's default is small for chatty workers; a user who has used up his share keeps it.
    _ = htr_widen_pipe(pipe.number, Self.pipeSize)
    // Not in append mode: splice refuses that. The attempt's lock makes this the only writer.
    log = try Descriptor.open(spec.log, O_WRONLY | O_CREAT)
    index = try Descriptor.open(spec.logIndex, O_RDWR | O_CREAT)
    nowhere = try Descriptor.open("/dev/null", O_WRONLY)
    let end = lseek(log.number, 0, SEEK_END)
    guard end >= 0 else { throw SystemError("find the end of", spec.log) }
    size = UInt64(end)
    try repairIndex(spec.logIndex)
  }

  /// Readable while output waits.
  var source: Int32 { pipe.number }
  /// What the worker's standard output and error become.
  var sink: Int32 { writer.number }

  /// True when the log has reached its limit: it never grows beyond, and further output is thrown away.
  var isFull: Bool { size >= limit }

  /// Moves output that waits in the pipe, a bounded amount; false when there was none.
  func move() throws(SystemError) -> Bool {
    let room = isFull ? UInt64(Self.chunk) : min(limit - size, UInt64(Self.chunk))
    let moved = htr_splice(pipe.number, isFull ? nowhere.number : log.number, Int(room))
    guard moved > 0 else {
      if moved == 0 || errno == EAGAIN { return false }
      throw SystemError("write the log", path)
    }
    if isFull {
      hasDiscarded = true
    } else {
      size += UInt64(moved)
      // Older kernels do not tell a file's watchers of a splice; of its times being set they do.
      futimens(log.number, nil)
      appendIndexEntry()
    }
    return true
  }

  /// Moves all the output that is left, waiting for room if need be.
  func finish() throws(SystemError) {
    while try patiently({ () throws(SystemError) in try move() }) {}
  }

  /// A missing entry only makes times coarser, since the next one covers its bytes: no reason to stop a job.
  private func appendIndexEntry() {
    time = max(time, UInt64(Timestamp.now().milliseconds))
    var entry = (size.littleEndian, time.littleEndian)
    let wrote = withUnsafeBytes(of: &entry) { write(index.number, $0.baseAddress, $0.count) }
    if wrote > 0, wrote < Self.entrySize { trimIndex() }
  }

  /// Cuts off half an entry.
  private func trimIndex() {
    let end = lseek(index.number, 0, SEEK_END)
    let whole = end / off_t(Self.entrySize) * off_t(Self.entrySize)
    if end != whole {
      ftruncate(index.number, whole)
      lseek(index.number, whole, SEEK_SET)
    }
  }

  /// Makes the index end where the log ends: a killed shim may have left an entry out, a power cut one too many.
  private func repairIndex(_ path: String) throws(SystemError) {
    trimIndex()
    var last: UInt64 = 0
    while true {
      let position = lseek(index.number, -off_t(Self.entrySize), SEEK_END)
      guard position >= 0 else { break }
      var entry: (UInt64, UInt64) = (0, 0)
      let count = pread(index.number, &entry, Self.entrySize, position)
      guard count == Self.entrySize else { throw SystemError("read", path) }
      last = UInt64(littleEndian: entry.0)
      time = UInt64(littleEndian: entry.1)
      if last <= size { break }
      guard ftruncate(index.number, position) == 0 else { throw SystemError("shorten", path) }
      last = 0
    }
    lseek(index.number, 0, SEEK_END)
    if last < size { appendIndexEntry() }
  }
}

import CHost
import Glibc
import HostKit
import WorkerContract

/// The output pipes that a nursery holds open: a pipe keeps its bytes only while somebody has it open, and daemon and
/// shim may be killed together.
///
/// A pipe is held from before its shim is forked until its attempt is over: the end record stands, or the path no longer
/// leads to the pipe (attempt deleted or moved away). Where a shim has gone before that, another one, of any nursery,
/// will take the attempt up; then the attempt's folder is watched.
struct HeldOutputs {
  private struct Output {
    let descriptor: Int32
    var watch: Int32?
  }

  private static let folderEvents = UInt32(
    IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)
  /// Descriptors that are left to the nursery's other work: launching matters more than holding.
  private static let reserve = 16

  /// Readable when something has happened in a watched folder. -1 on a system that has no more watches to give.
  let changes = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
  private let most = sysconf(Int32(_SC_OPEN_MAX)) - reserve
  private var outputs: [AttemptFolder: Output] = [:]

  var isEmpty: Bool { outputs.isEmpty }

  /// Holds the attempt's pipe if that is possible; without, an attempt runs all the same.
  mutating func hold(_ folder: AttemptFolder) {
    guard outputs.count < most else { return }
    let descriptor = htr_open(folder.output, O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0)
    guard descriptor >= 0 else { return }
    // Held already when an earlier shim was killed; but a path that is used again may lead to a new pipe.
    letGo(folder)
    outputs[folder] = Output(descriptor: descriptor)
  }

  /// Lets go of the pipe if the attempt is over, else when it will be. What cannot be watched is let go of: nobody
  /// would ever tell when.
  mutating func shimEnded(_ folder: AttemptFolder) {
    guard outputs[folder] != nil else { return }
    // Looked at again under the watch, so that no end falls between.
    guard !isOver(folder), watch(folder), !isOver(folder) else { return letGo(folder) }
  }

  /// Takes note of `changes`.
  mutating func letGoOfEnded() {
    var events = [UInt8](repeating: 0, count: 1 << 14)
    // Whose they are does not matter, lost ones included: few attempts are watched, and all are looked at.
    while read(changes, &events, events.count) > 0 {}
    for (folder, output) in outputs where output.watch != nil && isOver(folder) { letGo(folder) }
  }

  /// Closes what a forked shim has inherited: it holds its own pipe only.
  func closeInherited() {
    for output in outputs.values { close(output.descriptor) }
    close(changes)
  }

  private mutating func watch(_ folder: AttemptFolder) -> Bool {
    let watch = inotify_add_watch(changes, folder.path, Self.folderEvents)
    guard watch >= 0 else { return false }
    outputs[folder]?.watch = watch
    return true
  }

  private mutating func letGo(_ folder: AttemptFolder) {
    guard let output = outputs.removeValue(forKey: folder) else { return }
    close(output.descriptor)
    if let watch = output.watch { inotify_rm_watch(changes, watch) }
  }

  private func isOver(_ folder: AttemptFolder) -> Bool {
    guard let output = outputs[folder], !Files.exists(folder.end) else { return true }
    var held = stat()
    var there = stat()
    return fstat(output.descriptor, &held) != 0 || lstat(folder.output, &there) != 0
      || held.st_ino != there.st_ino || held.st_dev != there.st_dev
  }
}

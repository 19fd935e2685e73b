import Dispatch
import Glibc
import HostKit
import Synchronization

/// Wakes those who wait for a file or a folder to change: one inotify descriptor for all of them.
final class FileWatch: Sendable {
  private struct State {
    var wakes: [Int32: [ObjectIdentifier: Wake]] = [:]
  }

  private static let fileEvents = UInt32(IN_MODIFY | IN_ATTRIB)
  private static let folderEvents = UInt32(IN_CREATE | IN_MOVED_TO | IN_ONLYDIR)

  private let descriptor: Int32
  private let readiness: Mutex<Readiness?> = Mutex(nil)
  private let state = Mutex(State())

  init() throws(SystemError) {
    descriptor = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
    guard descriptor >= 0 else { throw SystemError("watch", "files (inotify)") }
    let number = descriptor
    let readiness = Readiness(
      of: number, queue: DispatchQueue(label: "htr.files"),
      onReadable: { [weak self] in self?.readEvents() }, onRelease: { close(number) })
    self.readiness.withLock { $0 = readiness }
  }

  /// From now on each change of the file, or each new name in the folder, signals `wake`, until `stop`. Returns the
  /// number to stop it by.
  func start(_ path: String, isFolder: Bool, _ wake: Wake) throws(SystemError) -> Int32 {
    try state.withLock { state throws(SystemError) in
      let events = isFolder ? Self.folderEvents : Self.fileEvents
      let watch = inotify_add_watch(descriptor, path, events)
      guard watch >= 0 else { throw SystemError("watch", path) }
      state.wakes[watch, default: [:]][ObjectIdentifier(wake)] = wake
      return watch
    }
  }

  func stop(_ watch: Int32, _ wake: Wake) {
    state.withLock { state in
      state.wakes[watch]?[ObjectIdentifier(wake)] = nil
      guard let left = state.wakes[watch], left.isEmpty else { return }
      state.wakes[watch] = nil
      inotify_rm_watch(descriptor, watch)
    }
  }

  private func readEvents() {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      guard count > 0 else { return }
      for wake in wakes(of: changedWatches(in: buffer[..<count])) { wake.signal() }
    }
  }

  /// The numbers of the watches in the kernel's records; -1 says that some were lost.
  private func changedWatches(in bytes: ArraySlice<UInt8>) -> Set<Int32> {
    var changed: Set<Int32> = []
    bytes.withUnsafeBytes { bytes in
      var offset = 0
      while offset + MemoryLayout<inotify_event>.size <= bytes.count {
        let event = bytes.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
        changed.insert(event.wd)
        offset += MemoryLayout<inotify_event>.size + Int(event.len)
      }
    }
    return changed
  }

  private func wakes(of watches: Set<Int32>) -> [Wake] {
    state.withLock { state in
      let all = watches.contains(-1)
      return (all ? Set(state.wakes.keys) : watches).flatMap { state.wakes[$0]?.values.map { $0 } ?? [] }
    }
  }
}

/// A doorbell for one waiter: a ring while nobody waits is kept, several count as one.
final class Wake: Sendable {
  private struct State {
    var isPending = false
    var isEnded = false
    var waiter: CheckedContinuation<Void, Never>?
  }

  private let state = Mutex(State())

  /// True once `end` was called.
  var isEnded: Bool { state.withLock { $0.isEnded } }

  func signal() {
    let waiter = state.withLock { state in
      let waiter = state.waiter
      state.waiter = nil
      if waiter == nil { state.isPending = true }
      return waiter
    }
    waiter?.resume()
  }

  func end() {
    state.withLock { $0.isEnded = true }
    signal()
  }

  /// Returns at the next ring, or when the task is cancelled.
  func wait() async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isPending = state.withLock { state in
          defer { state.isPending = false }
          if !state.isPending, !Task.isCancelled {
            state.waiter = continuation
            return false
          }
          return true
        }
        if isPending { continuation.resume() }
      }
    } onCancel: {
      signal()
    }
  }
}

import Dispatch
import Synchronization

/// Calls back whenever a descriptor has something to read, until cancelled.
final class Readiness: Sendable {
  private let source: Mutex<any DispatchSourceRead>

  /// `onRelease` is called once, after the last `onReadable`: only then may the descriptor be closed.
  init(
    of descriptor: Int32, queue: DispatchQueue, onReadable: @escaping @Sendable () -> Void,
    onRelease: @escaping @Sendable () -> Void
  ) {
    let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
    source.setEventHandler(handler: onReadable)
    source.setCancelHandler(handler: onRelease)
    source.activate()
    self.source = Mutex(source)
  }

  deinit { cancel() }

  func cancel() { source.withLock { $0.cancel() } }
}

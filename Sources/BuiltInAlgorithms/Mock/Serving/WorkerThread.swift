import Glibc

/// A thread of the system's, for calls that block.
struct WorkerThread {
  private let thread: pthread_t
  /// Small, so that hundreds of them fit under a limit of the address space.
  private static let stackBytes = 512 << 10

  private final class Work {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  /// Starts it; nil when the system has no room for another thread. One that is not joined must be let go.
  init?(_ body: @escaping @Sendable () -> Void) {
    let attributes = UnsafeMutablePointer<pthread_attr_t>.allocate(capacity: 1)
    pthread_attr_init(attributes)
    defer {
      pthread_attr_destroy(attributes)
      attributes.deallocate()
    }
    pthread_attr_setstacksize(attributes, Self.stackBytes)
    let work = Unmanaged.passRetained(Work(body))
    var thread = pthread_t()
    let code = pthread_create(
      &thread, attributes,
      { work in
        if let work { Unmanaged<Work>.fromOpaque(work).takeRetainedValue().body() }
        return nil
      }, work.toOpaque())
    guard code == 0 else {
      work.release()
      return nil
    }
    self.thread = thread
  }

  func join() { pthread_join(thread, nil) }

  /// Its end interests nobody.
  func letGo() { pthread_detach(thread) }
}

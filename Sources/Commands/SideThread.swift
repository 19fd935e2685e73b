import Glibc
import Synchronization

/// One thread with one result: for a second conversation with the daemon beside the main one.
final class SideThread<Value: Sendable>: Sendable {
  private final class Body: Sendable {
    let work: @Sendable () throws -> Value
    let result = Mutex<Result<Value, any Error>?>(nil)
    init(_ work: @escaping @Sendable () throws -> Value) { self.work = work }
    func run() {
      let outcome = Result { try work() }
      result.withLock { $0 = outcome }
    }
  }

  private let body: Body
  private let thread: pthread_t

  init(_ work: @escaping @Sendable () throws -> Value) throws {
    let body = Body(work)
    let run: @Sendable () -> Void = { body.run() }
    let context = Unmanaged.passRetained(Box(run)).toOpaque()
    var thread = pthread_t()
    let code = pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        Unmanaged<Box>.fromOpaque(context).takeRetainedValue().run()
        return nil
      }, context)
    guard code == 0 else {
      Unmanaged<Box>.fromOpaque(context).release()
      throw Failure("thread", "cannot be started: \(String(cString: strerror(code)))", status: .troubled)
    }
    self.body = body
    self.thread = thread
  }

  /// Waits until the work is done; call it once.
  func join() throws -> Value {
    pthread_join(thread, nil)
    guard let result = body.result.withLock({ $0 }) else {
      throw Failure("thread", "ended without a result", status: .troubled)
    }
    return try result.get()
  }
}

/// What is handed through the C interface of a thread.
private final class Box {
  let run: @Sendable () -> Void
  init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

import Glibc
import Synchronization

/// Ctrl-C as a wish: the run ends in good order, with what it has begun finished and put away.
enum Interruption {
  private static let flag = Atomic(false)

  /// True from the first Ctrl-C (or SIGTERM) on.
  static var isAsked: Bool { flag.load(ordering: .relaxed) }

  /// While `body` runs, the first signal is a wish; a second one ends the program at once.
  static func heeded<Answer>(_ body: () throws -> Answer) throws -> Answer {
    flag.store(false, ordering: .relaxed)
    let earlier = [SIGINT, SIGTERM].map { number in
      (
        number,
        signal(number) { number in
          // Only what is safe inside a signal handler.
          Interruption.flag.store(true, ordering: .relaxed)
          signal(number, SIG_DFL)
        }
      )
    }
    defer { for (number, handler) in earlier { signal(number, handler) } }
    return try body()
  }
}

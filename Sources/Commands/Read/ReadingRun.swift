import Documents
import Glibc
import HostKit
import ImageKit
import Pages
import Synchronization

/// What became of one page.
struct PageOutcome: Sendable {
  let task: PageTask
  let result: Result<Reading, PageFailure>
  let seconds: Double

  struct Reading: Sendable {
    let image: DocumentPage
    let page: ReadPage
  }
}

/// Where outcomes go.
protocol PageSink: Sendable {
  /// True when the page's output is there already.
  func has(_ task: PageTask) throws -> Bool
  /// What can be done side by side and in any order.
  func prepare(_ task: PageTask, _ reading: PageOutcome.Reading) throws
  /// In the order of the input, one after the other.
  func write(_ task: PageTask, _ reading: PageOutcome.Reading) throws
}

/// Reads the pages of a queue, several at a time, and hands the outcomes over in the order of the input.
final class ReadingRun: Sendable {
  struct Tally: Equatable {
    var read = 0
    /// Had been read before.
    var skipped = 0
    var failed = 0
  }

  private struct State {
    /// nil: skipped.
    var waiting: [Int: PageOutcome?] = [:]
    var next = 0
    var tally = Tally()
    var fatal: (any Error)?
  }

  private let queue: PageQueue
  private let source: any ReadingSource
  private let sink: any PageSink
  private let progress: ReadingProgress
  private let state = Mutex(State())
  private let window: Window

  /// - Parameter jobs: pages in hand at a time.
  init(
    _ queue: PageQueue, source: any ReadingSource, sink: any PageSink, jobs: Int, progress: ReadingProgress
  ) {
    self.queue = queue
    self.source = source
    self.sink = sink
    self.progress = progress
    window = Window(4 * jobs)
  }

  /// Reads until the input or the user's patience ends.
  /// - Throws: what ends the whole run; a page that cannot be read does not.
  func run(jobs: Int) throws -> Tally {
    let terminal = Terminal.current
    let threads = try (0..<jobs).map { _ in
      try SideThread { Terminal.$current.withValue(terminal) { self.work() } }
    }
    for thread in threads { try thread.join() }
    progress.clear()
    return try state.withLock { state in
      if let fatal = state.fatal { throw fatal }
      return state.tally
    }
  }

  private func work() {
    while true {
      // A page far behind must not let the others pile up their outcomes in memory.
      window.enter()
      guard !Interruption.isAsked, state.withLock({ $0.fatal == nil }), let task = queue.next() else {
        window.leave()
        return
      }
      do {
        deliver(try sink.has(task) ? nil : try outcome(of: task), of: task)
      } catch {
        state.withLock { $0.fatal = $0.fatal ?? error }
        window.leave()
        return
      }
    }
  }

  /// - Throws: what ends the run.
  private func outcome(of task: PageTask) throws -> PageOutcome {
    let start = ContinuousClock.now
    func outcome(_ result: Result<PageOutcome.Reading, PageFailure>) -> PageOutcome {
      PageOutcome(task: task, result: result, seconds: (ContinuousClock.now - start) / .seconds(1))
    }
    let image: DocumentPage
    do {
      image = try task.document.get().page(task.index)
    } catch {
      return outcome(.failure(PageFailure("\(error)")))
    }
    do {
      let reading = PageOutcome.Reading(image: image, page: try source.read(image))
      try sink.prepare(task, reading)
      return outcome(.success(reading))
    } catch let error as PageFailure { return outcome(.failure(error)) }
  }

  /// Whoever brings the outcome that is due writes it, and those behind it that wait.
  private func deliver(_ outcome: PageOutcome?, of task: PageTask) {
    state.withLock { state in
      state.waiting[task.order] = .some(outcome)
      while let outcome = state.waiting.removeValue(forKey: state.next) {
        state.next += 1
        window.leave()
        // After what ends the run nothing more is written.
        guard state.fatal == nil else { continue }
        do {
          try put(outcome, &state.tally)
        } catch {
          state.fatal = error
        }
      }
    }
  }

  private func put(_ outcome: PageOutcome?, _ tally: inout Tally) throws {
    guard let outcome else {
      tally.skipped += 1
      progress.pageDone("", words: nil, seconds: 0, expected: queue.expected)
      return
    }
    do {
      let reading = try outcome.result.get()
      try sink.write(outcome.task, reading)
      tally.read += 1
      progress.pageDone(
        outcome.task.name, words: reading.page.words.count, seconds: outcome.seconds, expected: queue.expected)
    } catch let failure as PageFailure {
      tally.failed += 1
      progress.pageFailed(outcome.task.name, failure.description)
    }
  }
}

/// Room for so many at a time.
///
/// Proof of `@unchecked Sendable`: a POSIX semaphore is made to be used by several threads.
private final class Window: @unchecked Sendable {
  private let semaphore: UnsafeMutablePointer<sem_t>

  init(_ count: Int) {
    semaphore = .allocate(capacity: 1)
    sem_init(semaphore, 0, UInt32(count))
  }

  deinit {
    sem_destroy(semaphore)
    semaphore.deallocate()
  }

  func enter() { while sem_wait(semaphore) != 0, errno == EINTR {} }
  func leave() { sem_post(semaphore) }
}

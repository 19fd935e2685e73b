import Synchronization

/// How far the reading is: one line that is overwritten on a screen, a line for each page elsewhere.
final class ReadingProgress: Sendable {
  private struct State {
    var done = 0
    var lastShown: ContinuousClock.Instant?
  }

  private let terminal: Terminal
  private let start = ContinuousClock.now
  private let state = Mutex(State())
  private static let interval: Duration = .milliseconds(100)

  init(_ terminal: Terminal) { self.terminal = terminal }

  /// - Parameters:
  ///   - words: that were read; nil for a page that had been read before.
  ///   - expected: pages in all.
  func pageDone(_ name: String, words: Int?, seconds: Double, expected: Int) {
    let now = ContinuousClock.now
    let (done, isDue) = state.withLock { state in
      state.done += 1
      let isDue = state.lastShown.map { now - $0 >= Self.interval } ?? true
      if isDue { state.lastShown = now }
      return (state.done, isDue)
    }
    guard terminal.notesOnScreen else {
      if let words {
        terminal.note("\(name): \(words) word\(words == 1 ? "" : "s") in \(AmountText.duration(seconds: seconds))")
      }
      return
    }
    if isDue { terminal.write(.notes, "\r\u{1B}[K" + Self.line(done, of: expected, after: now - start)) }
  }

  func pageFailed(_ name: String, _ reason: String) {
    state.withLock { $0.done += 1 }
    clear()
    terminal.note("htrctl: \(Table.plain(name)): \(Table.plain(reason))")
  }

  /// Takes the line off the screen.
  func clear() {
    if terminal.notesOnScreen { terminal.write(.notes, "\r\u{1B}[K") }
  }

  static func line(_ done: Int, of expected: Int, after time: Duration) -> String {
    let seconds = time / .seconds(1)
    guard seconds > 0, done > 0 else { return "\(done) of \(expected) pages" }
    let rate = Double(done) / seconds
    let left = AmountText.duration(seconds: Double(max(0, expected - done)) / rate)
    return "\(done) of \(expected) pages, \(AmountText.number((rate * 10).rounded() / 10)) pages/s, \(left) left"
  }
}

import HostKit
import Synchronization

/// `3 of 83 pages` on the screen: one line that is overwritten, at most ten times a second; nothing where notes go to a
/// file.
final class ProgressLine: Sendable {
  private let total: Int
  private let unit: String
  private let terminal = Terminal.current
  private let last = Mutex(Timestamp(milliseconds: 0))

  init(total: Int, unit: String) {
    self.total = total
    self.unit = unit
  }

  func show(_ done: Int) {
    guard terminal.notesOnScreen else { return }
    let now = Timestamp.now()
    let isDue = last.withLock { last in
      guard now.milliseconds - last.milliseconds >= 100 else { return false }
      last = now
      return true
    }
    if isDue { terminal.write(.notes, "\r\u{1B}[K\(done) of \(total) \(unit)") }
  }

  func clear() {
    if terminal.notesOnScreen { terminal.write(.notes, "\r\u{1B}[K") }
  }

  /// A note above the line.
  func note(_ text: String) {
    clear()
    terminal.note(Table.plain(text))
  }
}

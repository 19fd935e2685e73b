import Handwriting
import Pages
import Reports

/// An evaluation that grows page by page, and the pages that nobody read.
struct PageComparison {
  let leavesOutUnread: Bool
  private(set) var evaluation = Evaluation()
  /// As the manifest names the images.
  private(set) var unread: [String] = []

  init(leavesOutUnread: Bool) { self.leavesOutUnread = leavesOutUnread }

  /// - Parameter read: nil when the page was not read.
  mutating func add(_ truth: PageAnnotation, read: ReadPage?) {
    if read == nil { unread.append(truth.source) }
    if read == nil, leavesOutUnread { return }
    evaluation.add(truth: truth, read: read ?? ReadPage(width: 0, height: 0, words: []))
  }
}

import HostKit
import JSONKit

/// A part of a description for people: a title over lines.
struct DescribedSection: Equatable {
  let title: String
  let lines: [String]

  /// Prints those that have lines.
  static func show(_ sections: [DescribedSection], on terminal: Terminal = .current) {
    for section in sections where !section.lines.isEmpty {
      terminal.print(terminal.styled(section.title, .bold))
      for line in section.lines { terminal.print("  " + line) }
    }
  }

  /// Labels in one column, texts in the next; what has no text is left out.
  static func aligned(_ rows: [(String, String?)]) -> [String] {
    let filled = rows.compactMap { label, text in text.flatMap { $0.isEmpty ? nil : (label, $0) } }
    let width = filled.map(\.0.count).max() ?? 0
    return filled.map { label, text in
      label + String(repeating: " ", count: width - label.count + 2) + Table.plain(text)
    }
  }

  static func lines(of table: Table) -> [String] { table.rows.isEmpty ? [] : table.lines(width: nil) }

  static func lines(ofEvents events: [JSON]) -> [String] {
    events.map { event in
      let detail = event["Detail"].map { $0.string ?? $0.text } ?? ""
      return Table.plain("\(time(event["At"]) ?? "")  \(event["Kind"]?.string ?? "")  \(detail)")
    }
  }

  /// Epoch seconds as people write them.
  static func time(_ value: JSON?) -> String? {
    value?.number.map { CalendarText.local(Timestamp(seconds: $0)) }
  }
}

/// The words of a page as text that people read.
enum PlainText {
  /// The words of one line with a space between them; words that nobody has read are left out.
  static func line(_ words: ArraySlice<PageWord>) -> String {
    words.compactMap { $0.text.map(clean) }.filter { !$0.isEmpty }.joined(separator: " ")
  }

  /// A line of text for each line, an empty one between blocks. Ends in a line end unless there is no text.
  static func page(_ page: ReadPage) -> String {
    page.blocks.map { $0.map(line).filter { !$0.isEmpty } }.filter { !$0.isEmpty }
      .map { $0.map { $0 + "\n" }.joined() }.joined(separator: "\n")
  }

  /// Line ends and control characters inside a word would break the lines of the page.
  private static func clean(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 })
    )
    .trimmingSpaces()
  }
}

extension String {
  fileprivate func trimmingSpaces() -> String {
    guard let first = firstIndex(where: { $0 != " " }), let last = lastIndex(where: { $0 != " " })
    else { return "" }
    return String(self[first...last])
  }
}

/// The least number of insertions, deletions and replacements that turn one sequence into the other (Levenshtein).
public enum EditDistance {
  /// In characters as people count them.
  public static func characters(_ left: String, _ right: String) -> Int {
    between(Array(left), Array(right))
  }

  /// In words, which white space parts.
  public static func words(_ left: String, _ right: String) -> Int {
    between(left.split(whereSeparator: \.isWhitespace), right.split(whereSeparator: \.isWhitespace))
  }

  /// Takes memory for one row of the shorter side.
  public static func between<Element: Equatable>(_ left: [Element], _ right: [Element]) -> Int {
    let (outer, inner) = left.count >= right.count ? (left, right) : (right, left)
    guard !inner.isEmpty else { return outer.count }
    var row = Array(0...inner.count)
    for (i, element) in outer.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for j in 0..<inner.count {
        let replaced = diagonal + (element == inner[j] ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(replaced, diagonal + 1, row[j] + 1)
      }
    }
    return row[inner.count]
  }
}

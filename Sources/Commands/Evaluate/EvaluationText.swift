import Reports
import Segmentation

/// An evaluation in a few lines of a terminal.
enum EvaluationText {
  private static let pairs = 8

  static func show(_ evaluation: Evaluation, on terminal: Terminal = .current) {
    table(evaluation).show(on: terminal)
    lines(evaluation).forEach(terminal.print)
  }

  static func table(_ evaluation: Evaluation) -> Table {
    let numbers = [
      "PAGES", "WORDS", "HMEAN", "PRECISION", "RECALL", "END-TO-END", "WORDS READ", "PAGE CER", "WORD CER",
    ]
    var table = Table(
      columns: [.init(title: "SOURCE", mayShrink: true)] + numbers.map { .init(title: $0, isNumeric: true) })
    for row in evaluation.rows {
      table.rows.append(
        [row.collection ?? "all", "\(row.pages)", "\(row.words)"]
          + [
            row.hmean, row.precision, row.recall, row.endToEnd, row.wordAccuracy, row.pageCharacterErrors,
            row.wordCharacterErrors,
          ].map { fixed($0.value * 100, 1) })
    }
    return table
  }

  static func lines(_ evaluation: Evaluation) -> [String] {
    let all = evaluation.row(of: nil)
    let bounds = [
      ("hmean", all.hmean), ("end-to-end", all.endToEnd), ("words read", all.wordAccuracy),
      ("page CER", all.pageCharacterErrors), ("word CER", all.wordCharacterErrors),
    ].compactMap { name, rate in
      rate.interval.map { "\(name) \(fixed($0.lowerBound * 100, 1))...\(fixed($0.upperBound * 100, 1))" }
    }
    func count(_ kind: WordOutcome.Kind) -> Int { evaluation.outcomes.count { $0.kind == kind } }
    var lines = [
      "in percent" + (bounds.isEmpty ? "" : "; 95 % of such pages: \(bounds.joined(separator: ", "))"),
      "AP50 \(fixed(all.averagePrecision.at50 * 100, 1)), AP \(fixed(all.averagePrecision.mean * 100, 1)); "
        + "\(count(.wrong)) words read wrong, \(count(.missed)) not found, \(count(.extra)) found where there is none",
    ]
    let pairs = evaluation.confusions.ranked.prefix(pairs).map { pair, count in
      "\(pair.expected.map(String.init) ?? "nothing") as \(pair.read.map(String.init) ?? "nothing") \(count)"
    }
    if !pairs.isEmpty { lines.append("mistaken: " + pairs.joined(separator: ", ")) }
    return lines.map(Table.plain)
  }
}

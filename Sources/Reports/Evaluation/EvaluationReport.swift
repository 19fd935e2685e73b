import ImageKit
import Segmentation

/// An evaluation as one HTML page without outside references and without scripts.
public struct EvaluationReport: Sendable {
  public let evaluation: Evaluation
  public let title: String
  /// What the reader should know, such as pages that nobody read; may be empty.
  public let note: String
  /// How many words of each kind are shown at most.
  public let words: Int
  private static let pairs = 60

  public init(_ evaluation: Evaluation, title: String, note: String = "", words: Int) {
    self.evaluation = evaluation
    self.title = title
    self.note = note
    self.words = words
  }

  /// The words that are shown, and so want a picture.
  public var shown: [WordOutcome] {
    [WordOutcome.Kind.wrong, .missed, .extra].flatMap { evaluation.worst($0, limit: words) }
  }

  /// - Parameter crops: pictures of `shown`, in its order; nil where there is none.
  public func html(crops: [EmbeddedImage?]) -> String {
    let heading = Markup.escaped(title)
    let pictured = zip(shown, crops).map { Row(outcome: $0, crop: $1) }
    func part(_ kind: WordOutcome.Kind, _ name: String) -> String {
      section(name, kind, pictured.filter { $0.outcome.kind == kind })
    }
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      \(ReportPage.policy)
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(heading)</title>
      <style>
      \(ReportPage.colours)
      \(Self.style)
      </style>
      </head>
      <body>
      <main>
      <h1>\(heading)</h1>
      \(note.isEmpty ? "" : "<p class=\"note\">\(Markup.escaped(note))</p>")
      <h2 id="scores">Scores</h2>
      \(scores)
      <h2 id="confusions">Characters mistaken in the words that were found</h2>
      \(confusions)
      \(part(.wrong, "Words read wrong, the worst first"))
      \(part(.missed, "Words not found"))
      \(part(.extra, "Found where there is no word"))
      </main>
      </body>
      </html>

      """
  }

  private struct Row {
    let outcome: WordOutcome
    let crop: EmbeddedImage?
  }

  private var scores: String {
    let rows = evaluation.rows.map { row in
      let ofPages = [
        row.hmean, row.precision, row.recall, row.endToEnd, row.wordAccuracy, row.pageCharacterErrors,
      ].map(Self.cell)
      let rates = ofPages + [row.wordCharacterErrors, row.wordErrors].map(Self.cell)
      let precisions = [row.averagePrecision.at50, row.averagePrecision.mean].map { "<td>\(Markup.percent($0))</td>" }
      return "<tr><th scope=\"row\">\(Markup.escaped(row.collection ?? "all"))</th><td>\(row.pages)</td>"
        + "<td>\(row.words)</td>" + (rates[0...2] + precisions + rates[3...]).joined() + "</tr>"
    }
    let names = [
      "pages", "words", "hmean", "precision", "recall", "AP50", "AP", "end-to-end F", "words, any order", "page CER",
      "CER of found words", "found words read wrong",
    ]
    let heads = names.map { "<th scope=\"col\">\($0)</th>" }.joined()
    return """
      <div class="wide"><table><thead><tr><th scope="col">source</th>\(heads)</tr></thead>
      <tbody>\(rows.joined(separator: "\n"))</tbody></table></div>
      <p class="dim">Below each number: where it would lie on other pages, or words, of the same kind (95 %); a few
      pages alone cannot tell. A word counts as found when its polygon and the true one share half of their union; words that cannot be read are left out.</p>
      """
  }

  private static func cell(_ rate: Rate) -> String {
    let bounds = rate.interval.map {
      "<small>\(Markup.number($0.lowerBound * 100)) to \(Markup.number($0.upperBound * 100))</small>"
    }
    return "<td>\(Markup.percent(rate.value))\(bounds ?? "")</td>"
  }

  private var confusions: String {
    let confusions = evaluation.confusions
    let items = confusions.ranked.prefix(Self.pairs).map { pair, count in
      let share = pair.expected.map { character in
        ", \(Markup.percent(Double(count) / Double(max(1, confusions.expected[character] ?? 0)))) of all"
      }
      return
        "<li>\(Self.sign(pair.expected)) &#8594; \(Self.sign(pair.read))<small>\(count) times\(share ?? "")</small></li>"
    }
    return """
      <p>\(confusions.substitutions) replaced, \(confusions.deletions) left out, \(confusions.insertions) put in.</p>
      <ul class="pairs" aria-label="Written and read, the most frequent first">
      \(items.joined(separator: "\n"))
      </ul>
      """
  }

  private static func sign(_ character: Character?) -> String {
    character.map { "<code>\(Markup.escaped(String($0)))</code>" } ?? "<span class=\"dim\">nothing</span>"
  }

  private func section(_ name: String, _ kind: WordOutcome.Kind, _ rows: [Row]) -> String {
    let total = evaluation.outcomes.count { $0.kind == kind }
    let count = rows.count < total ? "\(rows.count) of \(total)" : "\(total)"
    return """
      <h2 id="\(kind.rawValue.lowercased())">\(name) (\(count))</h2>
      <ul class="words">
      \(rows.map(Self.item).joined(separator: "\n"))
      </ul>
      """
  }

  private static func item(_ row: Row) -> String {
    let outcome = row.outcome
    let name = Markup.escaped(outcome.truth ?? outcome.reading ?? "a place without a word")
    let picture = row.crop.map { "<img src=\"\($0.address)\" alt=\"\(name)\" loading=\"lazy\">" } ?? ""
    var parts: [String] = []
    if let truth = outcome.truth { parts.append("<b class=\"good\">\(Markup.escaped(truth))</b>") }
    if outcome.kind != .missed {
      let text = outcome.reading.map { $0.isEmpty ? "(nothing)" : Markup.escaped($0) } ?? "(not read)"
      parts.append("<b class=\"bad\">\(text)</b>")
    }
    var facts = outcome.kind == .wrong ? ["\(outcome.errors) of \(outcome.truth?.count ?? 0)"] : []
    if let confidence = outcome.confidence { facts.append("sure \(Markup.percent(confidence))") }
    let place = outcome.polygon.first.map { " at \(Markup.number($0.x, places: 0)), \(Markup.number($0.y, places: 0))" }
    facts.append(Markup.escaped(outcome.source) + (place ?? ""))
    return "<li>\(picture)<span>\(parts.joined(separator: " &#8594; "))<small>\(facts.joined(separator: "; "))</small>"
      + "</span></li>"
  }

  private static let style = """
    main{max-width:80em;margin:0 auto;padding:0 1em 2em}
    h1{font-size:1.4em}h2{font-size:1.1em;margin-top:1.6em}
    .wide{overflow-x:auto}
    table{border-collapse:collapse}
    th,td{border:1px solid var(--edge);padding:.25em .6em;text-align:right;white-space:nowrap}
    th{background:var(--panel);font-weight:600;white-space:normal}
    th[scope=row]{text-align:left}
    small{display:block;color:var(--dim);font-size:.8em}
    .dim{color:var(--dim)}.good{color:var(--good)}.bad{color:var(--bad)}
    .note{border-left:4px solid var(--mark);padding-left:.6em}
    ul{list-style:none;padding:0;display:grid;gap:.5em}
    .pairs{grid-template-columns:repeat(auto-fill,minmax(10em,1fr))}
    .words{grid-template-columns:repeat(auto-fill,minmax(17em,1fr))}
    li{border:1px solid var(--edge);border-radius:4px;padding:.4em;overflow-wrap:anywhere}
    code{font-size:1.2em;font-weight:600}
    .words img{display:block;max-width:100%;max-height:64px;background:#fff;margin-bottom:.3em}
    """
}

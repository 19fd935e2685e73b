import Handwriting
import ImageKit

extension RecognitionData {
  /// One look at the data, for people: what there is, what was left out and why.
  func look(charset: Charset) -> [String] {
    var lines: [String] = []
    for (name, set) in [("train", train), ("validation", validation), ("test", test)] where !set.samples.isEmpty {
      let widths = set.samples.map { Double($0.ink.width) / Double($0.ink.height) }.sorted()
      let lengths = set.samples.map(\.text.count).sorted()
      lines.append(
        "Data \(name): \(set.images) images, \(set.samples.count) words, \(lengths.reduce(0, +)) characters; width to "
          + "height \(quantiles(widths) { FixedPoint.text($0, digits: 1) }), length \(quantiles(lengths) { "\($0)" })")
      let sources = Dictionary(grouping: set.samples) { $0.collection ?? "without a source" }
      if sources.count > 1 {
        let parts = sources.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.count)" }
        lines.append("  sources: \(parts.joined(separator: ", "))")
      }
      for (reason, count) in set.skipped.sorted(by: { $0.key < $1.key }) {
        lines.append("  left out: \(count) \(reason)")
      }
      lines += set.faults.map { "  \($0)" }
    }
    lines.append("Characters (\(charset.characters.count)): \(String(charset.characters))")
    let known = Set(charset.characters)
    let unknown = test.samples.count { !$0.text.allSatisfy(known.contains) }
    if unknown > 0 { lines.append("Note: \(unknown) test words have characters that the training words lack") }
    if !texts.isEmpty { lines.append("Texts: \(texts.count) words") }
    return lines
  }

  /// Least, median and most.
  private func quantiles<Value>(_ sorted: [Value], _ text: (Value) -> String) -> String {
    "\(text(sorted[0])) to \(text(sorted[sorted.count - 1])), median \(text(sorted[sorted.count / 2]))"
  }
}

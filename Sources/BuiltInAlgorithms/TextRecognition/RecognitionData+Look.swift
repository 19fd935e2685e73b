import Handwriting
import ImageKit

extension RecognitionData {
  /// One look at the data, for people: what there is, what was left out and why.
  ///
  /// - Parameter charset: nil when there is not one word to learn.
  func look(charset: Charset?) -> [String] {
    var lines: [String] = []
    for (name, set) in [("train", train), ("validation", validation), ("test", test)] {
      lines += Self.look(at: set, name)
      for (reason, count) in set.skipped.sorted(by: { $0.key < $1.key }) {
        lines.append("  left out: \(count) \(reason)")
      }
      lines += set.faults.map { "  \($0)" }
    }
    if let charset { lines += look(at: charset) }
    if !texts.isEmpty { lines.append("Texts: \(texts.count) words") }
    return lines
  }

  private static func look(at set: WordSet, _ name: String) -> [String] {
    if set.samples.isEmpty { return set.skipped.isEmpty ? [] : ["Data \(name): \(set.images) images, no words"] }
    let widths = set.samples.map { Double($0.ink.width) / Double($0.ink.height) }.sorted()
    let lengths = set.samples.map(\.text.count).sorted()
    var lines = [
      "Data \(name): \(set.images) images, \(set.samples.count) words, \(lengths.reduce(0, +)) characters; width to "
        + "height \(quantiles(widths) { FixedPoint.text($0, digits: 1) }), length \(quantiles(lengths) { "\($0)" })"
    ]
    let sources = Dictionary(grouping: set.samples) { $0.collection ?? "without a source" }
    if sources.count > 1 {
      let parts = sources.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.count)" }
      lines.append("  sources: \(parts.joined(separator: ", "))")
    }
    return lines
  }

  private func look(at charset: Charset) -> [String] {
    var lines = ["Characters (\(charset.characters.count)): \(String(charset.characters))"]
    let known = Set(charset.characters)
    let unknown = test.samples.count { !$0.text.allSatisfy(known.contains) }
    if unknown > 0 { lines.append("Note: \(unknown) test words have characters that the training words lack") }
    return lines
  }

  /// Least, median and most.
  private static func quantiles<Value>(_ sorted: [Value], _ text: (Value) -> String) -> String {
    "\(text(sorted[0])) to \(text(sorted[sorted.count - 1])), median \(text(sorted[sorted.count / 2]))"
  }
}

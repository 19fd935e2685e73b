import Handwriting
import JSONKit

extension ManifestReport {
  /// The report for people.
  var lines: [String] {
    var lines = [
      "images       \(images)" + (pages == images ? "" : " on \(pages) lines")
        + (unseenImages > 0 ? ", \(unseenImages) of them in buckets and not looked at" : ""),
      "words        \(words), \(words - leftOutCount) of them to learn from",
    ]
    if leftOutCount > 0 {
      let tokens = Self.byCount(leftOut).map { "\($0.key.isEmpty ? "(empty)" : $0.key) \($0.count)" }
      lines.append("left out     \(tokens.joined(separator: ", "))")
    }
    if collections.count > 1 || collections.keys.first?.isEmpty == false {
      let names = Self.byCount(collections).map { "\($0.key.isEmpty ? "(none)" : $0.key) \($0.count)" }
      lines.append("sources      \(names.joined(separator: ", "))")
    }
    let signs = Self.byCount(Dictionary(uniqueKeysWithValues: characters.map { (String($0), $1) }))
    lines.append("characters   \(signs.count): \(signs.map { "\($0.key) \($0.count)" }.joined(separator: "  "))")
    for (name, spread) in spreads {
      guard let marks = spread.marks else { continue }
      let numbers = [marks.least, marks.tenth, marks.median, marks.ninth, marks.greatest].map { "\(Int($0.rounded()))" }
      lines.append(
        "\(name)  \(numbers[0]) ... \(numbers[4]) pixels; a tenth below \(numbers[1]), half below \(numbers[2]), "
          + "nine tenths below \(numbers[3])")
    }
    lines.append("faults       \(faultCount)")
    lines += faults.map { Table.plain($0.description) }
    if faultCount > faults.count { lines.append("... and \(faultCount - faults.count) more") }
    return lines
  }

  /// The report for programs.
  var json: JSON {
    let signs = Dictionary(uniqueKeysWithValues: characters.map { (String($0), $1) })
    return [
      "Images": .integer(Int64(images)), "Lines": .integer(Int64(pages)),
      "ImagesInBuckets": .integer(Int64(unseenImages)), "Words": .integer(Int64(words)),
      "ReadableWords": .integer(Int64(words - leftOutCount)), "LeftOut": Self.counts(leftOut),
      "Sources": Self.counts(collections), "Characters": Self.counts(signs),
      "ImageWidths": Self.marks(imageWidths), "ImageHeights": Self.marks(imageHeights),
      "WordWidths": Self.marks(wordWidths), "WordHeights": Self.marks(wordHeights),
      "FaultCount": .integer(Int64(faultCount)),
      "Faults": .array(
        faults.map {
          ["File": .string($0.file), "Line": .integer(Int64($0.line)), "Reason": .string($0.reason)]
        }),
    ]
  }

  private var leftOutCount: Int { leftOut.values.reduce(0, +) }

  private var spreads: [(name: String, spread: Spread)] {
    [
      ("image width", imageWidths), ("image height", imageHeights), ("word width ", wordWidths),
      ("word height ", wordHeights),
    ]
  }

  /// The most frequent first.
  private static func byCount(_ counts: [String: Int]) -> [(key: String, count: Int)] {
    counts.map { (key: $0, count: $1) }.sorted { ($1.count, $0.key) < ($0.count, $1.key) }
  }

  private static func counts(_ counts: [String: Int]) -> JSON {
    .object(JSON.Object(byCount(counts).map { ($0.key, .integer(Int64($0.count))) }))
  }

  private static func marks(_ spread: Spread) -> JSON {
    guard let marks = spread.marks else { return .null }
    return [
      "Least": .number(marks.least), "Tenth": .number(marks.tenth), "Median": .number(marks.median),
      "NineTenths": .number(marks.ninth), "Greatest": .number(marks.greatest),
    ]
  }
}

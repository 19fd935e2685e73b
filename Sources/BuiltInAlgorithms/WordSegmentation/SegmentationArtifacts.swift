import Glibc
import Handwriting
import HostKit
import JSONKit
import Segmentation
import TensorKit

/// The files beside a model that tell how good it is and where it comes from.
struct SegmentationArtifacts {
  /// On the test pages; nil without any.
  var scores: DetectionScores?
  var curve: [SegmentationCurvePoint]
  var provenance: JSON
  var seed: UInt64

  func write(_ model: SegmentationModel, to folder: String) throws {
    try model.write(to: folder)
    try Files.write(metrics.bytes, to: "\(folder)/metrics.json", durable: false)
    try Files.write(provenance.bytes, to: "\(folder)/provenance.json", durable: false)
    try Files.write(card(model), to: "\(folder)/README.md", durable: false)
  }

  private var metrics: JSON {
    .members([
      "test": scores.map { scores in
        .members([
          "overall": json(scores, of: nil),
          "sources": .object(.init(scores.collections.keys.sorted().map { ($0, json(scores, of: $0)) })),
        ])
      },
      "curve": .array(curve.map(\.json)),
    ])
  }

  private func json(_ scores: DetectionScores, of collection: String?) -> JSON {
    let rates = collection.flatMap { scores.collections[$0] } ?? scores.overall
    let average = scores.averagePrecision(of: collection)
    let bounds = scores.interval(of: collection, seed: seed)
    func interval(_ range: ClosedRange<Double>) -> JSON { [.number(range.lowerBound), .number(range.upperBound)] }
    return .members([
      "words": .integer(Int64(rates.truth)), "precision": .number(rates.precision), "recall": .number(rates.recall),
      "hmean": .number(rates.hmean), "hmean_95": bounds.map { interval($0.hmean) },
      "precision_95": bounds.map { interval($0.precision) }, "recall_95": bounds.map { interval($0.recall) },
      "ap50": .number(average.at50), "ap": .number(average.mean),
    ])
  }

  /// A short model card (Mitchell et al. 2019).
  private func card(_ model: SegmentationModel) -> String {
    var lines = [
      "# Word segmentation model", "",
      "Finds the words on the image of a handwritten page and returns a polygon and a score for each. Trained by htr's "
        + "built-in algorithm `word-segmentation`.", "",
      "- Network: feature pyramid, \(model.network.parameters.count) weights; pages are shrunk to "
        + "\(model.configuration.longerSide) pixels on their longer side", "",
      "It knows pages like those that it was trained on; others it cuts worse, without saying so. It does not tell "
        + "handwriting from print unless it was trained to.", "",
    ]
    if let scores {
      lines += [
        "## Test pages, IoU >= 0.5 (ICDAR 2015 protocol)", "",
        "| source | words | precision | recall | hmean | AP50 | AP |", "|---|---|---|---|---|---|---|",
        row("all", scores.overall, scores, nil),
      ]
      lines += scores.collections.sorted { $0.key < $1.key }.map { row($0, $1, scores, $0) }
      lines.append("")
    } else {
      lines.append("It was not tested: the job had no channel `test`.")
    }
    lines.append("`metrics.json` has intervals and the curve, `provenance.json` what went in.")
    return lines.joined(separator: "\n") + "\n"
  }

  private func row(_ name: String, _ rates: DetectionRates, _ scores: DetectionScores, _ collection: String?) -> String
  {
    let average = SegmentationReport.average(scores, of: collection)
    let numbers = [rates.precision, rates.recall, rates.hmean].map { FixedPoint.text($0) }
    return "| \(name) | \(rates.truth) | \(numbers.joined(separator: " | ")) | \(average.at50) | \(average.mean) |"
  }
}

import Glibc
import Handwriting
import HostKit
import JSONKit
import TensorKit

/// The files beside a model that tell how good it is and where it comes from.
struct RecognitionArtifacts {
  /// One way of reading the test words.
  struct Result {
    /// `best-path`, or with language model and lexicon.
    let decoding: String
    let scores: CollectionScores
  }

  var results: [Result]
  var curve: [CurvePoint]
  var provenance: JSON
  var seed: UInt64

  func write(_ model: RecognitionModel, to folder: String) throws {
    try model.write(to: folder)
    try Files.write(metrics.bytes, to: "\(folder)/metrics.json", durable: false)
    try Files.write(provenance.bytes, to: "\(folder)/provenance.json", durable: false)
    try Files.write(card(model), to: "\(folder)/README.md", durable: false)
  }

  private var metrics: JSON {
    [
      "test": .array(results.map { json($0) }),
      "curve": .array(curve.map(\.json)),
    ]
  }

  private func json(_ result: Result) -> JSON {
    let words = result.scores.words
    let cer = BootstrapInterval.characterErrorRate(of: words, seed: seed)
    let exact = BootstrapInterval.exactMatchRate(of: words, seed: seed)
    return .members([
      "decoding": .string(result.decoding), "overall": json(result.scores.overall),
      "cer_95": .array([.number(cer.lower), .number(cer.upper)]),
      "exact_95": .array([.number(exact.lower), .number(exact.upper)]),
      "sources": .object(.init(result.scores.collections.sorted { $0.key < $1.key }.map { ($0.key, json($0.value)) })),
    ])
  }

  private func json(_ rates: ErrorRates) -> JSON {
    [
      "words": .integer(Int64(rates.samples)), "cer": .number(rates.characterErrorRate),
      "wer": .number(rates.wordErrorRate), "exact": .number(rates.exactMatchRate),
    ]
  }

  /// A short model card (Mitchell et al. 2019).
  private func card(_ model: RecognitionModel) -> String {
    var lines = [
      "# Text recognition model", "",
      "Reads the image of one handwritten word, or of a short line, and returns its text. Trained by htr's built-in "
        + "algorithm `text-recognition`.", "",
      "- Network: CRNN with CTC, \(model.network.parameters.count) weights, pictures "
        + "\(model.configuration.architecture.height) pixels high and at most \(model.configuration.maximumWidth) wide",
      "- Characters: \(model.configuration.charset.characters.count)",
      "- Language model: \(model.languageModel.map { "character \($0.order)-gram" } ?? "none"); lexicon: "
        + "\(model.lexicon.map { "\($0.words.count) words" } ?? "none")", "",
      "It knows the hands, the language and the characters that it was trained on; others it reads worse, without "
        + "saying so. Letters that it has not seen it cannot read at all. Do not decide about people by what it reads "
        + "without looking at the page.", "",
    ]
    if results.isEmpty { lines.append("It was not tested: the job had no channel `test`.") }
    for result in results {
      lines += ["## Test words, \(result.decoding)", "", "| source | words | CER | exact |", "|---|---|---|---|"]
      let rows = [("all", result.scores.overall)] + result.scores.collections.sorted { $0.key < $1.key }
      for (name, rates) in rows {
        lines.append(
          "| \(name) | \(rates.samples) | \(percent(rates.characterErrorRate)) | \(percent(rates.exactMatchRate)) |")
      }
      lines.append("")
    }
    lines.append(
      "CER and exact matches count case and punctuation. `metrics.json` has intervals and the curve, "
        + "`provenance.json` what went in.")
    return lines.joined(separator: "\n") + "\n"
  }

  private func percent(_ value: Double) -> String { "\(FixedPoint.text(value * 100, digits: 1)) %" }
}

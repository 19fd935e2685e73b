import Handwriting
import JSONKit

/// The form of an answer with readings.
enum AnswerFormat: String, CaseIterable {
  /// Preferred where the sender does not mind.
  case json = "application/json"
  /// The texts alone, one a line.
  case text = "text/plain"

  /// - Parameter accept: the request's header; none accepts everything.
  init(accept: String?) throws(InvocationFault) {
    guard
      let best = MediaRange.ranges(of: accept).best(of: Self.allCases, { $0.covers($1.rawValue) })
    else {
      throw InvocationFault(
        .notAcceptable,
        "Answers cannot be given as '\((accept ?? "").prefix(100))': accept application/json or text/plain."
      )
    }
    self = best
  }

  var contentType: String { self == .text ? "text/plain; charset=utf-8" : rawValue }

  /// One reading per image of the request, in order; the same shape for one as for many.
  func body(_ readings: [WordReading], options: ReadingOptions) -> [UInt8] {
    switch self {
    case .json:
      return JSON.object(.init([("predictions", .array(readings.map { Self.json($0, options: options) }))])).bytes
    case .text:
      return readings.flatMap { reading in
        // A line end within a text would shift all that follow.
        reading.best.text.utf8.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 } + [0x0A]
      }
    }
  }

  private static func json(_ reading: WordReading, options: ReadingOptions) -> JSON {
    .members([
      "text": .string(reading.best.text),
      "confidence": confidence(reading.best),
      "characters": options.characters ? .array(reading.characters.map(candidate)) : nil,
      "alternatives": options.alternatives > 0 ? .array(reading.alternatives.map(candidate)) : nil,
    ])
  }

  private static func candidate(_ candidate: WordReading.Candidate) -> JSON {
    ["text": .string(candidate.text), "confidence": confidence(candidate)]
  }

  /// Six digits are more than any model knows.
  private static func confidence(_ candidate: WordReading.Candidate) -> JSON {
    .number((candidate.confidence * 1e6).rounded() / 1e6)
  }
}

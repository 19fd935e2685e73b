import ImageKit
public import JSONKit
import Segmentation

extension Evaluation {
  /// The whole evaluation for programs; shares are 0...1.
  /// - Parameter words: how many words of each kind are listed at most.
  public func json(words: Int) -> JSON {
    let kinds: [WordOutcome.Kind] = [.wrong, .missed, .extra]
    let lists = kinds.map { kind -> (key: String, value: JSON) in
      ("\(kind.rawValue)Words", .array(worst(kind, limit: words).map(\.json)))
    }
    let counts = kinds.map { kind -> (key: String, value: JSON) in
      ("\(kind.rawValue)WordCount", .integer(Int64(outcomes.count { $0.kind == kind })))
    }
    let rows = rows
    let totals: [(key: String, value: JSON)] = [
      ("Overall", rows[0].json), ("Sources", .array(rows.dropFirst().map(\.json))),
      ("Substitutions", .integer(Int64(confusions.substitutions))),
      ("Insertions", .integer(Int64(confusions.insertions))), ("Deletions", .integer(Int64(confusions.deletions))),
      (
        "Confusions",
        .array(
          confusions.ranked.prefix(words).map { pair, count in
            [
              "Expected": pair.expected.map { .string(String($0)) } ?? .null,
              "Read": pair.read.map { .string(String($0)) } ?? .null, "Count": .integer(Int64(count)),
            ]
          })
      ),
    ]
    return .object(JSON.Object(totals + counts + lists))
  }
}

extension EvaluationRow {
  var json: JSON {
    JSON.members([
      "Source": collection.map { .string($0) }, "Pages": .integer(Int64(pages)), "Words": .integer(Int64(words)),
      "Precision": precision.json, "Recall": recall.json, "Hmean": hmean.json,
      "AP50": .number(averagePrecision.at50), "AP": .number(averagePrecision.mean), "EndToEndHmean": endToEnd.json,
      "WordAccuracy": wordAccuracy.json, "PageCharacterErrorRate": pageCharacterErrors.json,
      "FoundWordCharacterErrorRate": wordCharacterErrors.json, "FoundWordErrorRate": wordErrors.json,
    ])
  }
}

extension Rate {
  fileprivate var json: JSON {
    .members([
      "Value": .number(value), "Lower": interval.map { .number($0.lowerBound) },
      "Upper": interval.map { .number($0.upperBound) },
    ])
  }
}

extension WordOutcome {
  fileprivate var json: JSON {
    JSON.members([
      "Image": .string(source), "Truth": truth.map { .string($0) }, "Reading": reading.map { .string($0) },
      "Errors": kind == .wrong ? .integer(Int64(errors)) : nil, "Confidence": confidence.map { .number($0) },
      "Polygon": .array(polygon.map { ["x": .number($0.x), "y": .number($0.y)] }),
    ])
  }
}

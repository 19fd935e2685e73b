import ImageKit
public import JSONKit

extension ReadPage {
  /// The version of the JSON form below. It changes when a member changes its meaning or goes; members may be added
  /// without.
  public static let jsonVersion = 1

  /// What workers answer: version 1 of the page's JSON (ops/docs/formats.md). Coordinates are rounded to hundredths of
  /// a pixel, scores to ten-thousandths; `text` and `confidence` are left out where nobody has read the word.
  public var json: JSON {
    [
      "version": .integer(Int64(Self.jsonVersion)), "width": .integer(Int64(width)),
      "height": .integer(Int64(height)),
      "rotation": .integer(Int64(rotation)), "words": .array(words.map(\.json)),
    ]
  }

  /// Reads version 1; members that are not known are passed over.
  /// - Throws: what is wrong, by the member's name; also for more than `limits` allow.
  public init(json: JSON, limits: PageLimits = PageLimits()) throws(PageFormatError) {
    guard json.object != nil else {
      throw PageFormatError(.malformed, "the page is not a JSON object")
    }
    guard let version = json["version"]?.integer else {
      throw PageFormatError(.malformed, "the page has no \"version\"; expected \(Self.jsonVersion)")
    }
    guard version == Self.jsonVersion else {
      throw PageFormatError(
        .unsupported,
        "the page is of version \(version); version \(Self.jsonVersion) is read: use a matching release"
      )
    }
    let width = try json.whole("width", in: 1...limits.side)
    let height = try json.whole("height", in: 1...limits.side)
    let rotation = json["rotation"] == nil ? 0 : try json.whole("rotation", in: 0...270)
    guard rotation % 90 == 0 else {
      throw PageFormatError(.malformed, "\"rotation\" is \(rotation); expected 0, 90, 180 or 270")
    }
    guard let items = json["words"]?.array else {
      throw PageFormatError(.malformed, "\"words\" is not a list")
    }
    guard items.count <= limits.words else {
      throw PageFormatError(
        .tooLarge, "\(items.count) words on one page; at most \(limits.words) are read")
    }
    var words: [PageWord] = []
    words.reserveCapacity(items.count)
    for (index, item) in items.enumerated() {
      do throws(PageFormatError) {
        words.append(try PageWord(json: item, limits: limits))
      } catch {
        throw PageFormatError(error.code, "words[\(index)]: \(error.message)")
      }
    }
    self.init(width: width, height: height, rotation: rotation, words: words)
  }

  /// The answer of the original notebook, for its clients: boxes `[x, y, width, height]` as shares of the page's width
  /// and height, and texts, one for each word in reading order. A word that nobody has read has an empty text.
  public var notebookJSON: JSON {
    let boxes = words.map { word -> JSON in
      let box = Box(around: word.shape).clipped(width: width, height: height)
      let (across, down) = (Double(max(width, 1)), Double(max(height, 1)))
      return .array(
        [box.left / across, box.top / down, box.width / across, box.height / down].map {
          .number($0.rounded(toPlaces: 6))
        })
    }
    return ["line_bbs": .array(boxes), "decoded": .array(words.map { .string($0.text ?? "") })]
  }
}

extension PageWord {
  var json: JSON {
    .members([
      "polygon": .array(shape.map { ["x": .pixels($0.x), "y": .pixels($0.y)] }),
      "score": .number(score.rounded(toPlaces: 4)), "line_idx": .integer(Int64(line)),
      "block_idx": .integer(Int64(block)), "text": text.map { .string($0) },
      "confidence": confidence.map { .number($0.rounded(toPlaces: 4)) },
    ])
  }

  init(json: JSON, limits: PageLimits) throws(PageFormatError) {
    guard json.object != nil else { throw PageFormatError(.malformed, "not a JSON object") }
    guard let score = try json.share("score") else {
      throw PageFormatError(.malformed, "no \"score\"")
    }
    let text = json["text"] ?? .null
    guard text.isNull || text.string != nil else {
      throw PageFormatError(.malformed, "\"text\" is not a string")
    }
    guard (text.string?.utf8.count ?? 0) <= limits.textBytes else {
      throw PageFormatError(.tooLarge, "\"text\" is longer than \(limits.textBytes) bytes")
    }
    self.init(
      polygon: try Self.polygon(of: json, limits: limits), score: score, text: text.string,
      confidence: try json.share("confidence"),
      line: try json.whole("line_idx", in: 0...limits.words),
      block: try json.whole("block_idx", in: 0...limits.words))
  }

  private static func polygon(of json: JSON, limits: PageLimits) throws(PageFormatError) -> [Point] {
    guard let corners = json["polygon"]?.array,
      (3...limits.pointsPerPolygon).contains(corners.count)
    else {
      throw PageFormatError(
        .malformed, "\"polygon\" is not a list of 3 to \(limits.pointsPerPolygon) points")
    }
    let furthest = Double(limits.side)
    var polygon: [Point] = []
    polygon.reserveCapacity(corners.count)
    for corner in corners {
      guard let x = corner["x"]?.number, let y = corner["y"]?.number, abs(x) <= furthest,
        abs(y) <= furthest
      else {
        throw PageFormatError(
          .malformed, "a point of \"polygon\" is not {\"x\": pixels, \"y\": pixels}")
      }
      polygon.append(Point(x: x, y: y))
    }
    return polygon
  }
}

extension JSON {
  /// Hundredths of a pixel are finer than any word is drawn; whole numbers stand without a fraction.
  static func pixels(_ value: Double) -> JSON {
    let rounded = value.rounded(toPlaces: 2)
    return Int64(exactly: rounded).map { .integer($0) } ?? .number(rounded)
  }

  fileprivate func whole(_ name: String, in range: ClosedRange<Int>) throws(PageFormatError) -> Int {
    guard let value = self[name]?.integer, range.contains(Int(value)) else {
      throw PageFormatError(
        .malformed,
        "\"\(name)\" is not a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return Int(value)
  }

  /// A number in 0...1, or nil where there is none.
  fileprivate func share(_ name: String) throws(PageFormatError) -> Double? {
    guard let value = self[name], !value.isNull else { return nil }
    guard let number = value.number, (0...1).contains(number) else {
      throw PageFormatError(.malformed, "\"\(name)\" is not a number from 0 to 1")
    }
    return number
  }
}

import ImageKit
import JSONKit

/// Reads the JSON of one manifest line. Throws the reason in plain words; the caller knows file and line.
struct ManifestLine {
  struct Refusal: Error { let reason: String }

  let limits: ManifestLimits

  func page(from bytes: [UInt8]) throws(Refusal) -> PageAnnotation {
    let json: JSON
    do throws(JSONSyntaxError) { json = try JSON(parsing: bytes) } catch {
      throw Refusal(reason: error.description)
    }
    guard let members = json.object else { throw Refusal(reason: "the line is not a JSON object") }
    guard let source = members["source-ref"]?.string, !source.isEmpty, source.utf8.count <= 4_096,
      !source.utf8.contains(0)
    else { throw Refusal(reason: "\"source-ref\" must be the path or address of an image") }
    guard let label = label(in: members), let texts = members[label]?["texts"]?.array else {
      throw Refusal(reason: "no member holds the words: expected {\"annotations\": {\"texts\": [...]}}")
    }
    guard texts.count <= limits.wordsPerPage else {
      throw Refusal(reason: "\(texts.count) words on one page; at most \(limits.wordsPerPage) are read")
    }
    var words: [WordAnnotation] = []
    words.reserveCapacity(texts.count)
    for (index, item) in texts.enumerated() {
      words.append(try word(from: item, name: "\(label).texts[\(index)]"))
    }
    return PageAnnotation(source: source, words: words, collection: members["\(label)-metadata"]?["source"]?.string)
  }

  /// The label attribute: `annotations` where it has `texts`, else the first member that has.
  private func label(in members: JSON.Object) -> String? {
    if members["annotations"]?["texts"]?.array != nil { return "annotations" }
    return members.members.first { $0.value["texts"]?.array != nil }?.key
  }

  private func word(from item: JSON, name: String) throws(Refusal) -> WordAnnotation {
    guard item.object != nil else { throw Refusal(reason: "\(name) is not an object") }
    guard let text = item["text"]?.string else { throw Refusal(reason: "\(name) has no \"text\"") }
    let trimmed = text.trimmingWhiteSpace()
    // Bytes first: one cluster may hold any number of combining marks.
    guard trimmed.utf8.count <= limits.textLength * 16, trimmed.count <= limits.textLength else {
      throw Refusal(reason: "\(name).text is longer than \(limits.textLength) characters")
    }
    guard let shape = item["polygon"] ?? item["bb"] else { throw Refusal(reason: "\(name) has no \"polygon\"") }
    let line = (item["line_idx"] ?? item["line_num"])?.integer
    return WordAnnotation(
      text: trimmed, polygon: try polygon(from: shape, name: name), line: line.flatMap { Int(exactly: $0) },
      kind: item["type"]?.string)
  }

  private func polygon(from shape: JSON, name: String) throws(Refusal) -> [Point] {
    let corners = shape.array ?? Self.numberedCorners(shape)
    guard let corners else {
      throw Refusal(reason: "\(name): the polygon must be a list of {\"x\":..., \"y\":...} or [x, y]")
    }
    guard (3...limits.pointsPerPolygon).contains(corners.count) else {
      let bounds = "3 to \(limits.pointsPerPolygon)"
      throw Refusal(reason: "\(name): the polygon has \(corners.count) points; expected \(bounds)")
    }
    var points: [Point] = []
    points.reserveCapacity(corners.count)
    for (index, corner) in corners.enumerated() {
      guard let x = corner["x"]?.number ?? corner.pair?.0, let y = corner["y"]?.number ?? corner.pair?.1,
        abs(x) <= limits.coordinate, abs(y) <= limits.coordinate
      else { throw Refusal(reason: "\(name): point \(index) of the polygon is not two numbers of pixels") }
      points.append(Point(x: x, y: y))
    }
    return points
  }

  /// GNHK's own form: `{"x0": 1, "y0": 2, "x1": ...}`, as a list of pairs.
  private static func numberedCorners(_ shape: JSON) -> [JSON]? {
    guard let members = shape.object, members["x0"] != nil else { return nil }
    // An object is searched member by member: a table keeps a hostile one from taking quadratic time.
    let table = Dictionary(members.members.map { ($0.key, $0.value) }) { _, last in last }
    var corners: [JSON] = []
    while let x = table["x\(corners.count)"] {
      corners.append(.array([x, table["y\(corners.count)"] ?? .null]))
    }
    return corners
  }
}

extension JSON {
  /// The two numbers of `[x, y]`.
  fileprivate var pair: (Double, Double)? {
    guard let array, array.count == 2, let x = array[0].number, let y = array[1].number else { return nil }
    return (x, y)
  }
}

extension String {
  /// Without white space at both ends; inside it stays, for a short line is a text too.
  func trimmingWhiteSpace() -> String {
    guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace })
    else { return "" }
    return String(self[first...last])
  }
}

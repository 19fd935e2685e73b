import Handwriting
import HostKit
import ImageKit
import JSONKit
import Pages
import Testing

@testable import Reports

/// Readings beside the truth.
struct EvaluationTests {
  static func square(_ column: Int) -> [Point] {
    let left = Double(column * 50)
    return [
      Point(x: left, y: 0), Point(x: left + 40, y: 0), Point(x: left + 40, y: 20), Point(x: left, y: 20),
    ]
  }

  static func truth(_ texts: [String], source: String = "a.jpg", collection: String? = "iam") -> PageAnnotation {
    PageAnnotation(
      source: source,
      words: texts.enumerated().map { WordAnnotation(text: $1, polygon: square($0), line: 0) }, collection: collection)
  }

  /// nil in place of a text: the word was not found.
  static func read(_ texts: [String?]) -> ReadPage {
    ReadPage(
      width: 400, height: 40,
      words: texts.enumerated().compactMap { column, text in
        text.map { PageWord(polygon: square(column), score: 0.9, text: $0, confidence: 0.8) }
      })
  }

  @Test func `every word is right, wrong, missed or false`() throws {
    var evaluation = Evaluation()
    evaluation.add(truth: Self.truth(["the", "cat", "%SC%", "sat"]), read: Self.read(["the", "cot", "xx", nil, "on"]))
    #expect(evaluation.outcomes.map(\.kind) == [.wrong, .missed, .extra])
    #expect(evaluation.outcomes.map(\.truth) == ["cat", "sat", nil])
    #expect(evaluation.outcomes.map(\.reading) == ["cot", nil, "on"])
    let row = evaluation.row(of: nil)
    #expect(row.words == 3 && abs(row.hmean.value - 2.0 / 3) < 1e-9 && abs(row.endToEnd.value - 1.0 / 3) < 1e-9)
    #expect(abs(row.wordAccuracy.value - 1.0 / 3) < 1e-9 && row.wordErrors.value == 0.5)
    #expect(abs(row.wordCharacterErrors.value - 1.0 / 6) < 1e-9)
  }

  @Test func `a perfect reading has no mistakes`() {
    var evaluation = Evaluation()
    evaluation.add(truth: Self.truth(["a", "b"]), read: Self.read(["a", "b"]))
    let row = evaluation.row(of: nil)
    #expect(evaluation.outcomes.isEmpty && row.hmean.value == 1 && row.endToEnd.value == 1)
    #expect(row.pageCharacterErrors.value == 0 && row.wordErrors.value == 0 && evaluation.rows.count == 1)
  }

  @Test func `a page of nothing and no page at all have rates of zero`() {
    var evaluation = Evaluation()
    #expect(evaluation.row(of: nil).hmean.value == 0 && evaluation.row(of: nil).wordErrors.interval == nil)
    evaluation.add(truth: Self.truth([]), read: Self.read([]))
    #expect(evaluation.row(of: nil).endToEnd.value == 0 && evaluation.pageCount == 1)
  }

  @Test func `sources have rows of their own`() {
    var evaluation = Evaluation()
    evaluation.add(truth: Self.truth(["a"], collection: "one"), read: Self.read(["a"]))
    evaluation.add(truth: Self.truth(["a"], collection: "two"), read: Self.read(["b"]))
    #expect(evaluation.rows.map(\.collection) == [nil, "one", "two"])
    #expect(evaluation.rows.map(\.endToEnd.value) == [0.5, 1, 0])
  }

  @Test func `the worst come first`() {
    var evaluation = Evaluation()
    evaluation.add(truth: Self.truth(["abc", "abcdef", "xy"]), read: Self.read(["abd", "zzz", "xy"]))
    #expect(evaluation.worst(.wrong, limit: 9).map(\.truth) == ["abcdef", "abc"])
    #expect(evaluation.worst(.wrong, limit: 1).map(\.errors) == [6])
  }

  @Test(
    arguments: [
      ("cat", "cot", ["a>o"]), ("cat", "ct", ["a>"]), ("ct", "cat", [">a"]), ("", "ab", [">a", ">b"]),
      ("ab", "", ["a>", "b>"]), ("rn", "m", ["n>m", "r>"]), ("same", "same", []),
    ] as [(String, String, [String])])
  func `mistakes follow the shortest way from one text to the other`(written: String, read: String, pairs: [String]) {
    var confusions = CharacterConfusions()
    confusions.add(reference: written, reading: read)
    let names = confusions.ranked.map { pair, _ in
      "\(pair.expected.map(String.init) ?? "")>\(pair.read.map(String.init) ?? "")"
    }
    #expect(Set(names) == Set(pairs))
    #expect(
      confusions.substitutions + confusions.insertions + confusions.deletions
        == EditDistance.characters(written, read))
  }

  @Test func `the most frequent mistakes come first`() {
    var confusions = CharacterConfusions()
    for read in ["cot", "cot", "cut"] { confusions.add(reference: "cat", reading: read) }
    #expect(confusions.ranked.map(\.count) == [2, 1] && confusions.ranked[0].pair.read == "o")
    #expect(confusions.expected["a"] == 3)
  }

  @Test func `the JSON has the scores and the words`() throws {
    var evaluation = Evaluation()
    evaluation.add(truth: Self.truth(["cat", "sat"]), read: Self.read(["cot", nil, "on"]))
    let json = try JSON(parsing: evaluation.json(words: 10).text)
    #expect(json["Overall"]?["Hmean"]?["Value"]?.number == 0.5 && json["WrongWordCount"]?.integer == 1)
    #expect(json["WrongWords"]?[0]?["Reading"]?.string == "cot" && json["MissedWords"]?[0]?["Truth"]?.string == "sat")
    #expect(json["FalseWords"]?[0]?["Reading"]?.string == "on")
    #expect(json["Confusions"]?[0] == ["Expected": "a", "Read": "o", "Count": 1])
  }

  @Test func `the HTML escapes every text and refers to nothing outside`() throws {
    let hostile = #"</b><img src=x onerror=alert(1)>"#
    var evaluation = Evaluation()
    evaluation.add(
      truth: Self.truth([hostile, "sat", "<i>"], source: hostile, collection: hostile),
      read: Self.read(["\"'&", nil, "<u>", hostile]))
    evaluation.add(truth: Self.truth(["x"], collection: "b"), read: Self.read(["x"]))
    let report = EvaluationReport(evaluation, title: hostile, note: hostile, words: 10)
    #expect(report.shown.map(\.kind) == [.wrong, .wrong, .missed, .extra])
    let crop = try EmbeddedImage(GreyImage(width: 20, height: 10))
    let html = report.html(crops: [crop, nil, crop, nil])
    #expect(!html.contains("<img src=x") && !html.contains("<script") && !html.contains("<u>") && !html.contains("<i>"))
    #expect(html.contains("&lt;/b&gt;&lt;img src=x") && html.split(separator: "<img src=\"data:image/jpeg").count == 3)
    #expect(!html.contains("http://") && !html.contains("https://"))
    try HTMLCheck.wellFormed(html)
  }
}

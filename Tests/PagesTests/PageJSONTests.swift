import ImageKit
import JSONKit
import Testing

@testable import Pages

@Suite struct PageJSONTests {
  @Test func `the JSON of version 1 keeps its members and their order`() {
    let word = PageWord(
      polygon: [Point(x: 1, y: 2), Point(x: 10.126, y: 2), Point(x: 10, y: 9.5)], score: 0.98765, text: "the",
      confidence: 0.97, line: 3, block: 1)
    let page = ReadPage(width: 640, height: 480, rotation: 90, words: [word])
    #expect(
      page.json.text
        == #"{"version":1,"width":640,"height":480,"rotation":90,"words":["#
        + #"{"polygon":[{"x":1,"y":2},{"x":10.13,"y":2},{"x":10,"y":9.5}],"score":0.9877,"line_idx":3,"block_idx":1,"#
        + #""text":"the","confidence":0.97}]}"#)
  }

  @Test func `words that nobody has read have neither text nor confidence`() {
    let page = ReadPage(width: 9, height: 9, words: [PageWord(polygon: WrittenPages.box(1, 1, 2, 2), score: 1)])
    #expect(page.json["words"]?[0]?.object?.keys == ["polygon", "score", "line_idx", "block_idx"])
  }

  @Test func `a page comes back from its JSON`() throws {
    for page in [WrittenPages.letter, WrittenPages.empty] {
      #expect(try ReadPage(json: JSON(parsing: page.json.text)) == page)
    }
  }

  @Test func `members that are not known are passed over`() throws {
    let json: JSON = ["version": 1, "width": 3, "height": 4, "words": [], "model": "m", "source": "a.jpg"]
    #expect(try ReadPage(json: json) == ReadPage(width: 3, height: 4, words: []))
  }

  @Test(arguments: [
    (#"[]"#, "not a JSON object"),
    (#"{"width":1,"height":1,"words":[]}"#, "no \"version\""),
    (#"{"version":2,"width":1,"height":1,"words":[]}"#, "version 2; version 1 is read"),
    (#"{"version":1,"width":0,"height":1,"words":[]}"#, "\"width\""),
    (#"{"version":1,"width":1,"height":1000001,"words":[]}"#, "\"height\""),
    (#"{"version":1,"width":1,"height":1,"rotation":45,"words":[]}"#, "\"rotation\" is 45"),
    (#"{"version":1,"width":1,"height":1}"#, "\"words\" is not a list"),
    (#"{"version":1,"width":1,"height":1,"words":[7]}"#, "words[0]: not a JSON object"),
    (#"{"version":1,"width":1,"height":1,"words":[{}]}"#, "words[0]: no \"score\""),
    (#"{"version":1,"width":1,"height":1,"words":[{"score":1.5}]}"#, "\"score\" is not a number from 0 to 1"),
    (#"{"version":1,"width":1,"height":1,"words":[{"score":1,"text":5}]}"#, "\"text\" is not a string"),
    (#"{"version":1,"width":1,"height":1,"words":[{"score":1,"polygon":[{"x":1,"y":1}]}]}"#, "3 to 1000 points"),
    (
      #"{"version":1,"width":1,"height":1,"words":[{"score":1,"polygon":[{"x":1},{"x":1},{"x":1}]}]}"#,
      "a point of \"polygon\""
    ),
    (
      #"{"version":1,"width":1,"height":1,"words":[{"score":1,"line_idx":-1,"block_idx":0,"polygon":"#
        + #"[{"x":1,"y":1},{"x":2,"y":1},{"x":1,"y":2}]}]}"#, "\"line_idx\""
    ),
  ])
  func `what is wrong with a page is told by the member's name`(_ text: String, _ reason: String) throws {
    let json = try JSON(parsing: text)
    let error = try #require(throws: PageFormatError.self) { try ReadPage(json: json) }
    #expect(error.description.contains(reason))
  }

  @Test func `a page of more words than the limit is refused`() throws {
    var limits = PageLimits()
    limits.words = 4
    let error = #expect(throws: PageFormatError.self) {
      try ReadPage(json: WrittenPages.letter.json, limits: limits)
    }
    #expect(error?.code == .tooLarge)
  }

  @Test func `the notebook's form has boxes as shares of the page and a text for each`() throws {
    let page = ReadPage(
      width: 200, height: 100,
      words: [
        PageWord(polygon: WrittenPages.box(20, 10, 50, 25), score: 1, text: "so"),
        PageWord(polygon: WrittenPages.box(190, 90, 50, 25), score: 1),
      ])
    #expect(
      page.notebookJSON.text == #"{"line_bbs":[[0.1,0.1,0.25,0.25],[0.95,0.9,0.05,0.1]],"decoded":["so",""]}"#)
  }
}

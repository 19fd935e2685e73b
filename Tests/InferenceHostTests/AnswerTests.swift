import Handwriting
import JSONKit
import Testing

@testable import InferenceHost

@Suite struct AnswerTests {
  @Test(arguments: [
    (nil, AnswerFormat.json), ("", .json), ("*/*", .json), ("application/json", .json), ("text/plain", .text),
    ("TEXT/plain; charset=utf-8", .text), ("text/*", .text), ("application/*", .json),
    ("application/json;q=0.2, text/plain", .text), ("text/plain;q=0, */*", .json),
    ("text/html, */*;q=0.1", .json), ("image/png, text/plain;q=0.3", .text),
  ])
  func `the form of an answer is what the sender accepts most`(accept: String?, format: AnswerFormat) throws {
    #expect(try AnswerFormat(accept: accept) == format)
  }

  @Test(arguments: ["image/png", "application/x-npy", "*/*;q=0", "nonsense"])
  func `what cannot be given is refused`(accept: String) {
    #expect { try AnswerFormat(accept: accept) } throws: { ($0 as? InvocationFault)?.code == .notAcceptable }
  }

  private static let reading = WordReading(
    best: .init(text: "a\n\"b", confidence: 0.123456789),
    characters: [.init(text: "a", confidence: 1)], alternatives: [.init(text: "c", confidence: 0.25)])

  @Test func `JSON carries what was asked for and no more`() throws {
    let all = AnswerFormat.json.body([Self.reading], options: ReadingOptions(characters: true, alternatives: 1))
    #expect(
      String(decoding: all, as: UTF8.self)
        == #"{"predictions":[{"text":"a\n\"b","confidence":0.123457,"characters":[{"text":"a","confidence":1.0}],"#
        + #""alternatives":[{"text":"c","confidence":0.25}]}]}"#)
    let least = AnswerFormat.json.body([Self.reading], options: ReadingOptions())
    #expect(String(decoding: least, as: UTF8.self) == #"{"predictions":[{"text":"a\n\"b","confidence":0.123457}]}"#)
  }

  @Test func `plain text has one line for each image`() {
    let body = AnswerFormat.text.body([Self.reading, Self.reading], options: ReadingOptions())
    #expect(String(decoding: body, as: UTF8.self) == "a \"b\na \"b\n")
  }
}

import Handwriting
import JSONKit
import Testing

@Suite struct CharsetTests {
  @Test func `texts in any order give the same classes`() throws {
    let forwards = try Charset(texts: ["zoo", "Äpfel", "e\u{301}", "£5"])
    let backwards = try Charset(texts: ["£5", "\u{E9}", "e\u{301}", "Äpfel", "zoo"])
    #expect(forwards == backwards)
    #expect(forwards.characters == ["5", "e", "e\u{301}", "f", "l", "o", "p", "z", "£", "Ä"])
    #expect(forwards.classCount == forwards.characters.count + 1)
  }

  @Test func `a text comes back from its classes`() throws {
    let charset = try Charset(texts: ["Hello", "wörld", "👩‍👩‍👧"])
    let classes = try #require(charset.encode("wörld👩‍👩‍👧"))
    #expect(classes.count == 6)
    #expect(!classes.contains(Charset.blank))
    #expect(charset.decode(classes) == "wörld👩‍👩‍👧")
    #expect(charset.decode([0, 99, -1]) == "")
    #expect(charset.encode("xyz") == nil)
  }

  @Test func `both spellings of an accent are one class`() throws {
    let charset = try Charset(texts: ["\u{E9}"])
    #expect(charset.encode("e\u{301}") == [1])
  }

  @Test func `the JSON form comes back`() throws {
    let charset = try Charset(texts: ["a\"b\\£"])
    #expect(try Charset(json: JSON(parsing: charset.json.text)) == charset)
  }

  @Test(arguments: [#"{}"#, #"[]"#, #"["ab"]"#, #"[""]"#, #"["a","a"]"#, #"[1]"#])
  func `a damaged set is refused`(text: String) throws {
    let json = try JSON(parsing: text)
    #expect(throws: ModelFileError.self) { try Charset(json: json) }
  }

  @Test func `more characters than the bound are refused`() {
    let texts = (0..<2_001).compactMap { Unicode.Scalar(0x4E00 + UInt32($0)).map { String(Character($0)) } }
    #expect(throws: ModelFileError.self) { try Charset(texts: texts) }
    #expect(throws: ModelFileError.self) { try Charset(texts: []) }
    #expect(throws: Never.self) { try Charset(texts: texts.dropLast()) }
  }
}

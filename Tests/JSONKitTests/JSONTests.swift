import JSONKit
import Testing

@Suite struct JSONTests {
  @Test(arguments: [
    "null", "true", "[]", "{}", "[1,-2,3.5,1e+20]", #"{"b":1,"a":[{"c":"x"}]}"#,
    #""a\"b\\c\n\t\u0001é😀""#, "-0.5", "9223372036854775807",
  ])
  func `what is written is what was read`(text: String) throws {
    #expect(try JSON(parsing: text).text == text)
  }

  @Test(arguments: [
    "", "{", "[1,]", "{\"a\" 1}", "nul", "01", "1.", "\"\\x\"", "\"\u{01}\"", "1 2", "\"\\ud800\"", "1e999",
    "{\"a\":1,}", "\"abc",
  ])
  func `text that is not JSON is refused with its place`(text: String) {
    #expect(throws: JSONSyntaxError.self) { try JSON(parsing: text) }
  }

  @Test func `nesting is bounded before the stack is spent`() {
    let deep = String(repeating: "[", count: 100_000)
    let error = #expect(throws: JSONSyntaxError.self) { try JSON(parsing: deep) }
    #expect(error?.description == "invalid JSON at byte 64: nested deeper than 64")
  }

  @Test func `escapes and surrogate pairs are decoded`() throws {
    #expect(try JSON(parsing: #""\u0041\ud83d\ude00\/""#).string == "A😀/")
  }

  @Test func `integers stay integers and whole fractions count as integers`() throws {
    let json = try JSON(parsing: #"{"a":3,"b":3.0,"c":3.5}"#)
    #expect(json["a"] == .integer(3))
    #expect(json["b"]?.integer == 3)
    #expect(json["c"]?.integer == nil)
  }

  @Test func `invalid UTF-8 in a string is refused`() {
    #expect(throws: JSONSyntaxError.self) { try JSON(parsing: [0x22, 0xFF, 0x22]) }
  }

  @Test func `the last of two members of one name wins`() throws {
    #expect(try JSON(parsing: #"{"a":1,"a":2}"#)["a"] == 2)
  }
}

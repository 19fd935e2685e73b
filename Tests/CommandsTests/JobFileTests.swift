import JSONKit
import Testing

@testable import Commands

struct JobFileTests {
  func request(
    _ text: String, path: String = "/jobs/mock/request.yaml", set: [Assignment] = [],
    environment: [String: String] = [:]
  ) throws -> JSON {
    let template = Template(settings: set, environment: environment)
    return .object(try JobFile(path: path, text: text, template: template).request)
  }

  @Test(arguments: [
    ("a${X}c", "abc"), ("${X}${X}", "bb"), ("${Y:-d}", "d"), ("${Y:-}", ""), ("${E:-d}", "d"), ("${E}", ""),
    ("$${X}", "${X}"), ("$X", "$X"), ("${Y:-a:-b}", "a:-b"), ("x $ y", "x $ y"),
  ])
  func `variables are filled in`(text: String, expected: String) throws {
    let template = Template(settings: [], environment: ["X": "b", "E": ""])
    #expect(try template.fill(text, line: 1) == expected)
  }

  @Test(arguments: ["${", "${X", "${}", "${a b}", "${N}"])
  func `a variable that cannot be filled in is an error`(text: String) {
    let template = Template(settings: [], environment: ["X": "b"])
    #expect(throws: Failure.self) { try template.fill(text, line: 1) }
  }

  @Test func `settings win over the environment`() throws {
    let json = try request("a: ${X}", set: [.init(name: "X", value: "s")], environment: ["X": "e"])
    #expect(json == ["a": "s"])
  }

  @Test func `plain values have types, quoted ones are texts`() throws {
    let json = try request(
      """
      # ${IGNORED} in a comment
      n: ${N:-3}
      f: 1.5
      t: true
      q: "3"
      none:
      word: yes
      list: [1, a]
      """)
    #expect(
      json == [
        "n": 3, "f": 1.5, "t": true, "q": "3", "none": .null, "word": "yes", "list": [1, "a"],
      ])
  }

  @Test func `a value cannot change the structure of the file`() throws {
    let json = try request("a: ${X}\nb: 1", set: [.init(name: "X", value: "1\nRoleArn: evil # \"")])
    #expect(json == ["a": "1\nRoleArn: evil # \"", "b": 1])
  }

  @Test func `an error names file and line`() {
    #expect(
      throws: Failure(
        "/jobs/mock/request.yaml: line 2", "the variable Y has no value",
        advice: "Give one with --set Y=VALUE, or write ${Y:-default}.")
    ) { try request("a: 1\nb: ${Y}\n") }
    #expect(throws: Failure.self) { try request("a: [1\n") }
    #expect(throws: Failure.self) { try request("- a\n") }
  }

  @Test func `JSON files have variables too, and errors with lines`() throws {
    #expect(try request("{\"a\": \"x${Y:-1}\"}", path: "/j.json") == ["a": "x1"])
    #expect(throws: Failure("/j.json: line 3", "unexpected character")) {
      try request("{\n\"a\":\n?}", path: "/j.json")
    }
  }

  @Test func `aliases that multiply are stopped`() {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...9 {
      let item = "*a\(level - 1)"
      text += "a\(level): &a\(level) [\(Array(repeating: item, count: 10).joined(separator: ", "))]\n"
    }
    #expect(throws: Failure.self) { try request(text) }
  }
}

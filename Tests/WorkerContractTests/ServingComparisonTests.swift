import JSONKit
import TestKit
import Testing

/// serve.py beside the record of the real toolkit.
@Suite(.enabled(if: ServingWorker.python != nil, ServingWorker.hint), .timeLimit(.minutes(2)))
struct ServingComparisonTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let json: JSON
    var testDescription: String { json["name"]?.string ?? "" }
    func text(_ name: String) -> String? { json[name]?.string }
    func bytes(_ name: String) -> [UInt8]? { text(name)?.unicodeScalars.map { UInt8($0.value) } }
  }

  static let cases: [Case] = {
    // A text that is no JSON leaves no cases, which the count below finds.
    let json = try? JSON(parsing: ServingExpectation.json)
    return (json?["cases"]?.array ?? []).map { Case(json: $0) }
  }()

  @Test func `the record is there`() { #expect(Self.cases.count == 31) }

  @Test(arguments: cases)
  func `answers are the toolkit's`(_ expected: Case) async throws {
    if expected.json["numpy"] == .bool(true) {
      guard try await Self.hasNumpy() else { return }
    }
    let worker = try await ServingWorker(try #require(expected.text("script"))).ready()
    var headers: [String: String] = [:]
    headers["Content-Type"] = expected.text("contentType")
    headers["Accept"] = expected.text("accept")
    headers["X-Amzn-SageMaker-Custom-Attributes"] = expected.text("attributes")
    let line = try ServingLine(worker)
    try line.send(ServingLine.post(try #require(expected.bytes("body")), headers))
    let answer = try await line.answer()
    #expect(answer.status == expected.json["status"]?.integer.map(Int.init))
    if let body = expected.bytes("answer") { #expect(answer.body == body) }
    if let type = expected.text("type") { #expect(answer.headers["content-type"] == type) }
    if let message = expected.text("message") { #expect(answer.text.hasPrefix(message + "\n")) }
    if let last = expected.text("lastLine") {
      let ours = answer.text.split(separator: "\n").last.map(String.init) ?? ""
      // A class is named with its module; the toolkit's own is replaced.
      #expect(ours.replacing("inference.", with: "") == last.replacing("sagemaker_inference.errors.", with: ""))
    }
    for (name, value) in expected.json["headers"]?.stringMap ?? [:] {
      #expect(answer.headers[name.lowercased()] == value)
    }
    // The reason of long messages is cut; the message is in the body.
    if let phrase = expected.text("phrase") {
      #expect(answer.reason == String(phrase.split(separator: " ").joined(separator: " ").prefix(200)))
    }
  }

  private static func hasNumpy() async throws -> Bool {
    let process = try ChildProcess(try #require(ServingWorker.python), ["-c", "import numpy"])
    return try await process.end() == .code(0)
  }
}

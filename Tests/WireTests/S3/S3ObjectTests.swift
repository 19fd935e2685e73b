import HostKit
import Testing

@testable import Wire

@Suite struct S3ObjectTests {
  private static let object = S3Object(
    key: "k", size: 10, modified: Timestamp(milliseconds: 1_795_000_000_500), entityTag: "abc",
    attributes: S3Attributes(headers: ["content-type": "text/plain"], metadata: ["a": "1"]),
    checksum: S3Checksum(.crc32, value: "AAAAAA=="))

  private func answer(_ headers: [String: String], query: String = "") throws(S3Error) -> S3Answer {
    guard case .getObject(let request) = try S3Operation(try s3Head("GET", "/b/k\(query)", headers)) else {
      throw S3Error(.internalError, "no get")
    }
    return try S3Answer.object(Self.object, request)
  }

  @Test(arguments: [
    ("bytes=0-3", 0..<4), ("bytes=4-", 4..<10), ("bytes=-3", 7..<10), ("bytes=8-100", 8..<10), ("bytes=-100", 0..<10),
  ])
  func `a range is answered with its bytes`(text: String, bytes: Range<Int>) throws {
    let answer = try answer(["range": text, "x-amz-checksum-mode": "ENABLED"])
    #expect(answer.status == 206)
    #expect(answer.body == .object(Int64(bytes.lowerBound)..<Int64(bytes.upperBound)))
    #expect(answer.headers.contains { $0 == ("content-range", "bytes \(bytes.lowerBound)-\(bytes.upperBound - 1)/10") })
    #expect(!answer.headers.contains { $0.name.hasPrefix("x-amz-checksum") })
  }

  @Test(arguments: ["bytes=10-", "bytes=10-12", "bytes=-0"])
  func `a range beyond the end is not satisfiable`(text: String) throws {
    do throws(S3Error) {
      _ = try answer(["range": text])
      Issue.record("answered")
    } catch { #expect(error.code == .invalidRange) }
  }

  @Test(arguments: ["bytes=3-1", "bytes=0-1,3-4", "lines=1-2", "bytes=a-b", "bytes=99999999999999999999-", "bytes=-"])
  func `what is no range counts as not there`(text: String) throws {
    #expect(try answer(["range": text]).status == 200)
  }

  @Test func `a whole object shows its sum to those who ask`() throws {
    #expect(try answer(["x-amz-checksum-mode": "ENABLED"]).headers.contains { $0.name == "x-amz-checksum-crc32" })
    #expect(try !answer([:]).headers.contains { $0.name == "x-amz-checksum-crc32" })
  }

  @Test func `a request gives the answer's headers itself`() throws {
    let headers = try answer([:], query: "?response-content-type=a%2Fb").headers
    #expect(headers.contains { $0 == ("content-type", "a/b") })
    #expect(throws: S3Error.self) { try answer([:], query: "?response-content-type=a%0D%0AEvil:1") }
  }

  private static let before = S3Date.header(Timestamp(milliseconds: 1_794_999_999_000))
  private static let exact = S3Date.header(Timestamp(milliseconds: 1_795_000_000_000))

  @Test(arguments: [
    (["if-match": "\"abc\""], 200), (["if-match": "abc"], 200), (["if-match": "*"], 200),
    (["if-match": "\"x\", \"abc\""], 200), (["if-match": "\"x\""], 412), (["if-none-match": "\"abc\""], 304),
    (["if-none-match": "\"x\""], 200), (["if-modified-since": exact], 304), (["if-modified-since": before], 200),
    (["if-unmodified-since": exact], 200), (["if-unmodified-since": before], 412),
    // The tag counts, the time beside it does not.
    (["if-match": "\"abc\"", "if-unmodified-since": before], 200),
    (["if-none-match": "\"x\"", "if-modified-since": exact], 200),
    (["if-none-match": "\"abc\"", "if-modified-since": before], 304), (["if-modified-since": "yesterday"], 200),
    // A condition goes before the range.
    (["if-none-match": "\"abc\"", "range": "bytes=99-"], 304),
  ])
  func `conditions have the precedence that S3 gives them`(headers: [String: String], status: Int) throws {
    do throws(S3Error) {
      #expect(try answer(headers).status == status)
    } catch { #expect(error.code.httpStatus == status) }
  }

  @Test func `dates are written and read`() {
    let time = Timestamp(milliseconds: 951_782_400_007)
    #expect(S3Date.header(time) == "Tue, 29 Feb 2000 00:00:00 GMT")
    #expect(S3Date.element(time) == "2000-02-29T00:00:00.007Z")
    #expect(S3Date.seconds(ofHeader: S3Date.header(time)) == 951_782_400)
    #expect(S3Date.seconds(ofHeader: "Wed, 30 Feb 2000 00:00:00 GMT") == nil)
    #expect(S3Date.seconds(ofHeader: "") == nil)
  }
}

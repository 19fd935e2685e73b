import HostKit
import Testing

@testable import Wire

@Suite struct S3DocumentTests {
  @Test func `a deletion names its keys`() throws {
    let deletion = try S3Documents.deletion(
      Array(
        """
        <?xml version="1.0"?><Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
        <Object><Key>a &amp; b/ä</Key></Object><Object><Key> </Key></Object><Quiet>true</Quiet></Delete>
        """.utf8))
    #expect(deletion.keys == ["a & b/ä", " "])
    #expect(deletion.isQuiet)
  }

  @Test(arguments: [
    "", "<", "<Delete/>", "<Other><Object><Key>a</Key></Object></Other>", "<Delete><Object/></Delete>",
    "<Delete><Object><Key>a</Key></Object>",
    "<!DOCTYPE d [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><Delete><Object><Key>&b;</Key></Object></Delete>",
    "<!DOCTYPE d [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><Delete><Object><Key>&a;</Key></Object></Delete>",
    "<Delete><Object><Key><A><B/></A></Key></Object></Delete>",
    "<Delete>" + String(repeating: "<a>", count: 10_000), "<Delete><Wrong/></Delete>",
    "<Delete><Object><Key>" + String(repeating: "k", count: 1025) + "</Key></Object></Delete>",
    "<Delete>" + String(repeating: "<Object><Key>a</Key></Object>", count: 1001) + "</Delete>",
    "<Delete><Object>" + String(repeating: "<Key>a</Key>", count: 20) + "</Object></Delete>",
  ])
  func `XML that is hostile or not what is wanted is refused`(text: String) {
    #expect(throws: S3Error.self) { try S3Documents.deletion(Array(text.utf8)) }
  }

  @Test func `a completion names its parts in order`() throws {
    func part(_ number: Int) -> String {
      "<Part><ETag>\"a\(number)\"</ETag><PartNumber>\(number)</PartNumber><ChecksumCRC32>x\(number)</ChecksumCRC32></Part>"
    }
    func completion(_ parts: String) throws(S3Error) -> [S3Documents.Part] {
      try S3Documents.completion(Array("<CompleteMultipartUpload>\(parts)</CompleteMultipartUpload>".utf8))
    }
    let parts = try completion(part(1) + part(7))
    #expect(parts.map(\.number) == [1, 7])
    #expect(parts[1].entityTag == "a7")
    #expect(parts[1].checksum == S3Checksum(.crc32, value: "x7"))
    for wrong in [part(2) + part(1), part(1) + part(1), part(0), part(10_001), ""] {
      #expect(throws: S3Error.self) { try completion(wrong) }
    }
  }

  private func text(_ answer: S3Answer) -> String {
    guard case .text(let bytes) = answer.body else { return "" }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func list(_ query: String) throws -> S3ListRequest {
    guard case .listObjects(let request) = try S3Operation(try s3Head("GET", "/b?\(query)")) else {
      throw S3Error(.internalError, "no list")
    }
    return request
  }

  @Test func `a listing escapes names when it is asked to`() throws {
    let object = S3Object(key: "a\u{1} <ä>", size: 1, modified: Timestamp(milliseconds: 0), entityTag: "t")
    let found = S3ListAnswer(objects: [object], commonPrefixes: ["p q/"], next: "p q/")
    let plain = text(
      .listing(found, of: "b", try list("list-type=2&delimiter=/&encoding-type=url"), owner: S3Owner(account: "1")))
    #expect(plain.contains("<Key>a%01%20%3C%C3%A4%3E</Key>"))
    #expect(plain.contains("<Prefix>p%20q/</Prefix>"))
    #expect(plain.contains("<KeyCount>2</KeyCount>"))
    #expect(plain.contains("<IsTruncated>true</IsTruncated>"))
    #expect(!plain.contains("<Owner>"))
    let old = text(.listing(found, of: "b", try list("delimiter=/&marker=a"), owner: S3Owner(account: "1")))
    #expect(old.contains("<Key>a &lt;ä&gt;</Key>"))
    #expect(old.contains("<NextMarker>p q/</NextMarker>"))
    #expect(old.contains("<Owner>"))
  }

  @Test(arguments: ["a", "ä/b\n", String(repeating: "k", count: 1024)])
  func `a token leads on from where it was given`(position: String) throws {
    let token = S3Token.text(after: position)
    #expect(try list("list-type=2&continuation-token=\(token)&start-after=x").start == .past(position))
  }

  @Test func `an error tells code, message and request, and a HEAD nothing`() {
    let error = S3Error(.noSuchKey, "The specified key does not exist.", details: ["Key": "a&b"])
    let answer = Self.failure(error, resource: "/b/a", isHead: false, requestID: "r")
    #expect(answer.status == 404)
    for element in [
      "<Code>NoSuchKey</Code>", "<Key>a&amp;b</Key>", "<RequestId>r</RequestId>", "<Resource>/b/a</Resource>",
    ] {
      #expect(text(answer).contains(element))
    }
    #expect(Self.failure(error, resource: "/b/a", isHead: true, requestID: "r") == S3Answer(404))
  }

  @Test func `a bucket of another owner is refused`() throws {
    let owner = S3Owner(account: "123456789012")
    #expect(throws: S3Error.self) { try owner.check(s3Head("HEAD", "/b", ["x-amz-expected-bucket-owner": "1"])) }
    #expect(throws: Never.self) {
      try owner.check(s3Head("HEAD", "/b", ["x-amz-expected-bucket-owner": "123456789012"]))
    }
  }

  private static func failure(_ error: S3Error, resource: String, isHead: Bool, requestID: String) -> S3Answer {
    .failure(
      code: error.code.rawValue, message: error.message, details: error.details, status: error.code.httpStatus,
      resource: resource, isHead: isHead, requestID: requestID)
  }
}

import HostKit
import Testing

@testable import Wire

/// A request for the object store as a test writes it.
func s3Head(
  _ method: String, _ target: String, _ headers: [String: String] = [:]
) throws(S3Error) -> S3Head {
  let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
  return try S3Head(
    method: method, rawPath: String(parts[0]), rawQuery: parts.count > 1 ? String(parts[1]) : "",
    headers: headers.map { ($0.key, $0.value) })
}

@Suite struct S3OperationTests {
  @Test(arguments: [
    ("/b/a/b.txt", "a/b.txt"), ("/b//a", "/a"), ("/b/../x", "../x"), ("/b/%2e%2e/x", "../x"),
    ("/b/a%20%C3%A4+b", "a ä+b"),
    ("/b/a%2Fb", "a/b"), ("/b/a//", "a//"), ("/b", ""), ("/b/", ""), ("/b/%00%0A", "\u{0}\n"),
  ])
  func `a key is taken as it stands`(target: String, key: String) throws {
    let head = try s3Head("GET", target)
    #expect(head.bucket == "b")
    #expect(head.key == key)
  }

  @Test(arguments: [
    ("/b/%", S3Error.Code.invalidURI), ("/b/%zz", .invalidURI), ("/b/%FF", .invalidURI), ("b", .invalidURI),
    ("//key", .invalidBucketName), ("/b/" + String(repeating: "k", count: 1025), .keyTooLong),
    ("/b?prefix=a&prefix=b", .invalidArgument), ("/b?prefix=%FF", .invalidURI),
    ("/b?" + (0..<70).map { "p\($0)=1" }.joined(separator: "&"), .invalidURI),
  ])
  func `a target that cannot be read is refused`(target: String, code: S3Error.Code) {
    #expect(throws: S3Error.self) { try s3Head("GET", target) }
    do throws(S3Error) { _ = try s3Head("GET", target) } catch { #expect(error.code == code) }
  }

  @Test(arguments: [
    ("GET", "/", "listBuckets"), ("PUT", "/b", "createBucket"), ("HEAD", "/b", "headBucket"),
    ("DELETE", "/b", "deleteBucket"), ("GET", "/b?location", "bucketSetting"), ("GET", "/b", "listObjects"),
    ("GET", "/b?list-type=2", "listObjects"), ("GET", "/b?uploads", "listUploads"),
    ("POST", "/b?delete", "deleteObjects"),
    ("GET", "/b/k", "getObject"), ("GET", "/b/k?x-id=GetObject", "getObject"), ("HEAD", "/b/k", "headObject"),
    ("PUT", "/b/k", "putObject"), ("DELETE", "/b/k", "deleteObject"), ("POST", "/b/k?uploads", "createUpload"),
    ("PUT", "/b/k?uploadId=u&partNumber=3", "uploadPart"), ("POST", "/b/k?uploadId=u", "completeUpload"),
    ("DELETE", "/b/k?uploadId=u", "abortUpload"), ("GET", "/b/k?uploadId=u", "listParts"),
    ("GET", "/b/k?acl", "objectACL"),
    ("GET", "/b/k?tagging", "objectTagging"),
  ])
  func `every operation is known by its method, path and sub-resource`(
    method: String, target: String, name: String
  ) throws {
    let operation = try S3Operation(try s3Head(method, target))
    #expect("\(operation)".hasPrefix(name))
  }

  @Test(arguments: [
    ("GET", "/b?versions", S3Error.Code.notImplemented), ("PUT", "/b?versioning", .notImplemented),
    ("PUT", "/b/k?tagging", .notImplemented), ("GET", "/b/k?torrent", .notImplemented),
    ("GET", "/b/k?partNumber=1", .notImplemented), ("GET", "/b/k?versionId=abc", .invalidArgument),
    ("POST", "/b", .notImplemented), ("PATCH", "/b", .methodNotAllowed), ("PUT", "/", .methodNotAllowed),
    ("PUT", "/b/k?uploadId=u&partNumber=0", .invalidArgument), ("PUT", "/b/k?partNumber=1", .invalidArgument),
    ("GET", "/b?max-keys=-1", .invalidArgument), ("GET", "/b?max-keys=99999999999999999999", .invalidArgument),
    ("GET", "/b?list-type=3", .invalidArgument), ("GET", "/b?encoding-type=xml", .invalidArgument),
    ("GET", "/b?list-type=2&continuation-token=zz", .invalidArgument),
  ])
  func `what is not built or not understood is refused by its name`(
    method: String, target: String, code: S3Error.Code
  ) throws {
    let head = try s3Head(method, target)
    do throws(S3Error) {
      _ = try S3Operation(head)
      Issue.record("let in")
    } catch { #expect(error.code == code) }
  }

  @Test func `headers that are not built are refused, not dropped`() throws {
    for (name, value) in [
      ("x-amz-acl", "public-read"), ("x-amz-storage-class", "GLACIER"), ("x-amz-tagging", "a=b"),
      ("x-amz-grant-read", "id=1"), ("x-amz-server-side-encryption", "rot13"), ("if-match", "*"),
      ("x-amz-server-side-encryption-customer-algorithm", "AES256"), ("x-amz-sdk-checksum-algorithm", "MD4"),
      ("content-md5", "x"), ("x-amz-meta-big", String(repeating: "x", count: 2049)),
    ] {
      let head = try s3Head("PUT", "/b/k", [name: value])
      #expect(throws: S3Error.self, "\(name)") { try S3Operation(head) }
    }
  }

  @Test func `an object keeps the headers and the metadata that came with it`() throws {
    let head = try s3Head(
      "PUT", "/b/k",
      [
        "Content-Type": "text/plain", "Content-Encoding": "aws-chunked,gzip", "X-Amz-Meta-Colour": "ä",
        "x-amz-server-side-encryption": "aws:kms", "x-amz-checksum-crc32": "AAAAAA==", "Authorization": "secret",
      ])
    guard case .putObject(let request) = try S3Operation(head) else {
      Issue.record("no put")
      return
    }
    #expect(
      request.attributes.headers == [
        "content-type": "text/plain", "content-encoding": "gzip", "x-amz-server-side-encryption": "aws:kms",
      ])
    #expect(request.attributes.metadata == ["colour": "ä"])
    #expect(request.claim.algorithm == .crc32)
    #expect(request.claim.value == "AAAAAA==")
  }

  @Test func `a sum is told once, in a header or in a trailer`() throws {
    let both = try s3Head("PUT", "/b/k", ["x-amz-checksum-crc32": "a", "x-amz-trailer": "x-amz-checksum-sha1"])
    #expect(throws: S3Error.self) { try S3BodyClaim(both) }
    let claim = try S3BodyClaim(try s3Head("PUT", "/b/k", ["x-amz-trailer": "x-amz-checksum-sha1"]))
    #expect(claim.algorithm == .sha1)
    #expect(try claim.value(inTrailers: [("x-amz-checksum-sha1", "abc")]) == "abc")
    #expect(throws: S3Error.self) { try claim.value(inTrailers: []) }
  }

  @Test(arguments: [
    ("/src/a%20b", "a b"), ("src/a b", "a b"), ("src/a%2Fb?versionId=null", "a/b"), ("src/100%", "100%"),
  ])
  func `a copy's source may be escaped or not`(text: String, key: String) throws {
    let source = try S3CopySource(try s3Head("PUT", "/b/k", ["x-amz-copy-source": text]))
    #expect(source?.bucket == "src")
    #expect(source?.key == key)
  }

  @Test func `a copy onto itself that changes nothing is refused`() throws {
    let head = try s3Head("PUT", "/b/k", ["x-amz-copy-source": "b/k"])
    #expect(throws: S3Error.self) { try S3Operation(head) }
    let replacing = try s3Head("PUT", "/b/k", ["x-amz-copy-source": "b/k", "x-amz-metadata-directive": "REPLACE"])
    #expect(throws: Never.self) { try S3Operation(replacing) }
  }
}

import Signing
import Testing

/// Addresses that botocore presigned the old way on 2026-11-23 at 14:25:00 UTC, good for an hour.
struct PresignedV2Tests {
  struct Vector: Sendable, CustomTestStringConvertible {
    let method: String
    let path: String
    let query: String

    var testDescription: String { "\(method) \(path)?\(query)" }
    var request: RequestHead {
      RequestHead(
        method: method, rawPath: path, rawQuery: query + "&AWSAccessKeyId=AKIDEXAMPLE&Expires=1795447500",
        headers: [("Host", "127.0.0.1:8770")])
    }
  }

  static let end: Int64 = 1_795_447_500

  static let vectors = [
    Vector(method: "GET", path: "/b/k%20%C3%A9", query: "Signature=Aq0ju507OjM8ISAWnkmTWEJ791M%3D"),
    Vector(
      method: "GET", path: "/b/k",
      query: "response-content-type=text%2Fplain%3B%20charset%3Dutf-8&response-content-disposition=attachment"
        + "&Signature=QfA%2BoYUYmhkTn03x70as6W1X5PA%3D"),
    Vector(
      method: "PUT", path: "/b/k", query: "uploadId=u&partNumber=2&Signature=JnuhkUpOChEudrbmsQMSMt7%2B0h4%3D"),
    Vector(method: "POST", path: "/b/k", query: "uploads&Signature=yW9Wwwtj%2BIKPPkvBLv5xk%2F18sew%3D"),
    Vector(
      method: "PUT", path: "/b/k",
      query: "Signature=IJu8hDg0p2NVy7z2o6W1U2RXwCE%3D&content-type=text%2Fplain&x-amz-meta-a=ink%20pot"
        + "&x-amz-acl=private"),
    Vector(method: "GET", path: "/b", query: "prefix=a%2F&list-type=2&Signature=fMaSuvaq25AJNOM8O7rFIpV4rMU%3D"),
    Vector(method: "GET", path: "/b/k2", query: "Signature=%2BdQZfBmHQrFJf4yYoDwNZ0NUuAI%3D"),
  ]

  static func admit(
    _ request: RequestHead, services: Set<String> = ["s3"], now: Int64 = end - 3600
  ) throws(SignatureError) -> AdmittedRequest {
    try SignatureVerifier(services: services, defaultRegion: "eu-west-3")
      .admit(request, keys: KeyRing(BotocoreSample.key), now: now)
  }

  @Test(arguments: vectors)
  func `an address that botocore presigned is good until it expires`(_ vector: Vector) throws {
    let admitted = try Self.admit(vector.request, now: Self.end)
    #expect(admitted.service == "s3")
    #expect(admitted.region == "eu-west-3")
    #expect(admitted.identity.principal == .owner)
    guard case .unsigned = admitted.body else {
      Issue.record("\(admitted.body)")
      return
    }
    let late = #expect(throws: SignatureError.self) { try Self.admit(vector.request, now: Self.end + 1) }
    #expect(late?.reason == .expired)
    #expect(late?.code == "AccessDenied")
  }

  @Test(arguments: vectors)
  func `every alteration of what it covers is refused`(_ vector: Vector) {
    let alterations: [(String, SignatureError.Reason, (inout RequestHead) -> Void)] = [
      ("method", .signatureMismatch, { $0.method = "DELETE" }),
      ("path", .signatureMismatch, { $0.rawPath += "x" }),
      ("sub-resource", .signatureMismatch, { $0.rawQuery += "&versionId=1" }),
      ("answer's header", .signatureMismatch, { $0.rawQuery += "&response-expires=0" }),
      ("x-amz header", .signatureMismatch, { $0.headers.append(("X-Amz-Copy-Source", "/b/other")) }),
      ("Content-MD5", .signatureMismatch, { $0.headers.append(("Content-MD5", "AAAA")) }),
      ("repeated parameter", .repeatedField, { $0.rawQuery += "&Expires=9795447500" }),
      ("key", .unknownAccessKey, { $0.rawQuery.replace("AKIDEXAMPLE", with: "AKIDOTHER") }),
      ("expiry", .signatureMismatch, { $0.rawQuery.replace("1795447500", with: "1795447501") }),
      ("endless expiry", .malformedAuthorization, { $0.rawQuery.replace("1795447500", with: "1795447500000") }),
      ("negative expiry", .malformedAuthorization, { $0.rawQuery.replace("1795447500", with: "-1") }),
      ("no signature", .malformedAuthorization, { $0.rawQuery.replace("Signature=", with: "Sign=") }),
      ("second signature", .repeatedField, { $0.headers.append(("Authorization", "AWS4-HMAC-SHA256 x")) }),
      ("version 4 too", .repeatedField, { $0.rawQuery += "&X-Amz-Signature=00" }),
    ]
    for (name, reason, alter) in alterations {
      var request = vector.request
      alter(&request)
      let error = #expect(throws: SignatureError.self, "\(name)") { try Self.admit(request) }
      #expect(error?.reason == reason, "\(name)")
    }
  }

  @Test func `a signed header may come in the address, as a header or in both, if they say the same`() throws {
    var request = Self.vectors[4].request
    request.headers += [("Content-Type", "text/plain"), ("x-amz-meta-a", "ink pot")]
    #expect(try Self.admit(request).service == "s3")
    request.headers.append(("x-amz-acl", "public-read"))
    let error = #expect(throws: SignatureError.self) { try Self.admit(request) }
    #expect(error?.reason == .repeatedField)
    #expect(error?.code == "InvalidRequest")
  }

  @Test func `only S3 takes addresses that were signed the old way`() {
    let error = #expect(throws: SignatureError.self) {
      try Self.admit(Self.vectors[0].request, services: ["sagemaker"])
    }
    #expect(error?.reason == .wrongScope)
  }
}

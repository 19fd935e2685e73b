import Signing
import Testing

/// Examples that AWS publishes with their signatures: the Signature Version 4 test suite and the S3 documentation.
struct PublishedVectorTests {
  struct Vector: Sendable, CustomTestStringConvertible {
    let name: String
    let request: RequestHead
    var body = ""
    let signature: String

    var testDescription: String { name }
  }

  static func request(
    _ method: String, _ path: String, query: String = "",
    _ headers: [(name: String, value: String)] = []
  ) -> RequestHead {
    RequestHead(
      method: method, rawPath: path, rawQuery: query,
      headers: [(name: "Host", value: "example.amazonaws.com")] + headers)
  }

  static let suite = [
    Vector(
      name: "get-vanilla", request: request("GET", "/"),
      signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
    Vector(
      name: "get-relative", request: request("GET", "/example/.."),
      signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
    Vector(
      name: "get-slashes", request: request("GET", "//"),
      signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
    Vector(
      name: "get-vanilla-query-order-key-case",
      request: request("GET", "/", query: "Param2=value2&Param1=value1"),
      signature: "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
    Vector(
      name: "get-vanilla-empty-query-key", request: request("GET", "/", query: "Param1=value1"),
      signature: "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"),
    Vector(
      name: "get-unreserved",
      request: request(
        "GET", "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"),
      signature: "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"),
    Vector(
      name: "get-utf8", request: request("GET", "/\u{1234}"),
      signature: "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"),
    Vector(
      name: "get-header-key-duplicate",
      request: request(
        "GET", "/",
        [("My-Header1", "value2"), ("My-Header1", "value2"), ("My-Header1", "value1")]),
      signature: "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"),
    Vector(
      name: "get-header-value-trim",
      request: request(
        "GET", "/", [("My-Header1", " value1"), ("My-Header2", " \"a   b   c\"")]),
      signature: "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"),
    Vector(
      name: "post-vanilla", request: request("POST", "/"),
      signature: "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
    Vector(
      name: "post-x-www-form-urlencoded",
      request: request("POST", "/", [("Content-Type", "application/x-www-form-urlencoded")]),
      body: "Param1=value1",
      signature: "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"),
  ]

  @Test(arguments: suite)
  func `the published signatures come out`(_ vector: Vector) throws {
    let signer = SigV4Signer(
      credentials: Credentials(
        accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
      region: "us-east-1", service: "service")
    let headers = signer.headers(
      for: vector.request, bodyHash: BodyHash.of(Array(vector.body.utf8)), now: 1_440_938_160)
    let authorization = try #require(headers.last { $0.name == "Authorization" }?.value)
    #expect(authorization.hasSuffix("Signature=\(vector.signature)"))
    #expect(
      authorization.hasPrefix(
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "))
  }

  static let storageSigner = SigV4Signer(
    credentials: Credentials(
      accessKeyId: "AKIAIOSFODNN7EXAMPLE",
      secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    region: "us-east-1", service: "s3")
  static let storageTime: Int64 = 1_369_353_600

  static func storageRequest(
    _ method: String, _ path: String, query: String = "",
    _ headers: [(name: String, value: String)] = []
  ) -> RequestHead {
    RequestHead(
      method: method, rawPath: path, rawQuery: query,
      headers: [(name: "Host", value: "examplebucket.s3.amazonaws.com")] + headers)
  }

  static let storage = [
    Vector(
      name: "GET object with range",
      request: storageRequest("GET", "/test.txt", [("Range", "bytes=0-9")]),
      signature: "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"),
    Vector(
      name: "PUT object",
      request: storageRequest(
        "PUT", "/test%24file.text",
        [("Date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY")]),
      body: "Welcome to Amazon S3.",
      signature: "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"),
    Vector(
      name: "GET bucket lifecycle", request: storageRequest("GET", "/", query: "lifecycle"),
      signature: "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
    Vector(
      name: "list objects", request: storageRequest("GET", "/", query: "max-keys=2&prefix=J"),
      signature: "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
  ]

  @Test(arguments: storage)
  func `the signatures of the S3 documentation come out and are accepted`(_ vector: Vector) throws {
    let body = Array(vector.body.utf8)
    var request = vector.request
    request.headers += Self.storageSigner.headers(
      for: request, bodyHash: BodyHash.of(body), now: Self.storageTime)
    let authorization = try #require(request.headers.last?.value)
    #expect(authorization.hasSuffix("Signature=\(vector.signature)"))
    let identity = try SignatureVerifier(services: ["s3"]).verify(
      request, bodyDigest: { BodyHash.of(body) }, keys: KeyRing(Self.storageSigner.credentials), now: Self.storageTime)
    #expect(identity.accessKeyId == "AKIAIOSFODNN7EXAMPLE")
    #expect(identity.region == "us-east-1")
    #expect(identity.service == "s3")
  }

  @Test
  func `the presigned address of the S3 documentation comes out, and lives as long as it says`()
    throws
  {
    var request = Self.storageRequest("GET", "/test.txt")
    request.rawQuery = Self.storageSigner.presignedQuery(
      for: request, now: Self.storageTime, expires: 86_400)
    #expect(
      request.rawQuery.hasSuffix(
        "X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"))
    let verify = { (now: Int64) throws(SignatureError) in
      try SignatureVerifier(services: ["s3"]).verify(
        request, bodyDigest: { BodyHash.empty }, keys: KeyRing(Self.storageSigner.credentials), now: now)
    }
    #expect(throws: Never.self) { try verify(Self.storageTime + 86_400) }
    let late = #expect(throws: SignatureError.self) { try verify(Self.storageTime + 86_401) }
    #expect(late?.reason == .expired)
    #expect(late?.code == "AccessDenied")
  }
}

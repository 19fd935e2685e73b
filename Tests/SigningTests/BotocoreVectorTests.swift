import Signing
import Testing

/// Requests as AWS's own Python client signed them on 2026-11-23 at 14:25:00 UTC, for every service of the daemon.
struct BotocoreVectorTests {
  struct Vector: Sendable, CustomTestStringConvertible {
    let service: String
    let method: String
    let path: String
    var query = ""
    var headers: [String: String] = [:]
    var body = ""
    /// Of the Authorization header; empty where the query has it.
    var signature = ""

    var testDescription: String { "\(service) \(method) \(path)?\(query)" }

    var request: RequestHead {
      var fields = headers.map { (name: $0.key, value: $0.value) } + [(name: "Host", value: "127.0.0.1:8770")]
      if !signature.isEmpty {
        fields.append(("X-Amz-Date", "20261123T142500Z"))
        let signed = fields.map { $0.name.lowercased() }.sorted().joined(separator: ";")
        let scope = "AKIDEXAMPLE/20261123/eu-west-3/\(service)/aws4_request"
        fields.append(
          (
            "Authorization", "AWS4-HMAC-SHA256 Credential=\(scope), SignedHeaders=\(signed), Signature=\(signature)"
          ))
      }
      return RequestHead(method: method, rawPath: path, rawQuery: query, headers: fields)
    }
  }

  static let now: Int64 = 1_795_443_900
  static let form = "application/x-www-form-urlencoded; charset=utf-8"
  static let presignedFields =
    "X-Amz-Date=20261123T142500Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Signature="

  static let vectors = [
    Vector(
      service: "sts", method: "POST", path: "/", headers: ["Content-Type": form],
      body: "Action=GetCallerIdentity&Version=2011-06-15",
      signature: "7f7582cd069139b6230074e42213ebb073d9f67eab0668e4f018b76fc9a0fa19"),
    Vector(
      service: "iam", method: "POST", path: "/", headers: ["Content-Type": form],
      body: "Action=GetRole&Version=2010-05-08&RoleName=x",
      signature: "70954569e6e1424a10a85a499ad89a855d99bbc8cd02f41d413a72e9978eeefb"),
    Vector(
      service: "logs", method: "POST", path: "/",
      headers: ["Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "Logs_20140328.DescribeLogGroups"],
      body: "{}", signature: "a6208202abed6a33220d1b12414d1e6b8584b2ce2020522b97a41bb00389c957"),
    Vector(
      service: "monitoring", method: "POST", path: "/",
      headers: [
        "Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "GraniteServiceVersion20100801.ListMetrics",
        "x-amzn-query-mode": "true",
      ], body: "{}", signature: "debf4c7ea3a5d7037aedacfacdc835f79d9d2899ac469efd76aab2e25aacc8bf"),
    // Escaped twice: only S3's paths are signed as they are.
    Vector(
      service: "sagemaker", method: "POST", path: "/endpoints/a%20b/invocations",
      headers: ["Content-Type": "text/csv"], body: "1,2",
      signature: "e89b037f3f0b60d9ae5fdea8f76f9c3be24bd60cfc3d80730c2cdd4466d6ab6f"),
    Vector(
      service: "s3", method: "PUT", path: "/b/a%20b/%2E%2E//c", query: "partNumber=1&uploadId=u",
      headers: [
        "Content-Type": "text/plain",
        "X-Amz-Content-SHA256": "b728b7e775f708faf513b988271e39176d3efb8efcb6523124e0592d7c7b4165",
      ], body: "ink", signature: "3adb92021cbc9a2d1b7463e9145090847b9d41ae0dc31b8e33db25e6d739ba66"),
    Vector(
      service: "s3", method: "GET", path: "/b/k%20%C3%A9",
      query: "response-content-type=text%2Fplain&X-Amz-Algorithm=AWS4-HMAC-SHA256"
        + "&X-Amz-Credential=AKIDEXAMPLE%2F20261123%2Feu-west-3%2Fs3%2Faws4_request&"
        + presignedFields + "a789b716678790f33994f0c73cfd56e1bc8aa405ea3816db416e3c28df6d1529"),
    Vector(
      service: "sts", method: "GET", path: "/",
      query: "Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256"
        + "&X-Amz-Credential=AKIDEXAMPLE%2F20261123%2Feu-west-3%2Fsts%2Faws4_request"
        + "&X-Amz-Date=20261123T142500Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host"
        + "&X-Amz-Signature=2ad8b0235bf6d216deca875a9e043865f271eceb886b1b1d39a3310619982aba"),
  ]

  @Test(arguments: vectors)
  func `a request that botocore signed is accepted, and as one for its service only`(_ vector: Vector) throws {
    func verify(_ services: Set<String>) throws(SignatureError) -> VerifiedIdentity {
      try SignatureVerifier(services: services).verify(
        vector.request, bodyDigest: { BodyHash.of(Array(vector.body.utf8)) },
        keys: KeyRing(BotocoreSample.key), now: Self.now)
    }
    let identity = try verify([vector.service])
    #expect(identity.service == vector.service)
    #expect(identity.region == "eu-west-3")
    #expect(identity.principal == .owner)
    let error = #expect(throws: SignatureError.self) { try verify(["other"]) }
    #expect(error?.reason == .wrongScope)
  }
}

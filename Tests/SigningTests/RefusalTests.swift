import Signing
import Testing

/// What a verifier must not let in, each with its own reason and the code that AWS gives.
struct RefusalTests {
  static let now: Int64 = 1_795_443_900
  static let body = Array(#"{"TrainingJobName":"a"}"#.utf8)
  static let credentials = Credentials(accessKeyId: "AKIDLOCAL", secretAccessKey: "secret/of+ours")

  static func signed(
    service: String = "sagemaker", region: String = "us-east-1", at time: Int64 = now,
    path: String = "/", headers: [(name: String, value: String)] = []
  ) -> RequestHead {
    var request = RequestHead(
      method: "POST", rawPath: path,
      headers: [
        ("Host", "127.0.0.1:8770"), ("Content-Type", "application/x-amz-json-1.1"),
        ("X-Amz-Target", "SageMaker.CreateTrainingJob"),
      ] + headers)
    request.headers += SigV4Signer(credentials: credentials, region: region, service: service)
      .headers(for: request, bodyHash: BodyHash.of(body), now: time)
    return request
  }

  static func verify(
    _ request: RequestHead, body: [UInt8] = body, now: Int64 = now
  ) throws(SignatureError) -> VerifiedIdentity {
    try SignatureVerifier(services: ["sagemaker", "s3", "sts"]).verify(
      request, bodyDigest: { BodyHash.of(body) }, keys: KeyRing(credentials), now: now)
  }

  struct Refusal: Sendable, CustomTestStringConvertible {
    let name: String
    let reason: SignatureError.Reason
    let code: String
    let status: Int
    let request: @Sendable () -> RequestHead

    init(
      _ name: String, _ reason: SignatureError.Reason, _ code: String, _ status: Int,
      _ request: @escaping @Sendable () -> RequestHead
    ) {
      self.name = name
      self.reason = reason
      self.code = code
      self.status = status
      self.request = request
    }

    var testDescription: String { name }
  }

  static func changed(
    _ change: (inout RequestHead) -> Void, service: String = "sagemaker"
  ) -> RequestHead {
    var request = signed(service: service)
    change(&request)
    return request
  }

  static func presigned(service: String = "sagemaker", expires: Int, at time: Int64 = now) -> RequestHead {
    var request = RequestHead(method: "GET", rawPath: "/", headers: [("Host", "127.0.0.1:8770")])
    request.rawQuery = SigV4Signer(credentials: credentials, region: "us-east-1", service: service)
      .presignedQuery(for: request, now: time, expires: expires)
    return request
  }

  static func replaced(_ old: String, _ new: String) -> RequestHead {
    changed { request in
      for index in request.headers.indices where request.headers[index].name == "Authorization" {
        let parts = request.headers[index].value.split(
          separator: old, maxSplits: 1, omittingEmptySubsequences: false)
        request.headers[index].value = parts.joined(separator: new)
      }
    }
  }

  static let incomplete = "IncompleteSignatureException"

  static let refusals: [Refusal] = [
    Refusal("no signature", .missingAuthentication, "MissingAuthenticationTokenException", 403) {
      changed { $0.headers.removeAll { $0.name == "Authorization" } }
    },
    Refusal("repeated Authorization", .repeatedField, incomplete, 400) {
      changed { $0.headers.append($0.headers[$0.headers.count - 1]) }
    },
    Refusal("Authorization and a presigned query", .repeatedField, incomplete, 400) {
      changed { $0.rawQuery = "X-Amz-Signature=00" }
    },
    Refusal("repeated signed header", .repeatedField, incomplete, 400) {
      changed { $0.headers.insert(("x-amz-target", "SageMaker.DeleteTrainingJob"), at: 0) }
    },
    Refusal("repeated date", .repeatedField, incomplete, 400) {
      changed { $0.headers.append(("x-amz-date", "20261123T142500Z")) }
    },
    Refusal("another algorithm", .malformedAuthorization, incomplete, 400) {
      replaced("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1")
    },
    Refusal("short scope", .malformedAuthorization, incomplete, 400) {
      replaced("/aws4_request", "")
    },
    Refusal("wrong end of scope", .malformedAuthorization, incomplete, 400) {
      replaced("aws4_request", "aws5_request")
    },
    Refusal("no signature field", .malformedAuthorization, incomplete, 400) {
      replaced(", Signature=", ", Sign=")
    },
    Refusal("repeated field", .malformedAuthorization, incomplete, 400) {
      replaced("SignedHeaders=", "SignedHeaders=host, SignedHeaders=")
    },
    Refusal("signature in capitals", .malformedAuthorization, incomplete, 400) {
      replaced("Signature=", "Signature=A")
    },
    Refusal("huge header", .malformedAuthorization, incomplete, 400) {
      replaced("Credential=", "Credential=" + String(repeating: "a", count: 5000))
    },
    Refusal("another day in the scope", .wrongScope, incomplete, 400) {
      replaced("/2026", "/2025")
    },
    Refusal("a service that is not offered", .wrongScope, incomplete, 400) {
      replaced("/sagemaker/", "/ec2/")
    },
    Refusal("no date", .missingSignedHeader, incomplete, 400) {
      changed { $0.headers.removeAll { $0.name == "X-Amz-Date" } }
    },
    Refusal("host not signed", .missingSignedHeader, incomplete, 400) {
      replaced(";host", "")
    },
    Refusal("a signed header is gone", .missingSignedHeader, incomplete, 400) {
      changed { $0.headers.removeAll { $0.name == "Content-Type" } }
    },
    Refusal("target not signed", .unsignedHeader, "AccessDeniedException", 403) {
      replaced(";x-amz-target", "")
    },
    Refusal("an added x-amz header", .unsignedHeader, "AccessDeniedException", 403) {
      changed { $0.headers.append(("X-Amz-Meta-A", "b")) }
    },
    Refusal("no such date", .malformedDate, incomplete, 400) {
      changed { request in
        for index in request.headers.indices where request.headers[index].name == "X-Amz-Date" {
          request.headers[index].value = "20261332T142500Z"
        }
      }
    },
    Refusal("old", .outsideTimeWindow, "InvalidSignatureException", 403) {
      signed(at: now - 901)
    },
    Refusal("from the future", .outsideTimeWindow, "InvalidSignatureException", 403) {
      signed(at: now + 901)
    },
    Refusal("old, S3", .outsideTimeWindow, "RequestTimeTooSkewed", 403) {
      signed(service: "s3", at: now - 901)
    },
    Refusal("unknown key", .unknownAccessKey, "UnrecognizedClientException", 403) {
      replaced("AKIDLOCAL", "AKIDOTHER")
    },
    Refusal("unknown key, STS", .unknownAccessKey, "InvalidClientTokenId", 403) {
      var request = signed(service: "sts")
      let last = request.headers.count - 1
      request.headers[last].value = request.headers[last].value
        .split(separator: "AKIDLOCAL").joined(separator: "AKIDOTHER")
      return request
    },
    Refusal("another region", .signatureMismatch, "InvalidSignatureException", 403) {
      replaced("/us-east-1/", "/us-east-2/")
    },
    Refusal("path with dots", .ambiguousPath, incomplete, 400) {
      signed(path: "/a/../b")
    },
    Refusal("repeated parameter", .repeatedField, incomplete, 400) {
      changed { $0.rawQuery = "a=1&b=2&a=1" }
    },
    Refusal("a parameter repeated in another spelling, S3", .repeatedField, "InvalidRequest", 400) {
      changed({ $0.rawQuery = "prefix=1&%70refix=2" }, service: "s3")
    },
    Refusal("presigned for no time", .malformedAuthorization, incomplete, 400) {
      presigned(expires: 0)
    },
    Refusal("presigned for more than a week", .malformedAuthorization, incomplete, 400) {
      presigned(expires: 604_801)
    },
    Refusal("presigned and over", .expired, "RequestExpired", 403) {
      presigned(expires: 60, at: now - 61)
    },
    Refusal("presigned and over, S3", .expired, "AccessDenied", 403) {
      presigned(service: "s3", expires: 60, at: now - 61)
    },
    Refusal("presigned in the future", .outsideTimeWindow, "InvalidSignatureException", 403) {
      presigned(expires: 60, at: now + 901)
    },
    Refusal("presigned, with another header of x-amz", .unsignedHeader, "AccessDenied", 403) {
      var request = presigned(service: "s3", expires: 60)
      request.headers.append(("x-amz-acl", "public-read"))
      return request
    },
    Refusal("presigned, another parameter", .signatureMismatch, "SignatureDoesNotMatch", 403) {
      var request = presigned(service: "s3", expires: 60)
      request.rawQuery += "&versionId=1"
      return request
    },
    Refusal("unsigned body outside S3", .unacceptableBodyHash, incomplete, 400) {
      signed(headers: [("X-Amz-Content-Sha256", BodyHash.unsignedPayload)])
    },
    Refusal("S3 without a body hash", .unacceptableBodyHash, "InvalidRequest", 400) {
      var request = signed(service: "s3")
      request.headers.removeAll { $0.name == "X-Amz-Content-Sha256" }
      request.headers[request.headers.count - 1].value = request.headers[request.headers.count - 1]
        .value.split(separator: "x-amz-content-sha256;").joined()
      return request
    },
  ]

  @Test(arguments: refusals)
  func `a request is refused for its own reason with AWS's code`(_ refusal: Refusal) {
    let error = #expect(throws: SignatureError.self) { try Self.verify(refusal.request()) }
    #expect(error?.reason == refusal.reason)
    #expect(error?.code == refusal.code)
    #expect(error?.httpStatus == refusal.status)
  }

  @Test(arguments: [-900, 0, 900])
  func `a clock may be off by fifteen minutes`(_ seconds: Int64) throws {
    let identity = try Self.verify(Self.signed(at: Self.now + seconds))
    #expect(identity.accessKeyId == "AKIDLOCAL")
  }

  @Test func `a body that was not signed is refused`() {
    let error = #expect(throws: SignatureError.self) {
      try Self.verify(Self.signed(), body: Array("{}".utf8))
    }
    #expect(error?.reason == .signatureMismatch)
    let storage = #expect(throws: SignatureError.self) {
      try Self.verify(Self.signed(service: "s3"), body: Array("{}".utf8))
    }
    #expect(storage?.reason == .bodyMismatch)
    #expect(storage?.code == "XAmzContentSHA256Mismatch")
  }

  @Test func `S3 takes a body that is not covered when the signature says so`() throws {
    let request = Self.signed(
      service: "s3", headers: [("X-Amz-Content-Sha256", BodyHash.unsignedPayload)])
    #expect(throws: SignatureError.self) { try Self.verify(request) }

    var honest = RequestHead(
      method: "PUT", rawPath: "/b/k", headers: [("Host", "127.0.0.1:8770")])
    honest.headers += SigV4Signer(
      credentials: Self.credentials, region: "us-east-1", service: "s3"
    ).headers(for: honest, bodyHash: BodyHash.unsignedPayload, now: Self.now)
    #expect(try Self.verify(honest, body: [1, 2, 3]).service == "s3")
  }

  @Test func `the owner's process is let in by its user id and nobody else`() throws {
    let identity = try PeerVerifier.verify(peerUID: 1000, ownerUID: 1000, region: "us-east-1")
    #expect(identity.accessKeyId == "uid:1000")
    #expect(identity.service == "sagemaker")
    for uid: UInt32 in [0, 1001] {
      let error = #expect(throws: SignatureError.self) {
        try PeerVerifier.verify(peerUID: uid, ownerUID: 1000, region: "us-east-1")
      }
      #expect(error?.reason == .foreignPeer)
      #expect(error?.code == "AccessDeniedException")
    }
  }

  @Test func `printing credentials does not show the secret`() {
    var dumped = ""
    dump(Self.credentials, to: &dumped)
    for text in ["\(Self.credentials)", String(reflecting: Self.credentials), dumped] {
      #expect(!text.contains("secret/of+ours"))
    }
  }
}

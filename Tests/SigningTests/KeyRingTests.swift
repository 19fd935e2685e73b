import Testing

@testable import Signing

/// Keys of sessions: made from the daemon's own, stored nowhere.
struct KeyRingTests {
  static let own = Credentials(accessKeyId: "AKIDLOCAL", secretAccessKey: "secret/of+ours")
  static let now: Int64 = 1_795_443_900
  static let role = Principal.role(name: "Scribe", session: "an afternoon's work")

  static func request(_ credentials: Credentials, service: String) -> RequestHead {
    var request = RequestHead(method: "POST", rawPath: "/", headers: [("Host", "127.0.0.1:8770")])
    request.headers += SigV4Signer(credentials: credentials, region: "us-east-1", service: service)
      .headers(for: request, bodyHash: BodyHash.empty, now: now)
    return request
  }

  static func verify(
    _ request: RequestHead, keys: KeyRing = KeyRing(own), now: Int64 = now
  ) throws(SignatureError) -> VerifiedIdentity {
    try SignatureVerifier(services: ["s3", "sts", "sagemaker"]).verify(
      request, bodyDigest: { BodyHash.empty }, keys: keys, now: now)
  }

  @Test(arguments: [Principal.owner, role])
  func `a session's keys open the daemon, after a restart too, and tell for whom`(_ principal: Principal) throws {
    let session = KeyRing(Self.own).makeSession(of: principal, until: Self.now + 900)
    #expect(session.accessKeyId.utf8.count == 20)
    #expect(session.accessKeyId.hasPrefix("ASIA"))
    #expect(session.secretAccessKey.utf8.count == 40)
    let identity = try Self.verify(Self.request(session, service: "s3"))
    #expect(identity.principal == principal)
    #expect(identity.accessKeyId == session.accessKeyId)
  }

  @Test func `each session has keys of its own`() {
    let keys = KeyRing(Self.own)
    let sessions = (0..<50).map { _ in keys.makeSession(of: .owner, until: Self.now) }
    #expect(Set(sessions.map(\.accessKeyId)).count == 50)
    #expect(Set(sessions.map(\.secretAccessKey)).count == 50)
  }

  @Test func `a presigned address of a session carries its token and dies with it`() throws {
    let session = KeyRing(Self.own).makeSession(of: Self.role, until: Self.now + 900)
    var request = RequestHead(method: "GET", rawPath: "/b/k", headers: [("Host", "127.0.0.1:8770")])
    request.rawQuery = SigV4Signer(credentials: session, region: "us-east-1", service: "s3")
      .presignedQuery(for: request, now: Self.now, expires: 3600)
    #expect(try Self.verify(request, now: Self.now + 899).principal == Self.role)
    let error = #expect(throws: SignatureError.self) { try Self.verify(request, now: Self.now + 900) }
    #expect(error?.reason == .expiredToken)
  }

  @Test(arguments: [
    ("s3", "ExpiredToken", 400), ("sts", "ExpiredToken", 403), ("sagemaker", "ExpiredTokenException", 403),
  ])
  func `a session that is over is refused`(_ service: String, _ code: String, _ status: Int) {
    let session = KeyRing(Self.own).makeSession(of: .owner, until: Self.now)
    let error = #expect(throws: SignatureError.self) { try Self.verify(Self.request(session, service: service)) }
    #expect(error?.reason == .expiredToken)
    #expect(error?.code == code)
    #expect(error?.httpStatus == status)
  }

  @Test(arguments: [
    ("s3", "InvalidToken", 400), ("sts", "InvalidClientTokenId", 403),
    ("sagemaker", "UnrecognizedClientException", 403),
  ])
  func `a token that is missing, altered or another's is refused`(_ service: String, _ code: String, _ status: Int) {
    let keys = KeyRing(Self.own)
    let session = keys.makeSession(of: Self.role, until: Self.now + 900)
    let token = session.sessionToken ?? ""
    let altered = (token.hasPrefix("01") ? "02" : "01") + token.dropFirst(2)
    let extended = token.replacing("\(token.dropFirst(2).prefix(16))", with: "7fffffffffffffff", maxReplacements: 1)
    let other = keys.makeSession(of: .owner, until: Self.now + 900).sessionToken
    let tooLong = String(repeating: "00", count: 5000)
    for wrong in [nil, altered, extended, other, "", "x", String(token.dropLast(2)), tooLong] {
      let forged = Credentials(
        accessKeyId: session.accessKeyId, secretAccessKey: session.secretAccessKey, sessionToken: wrong)
      let error = #expect(throws: SignatureError.self) { try Self.verify(Self.request(forged, service: service)) }
      #expect(error?.reason == .invalidToken)
      #expect(error?.code == code)
      #expect(error?.httpStatus == status)
    }
  }

  @Test func `a session of another secret is unknown, and the own key has no token`() {
    let foreign = KeyRing(Credentials(accessKeyId: "AKIDLOCAL", secretAccessKey: "another")).makeSession(
      of: .owner, until: Self.now + 900)
    let unknown = #expect(throws: SignatureError.self) { try Self.verify(Self.request(foreign, service: "s3")) }
    #expect(unknown?.reason == .unknownAccessKey)
    #expect(unknown?.code == "InvalidAccessKeyId")
    let left = Credentials(
      accessKeyId: Self.own.accessKeyId, secretAccessKey: Self.own.secretAccessKey, sessionToken: "left over")
    let error = #expect(throws: SignatureError.self) { try Self.verify(Self.request(left, service: "s3")) }
    #expect(error?.reason == .invalidToken)
    #expect(error?.message.contains("AWS_SESSION_TOKEN") == true)
  }

  @Test func `a secret that does not belong to the token is of no use`() {
    let session = KeyRing(Self.own).makeSession(of: .owner, until: Self.now + 900)
    let wrong = Credentials(
      accessKeyId: session.accessKeyId, secretAccessKey: Self.own.secretAccessKey, sessionToken: session.sessionToken)
    let error = #expect(throws: SignatureError.self) { try Self.verify(Self.request(wrong, service: "s3")) }
    #expect(error?.reason == .signatureMismatch)
  }

  @Test func `the ring knows the keys that it made by their ids`() {
    let keys = KeyRing(Self.own)
    #expect(keys.hasMade("AKIDLOCAL"))
    for _ in 0..<50 { #expect(keys.hasMade(keys.makeSession(of: .owner, until: 0).accessKeyId)) }
    for other in ["", "ASIA", "AKIDOTHER", "ASIAAAAAAAAAAAAAAAAA", "ASIA0000000000000000", "ASIAé"] {
      #expect(!keys.hasMade(other))
    }
  }

  @Test func `derived keys are kept for those who proved theirs, and never more than the bound`() throws {
    let keys = KeyRing(Self.own)
    _ = #expect(throws: SignatureError.self) {
      var request = Self.request(Self.own, service: "s3")
      request.rawPath = "/altered"
      _ = try Self.verify(request, keys: keys)
    }
    #expect(keys.derivedKeyCount == 0)
    _ = try Self.verify(Self.request(Self.own, service: "s3"), keys: keys)
    _ = try Self.verify(Self.request(Self.own, service: "s3"), keys: keys)
    _ = try Self.verify(Self.request(Self.own, service: "sts"), keys: keys)
    #expect(keys.derivedKeyCount == 2)
    for _ in 0..<KeyRing.mostDerivedKeys + 10 {
      let session = keys.makeSession(of: .owner, until: Self.now + 900)
      _ = try Self.verify(Self.request(session, service: "s3"), keys: keys)
      #expect(keys.derivedKeyCount <= KeyRing.mostDerivedKeys)
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `many threads may ask the ring at once`() async throws {
    let keys = KeyRing(Self.own)
    let sessions = (0..<8).map { _ in keys.makeSession(of: Self.role, until: Self.now + 900) }
    try await withThrowingTaskGroup { group in
      for number in 0..<64 {
        group.addTask {
          let identity = try Self.verify(Self.request(sessions[number % 8], service: "s3"), keys: keys)
          #expect(identity.accessKeyId == sessions[number % 8].accessKeyId)
        }
      }
      try await group.waitForAll()
    }
    #expect(keys.derivedKeyCount == 8)
  }
}

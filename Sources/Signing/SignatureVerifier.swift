/// Proves that a request comes, unaltered and just now, from somebody who holds a key of ours.
public struct SignatureVerifier: Sendable {
  /// How far a client's clock may be off, in seconds either way.
  public static let clockTolerance: Int64 = 15 * 60

  /// The services that may stand in a credential scope.
  public let services: Set<String>
  /// The region of requests that name none: presigned ones of version 2.
  public let defaultRegion: String

  public init(services: Set<String>, defaultRegion: String = "us-east-1") {
    self.services = services
    self.defaultRegion = defaultRegion
  }

  /// Lets a request in whose whole body is here, or says why not.
  ///
  /// - Parameters:
  ///   - bodyDigest: the SHA-256 of the whole body as it came, in lower-case hexadecimal digits (`BodyHash.of`). Asked
  ///     for only once the key is known, so that strangers cost no hashing.
  ///   - now: seconds since 1970.
  public func verify(
    _ request: RequestHead, bodyDigest: () -> String, keys: KeyRing, now: Int64
  ) throws(SignatureError) -> VerifiedIdentity {
    var computed: String?
    func digest() -> String {
      let text = computed ?? bodyDigest()
      computed = text
      return text
    }
    let admitted = try admit(request, keys: keys, now: now, unclaimedDigest: { digest() })
    switch admitted.body {
    case .unsigned: break
    case .digest(let claimed):
      guard Self.areEqualInConstantTime(claimed, digest()) else {
        throw SignatureError(
          .bodyMismatch, "The provided x-amz-content-sha256 does not match the body.", service: admitted.service)
      }
    case .chunked:
      throw SignatureError(
        .unacceptableBodyHash, "A body in chunks (aws-chunked) cannot be taken here: send it as it is.",
        service: admitted.service)
    }
    return admitted.identity
  }

  /// Lets a request in whose body is still to come, or says why not. What the body must be is in the answer.
  ///
  /// - Parameter now: seconds since 1970.
  public func admit(
    _ request: RequestHead, keys: KeyRing, now: Int64
  ) throws(SignatureError) -> AdmittedRequest {
    try admit(request, keys: keys, now: now, unclaimedDigest: { nil })
  }

  /// - Parameter unclaimedDigest: the digest of the body for requests that do not say it themselves; gives nil when the
  ///   body is not here yet.
  private func admit(
    _ request: RequestHead, keys: KeyRing, now: Int64, unclaimedDigest: () -> String?
  ) throws(SignatureError) -> AdmittedRequest {
    if PresignedV2.isPresent(in: request) { return try admit(PresignedV2(request), of: request, keys: keys, now: now) }
    let presented = try PresentedSignature(request)
    let (scope, service) = (presented.scope, presented.scope.service)
    try RequestRules(request, service: service).check(presented, offered: services, now: now)
    let holder = try keys.holder(of: presented.accessKeyId, token: presented.token, service: service, now: now)
    let hash = try BodyClaim.hash(of: request, presented) ?? unclaimedDigest()
    guard let hash else { throw BodyClaim.missing(service: service) }
    let canonical = CanonicalRequest(
      request, service: service, signedHeaders: presented.signedHeaders, bodyHash: hash)
    let key = keys.signingKey(of: holder, scope: scope)
    let expected = key.signature(of: canonical.stringToSign(at: presented.time, scope: scope))
    guard Self.areEqualInConstantTime(expected, presented.signature) else { throw Self.mismatch(service: service) }
    keys.remember(key, of: holder, scope: scope)
    return AdmittedRequest(
      identity: VerifiedIdentity(
        accessKeyId: holder.accessKeyId, principal: holder.principal, region: scope.region, service: service),
      body: try BodyClaim.body(hash, of: request, presented, key: key))
  }

  private func admit(
    _ presented: PresignedV2, of request: RequestHead, keys: KeyRing, now: Int64
  ) throws(SignatureError) -> AdmittedRequest {
    let rules = RequestRules(request, service: "s3")
    try rules.checkOffer(services)
    try rules.checkQuery()
    guard now <= presented.expiry else {
      throw SignatureError(
        .expired, "Request has expired: it was good until \(SigningTime(seconds: presented.expiry).text).",
        service: "s3")
    }
    let holder = try keys.holder(of: presented.accessKeyId, token: presented.token, service: "s3", now: now)
    guard presented.isMade(with: holder.secret) else { throw Self.mismatch(service: "s3") }
    return AdmittedRequest(
      identity: VerifiedIdentity(
        accessKeyId: holder.accessKeyId, principal: holder.principal, region: defaultRegion, service: "s3"),
      body: .unsigned)
  }

  private static func mismatch(service: String) -> SignatureError {
    SignatureError(
      .signatureMismatch,
      "The signature does not match the request. Check the secret key, and that nothing between "
        + "client and daemon changes path, query, headers or body.", service: service)
  }

  /// Compares without telling by its time where the first difference is.
  static func areEqualInConstantTime(_ left: String, _ right: String) -> Bool {
    let left = Array(left.utf8)
    let right = Array(right.utf8)
    guard left.count == right.count else { return false }
    return zip(left, right).reduce(into: 0 as UInt8) { $0 |= $1.0 ^ $1.1 } == 0
  }
}

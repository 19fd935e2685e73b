/// Proves that a request comes, unaltered and just now, from somebody who holds a key of ours.
public struct SignatureVerifier: Sendable {
  /// How far a client's clock may be off, in seconds either way.
  public static let clockTolerance: Int64 = 15 * 60

  /// The services that may stand in a credential scope.
  public let services: Set<String>

  public init(services: Set<String>) { self.services = services }

  /// Lets a request in, or says why not.
  ///
  /// - Parameters:
  ///   - bodyDigest: the SHA-256 of the whole body as it came, in lower-case hexadecimal digits (`BodyHash.of`). Asked
  ///     for only once the key is known, so that strangers cost no hashing.
  ///   - keyLookup: the secret of an access key; nil when there is no such key.
  ///   - now: seconds since 1970.
  public func verify(
    _ request: RequestHead, bodyDigest: () -> String, keyLookup: (String) -> String?, now: Int64
  ) throws(SignatureError) -> VerifiedIdentity {
    let presented = try PresentedSignature(request)
    let service = presented.scope.service
    guard services.contains(service) else {
      throw SignatureError(
        .wrongScope,
        "The service \(service) is not offered here; there are: "
          + services.sorted().joined(separator: ", ") + ".", service: service)
    }
    try checkHeaders(of: request, presented)
    try checkTime(presented, now: now)
    // Signatures are made over the path's normal form. Were other forms let in, the path that was signed and the one
    // that is routed could differ. S3 keys are opaque and are signed as they are.
    guard service == "s3" || request.rawPath == CanonicalRequest.withoutDotSegments(request.rawPath)
    else {
      throw SignatureError(
        .ambiguousPath, "The path must have no empty, `.` or `..` segments.", service: service)
    }
    guard let secret = keyLookup(presented.accessKeyId) else {
      throw SignatureError(
        .unknownAccessKey,
        "There is no access key \(presented.accessKeyId). `htrctl env` prints the daemon's own.",
        service: service)
    }
    let canonical = CanonicalRequest(
      request, service: service, signedHeaders: presented.signedHeaders,
      bodyHash: try bodyHash(of: request, presented, digest: bodyDigest))
    let text = canonical.stringToSign(at: presented.time, scope: presented.scope)
    let expected = presented.scope.signature(of: text, secret: secret)
    guard Self.areEqualInConstantTime(expected, presented.signature) else {
      throw SignatureError(
        .signatureMismatch,
        "The signature does not match the request. Check the secret key, and that nothing between "
          + "client and daemon changes path, query, headers or body.", service: service)
    }
    return VerifiedIdentity(
      accessKeyId: presented.accessKeyId, region: presented.scope.region, service: service)
  }

  private func checkHeaders(
    of request: RequestHead, _ presented: PresentedSignature
  ) throws(SignatureError) {
    let service = presented.scope.service
    let counts = Dictionary(request.headers.map { ($0.name.lowercased(), 1) }, uniquingKeysWith: +)
    for name in presented.signedHeaders {
      switch counts[name] ?? 0 {
      case 1: continue
      case 0:
        throw SignatureError(
          .missingSignedHeader, "The signature covers the header \(name), which is not there.",
          service: service)
      default:
        throw SignatureError(
          .repeatedField, "The signed header \(name) is there more than once.", service: service)
      }
    }
    let signed = Set(presented.signedHeaders)
    for name in presented.expires == nil ? ["host", "x-amz-date"] : ["host"]
    where !signed.contains(name) {
      throw SignatureError(
        .missingSignedHeader, "The signature must cover the header \(name).", service: service)
    }
    if let name = counts.keys.filter({ $0.hasPrefix("x-amz-") && !signed.contains($0) }).min() {
      throw SignatureError(
        .unsignedHeader, "The header \(name) is there, but the signature does not cover it.",
        service: service)
    }
  }

  private func checkTime(_ presented: PresentedSignature, now: Int64) throws(SignatureError) {
    let age = now - presented.time.seconds
    let isTooOld = presented.expires == nil && age > Self.clockTolerance
    guard !isTooOld, age >= -Self.clockTolerance else {
      throw SignatureError(
        .outsideTimeWindow,
        "Signature expired: \(presented.time.text) is over 15 minutes from now, "
          + "\(SigningTime(seconds: now).text). Set the client's clock.",
        service: presented.scope.service)
    }
    if let expires = presented.expires, age > expires {
      throw SignatureError(
        .expired, "Request has expired: it was good for \(expires) s from \(presented.time.text).",
        service: presented.scope.service)
    }
  }

  /// The canonical request's last line, once the body was found to fit what the client says of it.
  private func bodyHash(
    of request: RequestHead, _ presented: PresentedSignature, digest: () -> String
  ) throws(SignatureError) -> String {
    let service = presented.scope.service
    guard let claimed = request.values(of: "x-amz-content-sha256").first else {
      guard service == "s3" else { return digest() }
      guard presented.expires == nil else { return BodyHash.unsignedPayload }
      throw SignatureError(
        .unacceptableBodyHash, "Missing required header for this request: x-amz-content-sha256",
        service: service)
    }
    if claimed == BodyHash.unsignedPayload, service == "s3" { return claimed }
    guard BodyHash.isDigest(claimed) else {
      throw SignatureError(
        .unacceptableBodyHash, "x-amz-content-sha256 must be the SHA-256 of the body.",
        service: service)
    }
    guard Self.areEqualInConstantTime(claimed, digest()) else {
      throw SignatureError(
        .bodyMismatch, "The provided x-amz-content-sha256 does not match the body.",
        service: service)
    }
    return claimed
  }

  /// Compares without telling by its time where the first difference is.
  static func areEqualInConstantTime(_ left: String, _ right: String) -> Bool {
    let left = Array(left.utf8)
    let right = Array(right.utf8)
    guard left.count == right.count else { return false }
    return zip(left, right).reduce(into: 0 as UInt8) { $0 |= $1.0 ^ $1.1 } == 0
  }
}

/// Signs requests with AWS Signature Version 4, as every AWS client does.
public struct SigV4Signer: Sendable {
  public let credentials: Credentials
  public let region: String
  public let service: String

  public init(credentials: Credentials, region: String, service: String) {
    self.credentials = credentials
    self.region = region
    self.service = service
  }

  /// The headers to add to a request: `X-Amz-Date`, `Authorization`, for S3 `X-Amz-Content-Sha256` and for a session
  /// `X-Amz-Security-Token`.
  ///
  /// Signs every header that the request has, so it must carry `Host` and nothing that is changed on its way.
  /// - Parameter now: seconds since 1970.
  public func headers(
    for request: RequestHead, bodyHash: String, now: Int64
  ) -> [(name: String, value: String)] {
    let time = SigningTime(seconds: now)
    var added = [(name: "X-Amz-Date", value: time.text)]
    if service == "s3", request.values(of: "x-amz-content-sha256").isEmpty {
      added.append((name: "X-Amz-Content-Sha256", value: bodyHash))
    }
    if let token = credentials.sessionToken { added.append((name: "X-Amz-Security-Token", value: token)) }
    var request = request
    request.headers += added
    let signed = Self.names(request.headers)
    let scope = CredentialScope(date: time.date, region: region, service: service)
    let canonical = CanonicalRequest(
      request, service: service, signedHeaders: signed, bodyHash: bodyHash)
    let signature = SigningKey(secret: credentials.secretAccessKey, scope: scope)
      .signature(of: canonical.stringToSign(at: time, scope: scope))
    let authorization =
      "\(CanonicalRequest.algorithm) Credential=\(credentials.accessKeyId)/\(scope.text), "
      + "SignedHeaders=\(signed.joined(separator: ";")), Signature=\(signature)"
    return added + [(name: "Authorization", value: authorization)]
  }

  /// The query that lets anybody make this request until it expires, its own parameters included.
  ///
  /// - Parameters:
  ///   - now: seconds since 1970.
  ///   - expires: seconds from now for which the address is good, at most a week.
  public func presignedQuery(
    for request: RequestHead, bodyHash: String = BodyHash.unsignedPayload, now: Int64,
    expires: Int
  ) -> String {
    let time = SigningTime(seconds: now)
    let signed = Self.names(request.headers)
    let scope = CredentialScope(date: time.date, region: region, service: service)
    let token = credentials.sessionToken.map { [("Security-Token", $0)] } ?? []
    let parameters =
      ([
        ("Algorithm", CanonicalRequest.algorithm),
        ("Credential", "\(credentials.accessKeyId)/\(scope.text)"), ("Date", time.text),
        ("Expires", String(expires)), ("SignedHeaders", signed.joined(separator: ";")),
      ] + token).map { name, value in "X-Amz-\(name)=\(CanonicalRequest.escaped(value) { _ in false })" }
    var request = request
    let own = request.rawQuery.isEmpty ? [] : [request.rawQuery]
    request.rawQuery = (own + parameters).joined(separator: "&")
    let canonical = CanonicalRequest(
      request, service: service, signedHeaders: signed, bodyHash: bodyHash)
    let signature = SigningKey(secret: credentials.secretAccessKey, scope: scope)
      .signature(of: canonical.stringToSign(at: time, scope: scope))
    return "\(request.rawQuery)&X-Amz-Signature=\(signature)"
  }

  private static func names(_ headers: [(name: String, value: String)]) -> [String] {
    Set(headers.map { $0.name.lowercased() }).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}

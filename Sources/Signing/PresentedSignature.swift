/// The signature that a request brings along, read but not believed.
struct PresentedSignature {
  let accessKeyId: String
  let scope: CredentialScope
  let signedHeaders: [String]
  let signature: String
  let time: SigningTime
  /// Seconds for which a presigned address is good; nil when the signature came as a header.
  let expires: Int64?
  /// What proves that the key is a session's; nil for keys that last.
  let token: String?

  init(_ request: RequestHead) throws(SignatureError) {
    let authorizations = request.values(of: "authorization")
    let isPresigned = request.queryPairs.contains { $0.name.lowercased() == "x-amz-signature" }
    guard authorizations.count <= 1, !(isPresigned && !authorizations.isEmpty) else {
      throw SignatureError(.repeatedField, "Only one authorization may be given, in one place.")
    }
    if isPresigned {
      try self.init(presigned: request)
    } else if let authorization = authorizations.first {
      try self.init(authorization: authorization, of: request)
    } else {
      throw SignatureError(
        .missingAuthentication,
        "The request has no signature. `htrctl env` prints the keys that a client needs.")
    }
  }

  private init(authorization: String, of request: RequestHead) throws(SignatureError) {
    guard authorization.utf8.count <= 4096 else {
      throw SignatureError(.malformedAuthorization, "The Authorization header is over 4096 bytes.")
    }
    let words = authorization.split(separator: " ", maxSplits: 1)
    guard words.count == 2, words[0] == CanonicalRequest.algorithm else {
      throw SignatureError(
        .malformedAuthorization, "Authorization must begin with \(CanonicalRequest.algorithm).")
    }
    var fields: [String: String] = [:]
    for field in words[1].split(separator: ",") {
      let parts = field.drop { $0 == " " }.split(
        separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, fields.updateValue(String(parts[1]), forKey: String(parts[0])) == nil
      else {
        throw SignatureError(
          .malformedAuthorization, "Authorization has a field that is repeated or has no value.")
      }
    }
    guard fields.count == 3, let credential = fields["Credential"],
      let signedHeaders = fields["SignedHeaders"], let signature = fields["Signature"]
    else {
      throw SignatureError(
        .malformedAuthorization,
        "Authorization must have Credential, SignedHeaders and Signature, and nothing else.")
    }
    let dates = request.values(of: "x-amz-date")
    guard dates.count <= 1 else {
      throw SignatureError(.repeatedField, "The header x-amz-date is there \(dates.count) times.")
    }
    guard let date = dates.first else {
      throw SignatureError(.missingSignedHeader, "The request has no x-amz-date header.")
    }
    let tokens = request.values(of: "x-amz-security-token")
    guard tokens.count <= 1 else {
      throw SignatureError(.repeatedField, "The header x-amz-security-token is there \(tokens.count) times.")
    }
    try self.init(
      credential: credential, signedHeaders: signedHeaders, signature: signature, date: date,
      expires: nil, token: tokens.first)
  }

  private init(presigned request: RequestHead) throws(SignatureError) {
    var fields: [String: String] = [:]
    for (name, value) in request.queryPairs where name.lowercased().hasPrefix("x-amz-") {
      guard fields.updateValue(PercentEscapes.undone(in: value), forKey: String(name)) == nil else {
        throw SignatureError(.repeatedField, "The parameter \(name) is there more than once.")
      }
    }
    guard fields["X-Amz-Algorithm"] == CanonicalRequest.algorithm,
      let credential = fields["X-Amz-Credential"], let date = fields["X-Amz-Date"],
      let signedHeaders = fields["X-Amz-SignedHeaders"], let signature = fields["X-Amz-Signature"],
      let expires = fields["X-Amz-Expires"].flatMap(Int64.init), (1...604_800).contains(expires)
    else {
      throw SignatureError(
        .malformedAuthorization,
        "A presigned request needs X-Amz-Algorithm \(CanonicalRequest.algorithm), X-Amz-Credential, "
          + "X-Amz-Date, X-Amz-Expires (1 to 604800), X-Amz-SignedHeaders and X-Amz-Signature.")
    }
    guard request.values(of: "x-amz-security-token").isEmpty else {
      throw SignatureError(
        .repeatedField, "The session token of a presigned request stands in its query, not in a header.")
    }
    try self.init(
      credential: credential, signedHeaders: signedHeaders, signature: signature, date: date,
      expires: expires, token: fields["X-Amz-Security-Token"])
  }

  private init(
    credential: String, signedHeaders: String, signature: String, date: String, expires: Int64?,
    token: String?
  ) throws(SignatureError) {
    guard let (accessKeyId, scope) = CredentialScope.parse(credential) else {
      throw SignatureError(
        .malformedAuthorization,
        "The credential must be KEY/DATE/REGION/SERVICE/\(CredentialScope.terminator).")
    }
    guard let time = SigningTime(date) else {
      throw SignatureError(
        .malformedDate, "The date must be like 20261123T142500Z.", service: scope.service)
    }
    guard time.date == scope.date else {
      throw SignatureError(
        .wrongScope, "The credential is for \(scope.date), the request is of \(time.date).",
        service: scope.service)
    }
    let names = signedHeaders.split(separator: ";", omittingEmptySubsequences: false)
    guard names.count <= 100, zip(names, names.dropFirst()).allSatisfy({ $0 < $1 }),
      names.allSatisfy({ !$0.isEmpty && $0 == $0.lowercased() })
    else {
      throw SignatureError(
        .malformedAuthorization, "SignedHeaders must be sorted lower-case names, each once.",
        service: scope.service)
    }
    guard BodyHash.isDigest(signature) else {
      throw SignatureError(
        .malformedAuthorization, "The signature must be 64 lower-case hexadecimal digits.",
        service: scope.service)
    }
    self.accessKeyId = accessKeyId
    self.scope = scope
    self.signedHeaders = names.map(String.init)
    self.signature = signature
    self.time = time
    self.expires = expires
    self.token = token
  }
}

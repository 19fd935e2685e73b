/// What must be so of a request before its signature is worth looking at.
struct RequestRules {
  private let request: RequestHead
  private let service: String

  init(_ request: RequestHead, service: String) {
    self.request = request
    self.service = service
  }

  func check(
    _ presented: PresentedSignature, offered: Set<String>, now: Int64
  ) throws(SignatureError) {
    try checkOffer(offered)
    try checkQuery()
    try checkHeaders(presented)
    try checkTime(presented, now: now)
    // Signatures are made over the path's normal form. Were other forms let in, the path that was signed and the one
    // that is routed could differ. S3 keys are opaque and are signed as they are.
    guard service == "s3" || request.rawPath == CanonicalRequest.withoutDotSegments(request.rawPath) else {
      throw fault(.ambiguousPath, "The path must have no empty, `.` or `..` segments.")
    }
  }

  func checkOffer(_ offered: Set<String>) throws(SignatureError) {
    guard offered.contains(service) else {
      throw fault(
        .wrongScope,
        "The service \(service) is not offered here; there are: \(offered.sorted().joined(separator: ", ")).")
    }
  }

  /// No parameter may be there twice, in whatever spelling: two readers could take different ones of them.
  func checkQuery() throws(SignatureError) {
    var names: Set<[UInt8]> = []
    for (name, _) in request.queryPairs where !names.insert(PercentEscapes.bytes(name)).inserted {
      throw fault(.repeatedField, "The parameter \(name.prefix(100)) is there more than once.")
    }
  }

  private func checkHeaders(_ presented: PresentedSignature) throws(SignatureError) {
    let counts = Dictionary(request.headers.map { ($0.name.lowercased(), 1) }, uniquingKeysWith: +)
    for name in presented.signedHeaders {
      switch counts[name] ?? 0 {
      case 1: continue
      case 0: throw fault(.missingSignedHeader, "The signature covers the header \(name), which is not there.")
      default: throw fault(.repeatedField, "The signed header \(name) is there more than once.")
      }
    }
    let signed = Set(presented.signedHeaders)
    for name in presented.expires == nil ? ["host", "x-amz-date"] : ["host"] where !signed.contains(name) {
      throw fault(.missingSignedHeader, "The signature must cover the header \(name).")
    }
    if let name = counts.keys.filter({ $0.hasPrefix("x-amz-") && !signed.contains($0) }).min() {
      throw fault(.unsignedHeader, "The header \(name) is there, but the signature does not cover it.")
    }
  }

  private func checkTime(_ presented: PresentedSignature, now: Int64) throws(SignatureError) {
    let age = now - presented.time.seconds
    let isTooOld = presented.expires == nil && age > SignatureVerifier.clockTolerance
    guard !isTooOld, age >= -SignatureVerifier.clockTolerance else {
      throw fault(
        .outsideTimeWindow,
        "Signature expired: \(presented.time.text) is over 15 minutes from now, "
          + "\(SigningTime(seconds: now).text). Set the client's clock.")
    }
    if let expires = presented.expires, age > expires {
      throw fault(.expired, "Request has expired: it was good for \(expires) s from \(presented.time.text).")
    }
  }

  private func fault(_ reason: SignatureError.Reason, _ message: String) -> SignatureError {
    SignatureError(reason, message, service: service)
  }
}

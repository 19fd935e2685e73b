import Crypto
import HostKit

/// The signature of an address that was signed the old way (`AWSAccessKeyId`, `Expires`, `Signature`), which boto3 and the
/// `aws` command still take for S3 unless told otherwise.
///
/// It covers method, path, the parameters that name a sub-resource or alter the answer's headers, Content-MD5, Content-Type
/// and every x-amz- header, and not the host, the body or other parameters: that is how it was defined.
struct PresignedV2 {
  let accessKeyId: String
  let token: String?
  /// Seconds since 1970 from which on the address is good for nothing.
  let expiry: Int64
  private let signature: String
  private let stringToSign: String

  /// Whether a request is signed so.
  static func isPresent(in request: RequestHead) -> Bool {
    request.queryPairs.contains { $0.name == "AWSAccessKeyId" }
  }

  init(_ request: RequestHead) throws(SignatureError) {
    guard request.values(of: "authorization").isEmpty, request.parameter("X-Amz-Signature") == nil else {
      throw SignatureError(.repeatedField, "Only one authorization may be given, in one place.", service: "s3")
    }
    guard let key = request.parameter("AWSAccessKeyId"), Characters.isName(key),
      let signature = request.parameter("Signature"), let expires = request.parameter("Expires"),
      expires.utf8.count <= 12, expires.utf8.allSatisfy(Characters.isDigit), let expiry = Int64(expires)
    else {
      throw SignatureError(
        .malformedAuthorization,
        "A presigned request of version 2 needs AWSAccessKeyId, Signature and Expires (seconds since 1970).",
        service: "s3")
    }
    let fields = try Self.fields(of: request)
    accessKeyId = key
    token = fields["x-amz-security-token"]
    self.expiry = expiry
    self.signature = signature
    let own = fields.filter { $0.key.hasPrefix("x-amz-") }.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)" }
    let head = [request.method, fields["content-md5"] ?? "", fields["content-type"] ?? "", expires]
    stringToSign = (head + own + [Self.resource(of: request)]).joined(separator: "\n")
  }

  func isMade(with secret: String) -> Bool {
    let code = HMAC<Insecure.SHA1>.authenticationCode(
      for: Array(stringToSign.utf8), using: SymmetricKey(data: Array(secret.utf8)))
    return SignatureVerifier.areEqualInConstantTime(Base64.text(Array(code)), signature)
  }

  /// The headers that are signed, by their names in lower case. Clients put them into the address too: whoever gets it then
  /// need not know of them.
  private static func fields(of request: RequestHead) throws(SignatureError) -> [String: String] {
    let parameters = request.queryPairs.map { (name: String($0.name), value: PercentEscapes.undone(in: $0.value)) }
    var fields: [String: String] = [:]
    for (name, value) in request.headers + parameters {
      let name = name.lowercased()
      guard name.hasPrefix("x-amz-") || name == "content-md5" || name == "content-type" else { continue }
      let value = CanonicalRequest.trimmed(value)
      guard fields.updateValue(value, forKey: name) ?? value == value else {
        throw SignatureError(
          .repeatedField, "The field \(name.prefix(100)) is there more than once, with different values.", service: "s3"
        )
      }
    }
    return fields
  }

  private static func resource(of request: RequestHead) -> String {
    let pairs = request.rawQuery.split(separator: "&").map {
      $0.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    }
    let signed = pairs.filter { signedParameters.contains(String($0[0])) }
      .sorted { $0[0].utf8.lexicographicallyPrecedes($1[0].utf8) }
      .map { $0.count == 1 ? String($0[0]) : "\($0[0])=\(PercentEscapes.undone(in: $0[1]))" }
    return (request.rawPath.isEmpty ? "/" : request.rawPath)
      + (signed.isEmpty ? "" : "?" + signed.joined(separator: "&"))
  }

  private static let signedParameters: Set<String> = [
    "accelerate", "acl", "analytics", "cors", "defaultObjectAcl", "delete", "inventory", "lifecycle", "location",
    "logging",
    "metrics", "notification", "object-lock", "partNumber", "policy", "replication", "requestPayment",
    "response-cache-control", "response-content-disposition", "response-content-encoding", "response-content-language",
    "response-content-type", "response-expires", "restore", "select", "select-type", "storageClass", "tagging",
    "torrent",
    "uploadId", "uploads", "versionId", "versioning", "versions", "website",
  ]
}

import Crypto

/// A request in the one form that both sides hash.
struct CanonicalRequest {
  static let algorithm = "AWS4-HMAC-SHA256"

  let text: String

  /// - Parameter signedHeaders: names in lower case and byte order, each present in the request.
  init(
    _ request: RequestHead, service: String, signedHeaders: [String], bodyHash: String
  ) {
    let path =
      service == "s3"
      ? Self.encodedOnce(request.rawPath)
      : Self.escaped(Self.withoutDotSegments(request.rawPath)) { $0 == UInt8(ascii: "/") }
    let headers = signedHeaders.map { name in
      "\(name):\(request.values(of: name).map(Self.trimmed).joined(separator: ","))\n"
    }
    text = [
      request.method, path, Self.query(request.queryPairs), headers.joined(),
      signedHeaders.joined(separator: ";"), bodyHash,
    ].joined(separator: "\n")
  }

  func stringToSign(at time: SigningTime, scope: CredentialScope) -> String {
    let hash = hexadecimal(SHA256.hash(data: Array(text.utf8)))
    return "\(Self.algorithm)\n\(time.text)\n\(scope.text)\n\(hash)"
  }

  /// S3 signs the path as it is on the wire: escapes stay, only what should have been escaped is.
  private static func encodedOnce(_ path: String) -> String {
    escaped(path.isEmpty ? "/" : path) { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "%") }
  }

  /// Parameters in byte order, but for a presigned request's signature itself. Escapes stay as they are, and so does
  /// `+`: neither `%20` nor `%2B` may pass for it.
  private static func query(_ pairs: [(name: Substring, value: Substring)]) -> String {
    func encode(_ text: Substring) -> String {
      escaped(String(text)) { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }
    }
    return pairs.filter { $0.name != "X-Amz-Signature" }
      .map { (encode($0.name), encode($0.value)) }
      .sorted { precedes($0.0, $1.0) || $0.0 == $1.0 && precedes($0.1, $1.1) }
      .map { "\($0.0)=\($0.1)" }.joined(separator: "&")
  }

  private static func precedes(_ left: String, _ right: String) -> Bool {
    left.utf8.lexicographicallyPrecedes(right.utf8)
  }

  static func escaped(_ text: String, keeping keeps: (UInt8) -> Bool) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var output: [UInt8] = []
    for byte in text.utf8 {
      if Characters.isUnreserved(byte) || keeps(byte) {
        output.append(byte)
      } else {
        output += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: output, as: UTF8.self)
  }

  /// RFC 3986's normal form: no `.`, `..` or empty segments; a last `/` stays.
  static func withoutDotSegments(_ path: String) -> String {
    var segments: [Substring] = []
    for segment in path.split(separator: "/") where segment != "." {
      if segment == ".." { _ = segments.popLast() } else { segments.append(segment) }
    }
    guard !segments.isEmpty else { return "/" }
    return "/" + segments.joined(separator: "/") + (path.hasSuffix("/") ? "/" : "")
  }

  /// A header's value without outer white space and with inner runs of it as one space.
  static func trimmed(_ value: String) -> String {
    let words = value.utf8.split { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
    return words.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
  }
}

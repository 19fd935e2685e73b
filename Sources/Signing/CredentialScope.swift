import Crypto

/// For which day, region and service a signature is good.
struct CredentialScope: Equatable {
  static let terminator = "aws4_request"

  /// `20261123`
  let date: String
  let region: String
  let service: String

  var text: String { "\(date)/\(region)/\(service)/\(Self.terminator)" }

  init(date: String, region: String, service: String) {
    self.date = date
    self.region = region
    self.service = service
  }

  /// Splits `KEY/DATE/REGION/SERVICE/aws4_request`; nil when a part is missing or no such name.
  static func parse(_ credential: String) -> (accessKeyId: String, scope: CredentialScope)? {
    let parts = credential.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 5, parts[4] == terminator, isName(parts[0]),
      parts[1].utf8.count == 8, parts[1].utf8.allSatisfy(Characters.isDigit), isName(parts[2]),
      isName(parts[3])
    else { return nil }
    return (parts[0], CredentialScope(date: parts[1], region: parts[2], service: parts[3]))
  }

  private static func isName(_ text: String) -> Bool {
    (1...128).contains(text.utf8.count) && text.utf8.allSatisfy(Characters.isUnreserved)
  }

  /// The signature of a text, as lower-case hexadecimal digits.
  func signature(of text: String, secret: String) -> String {
    let day = Self.code(date, key: Array("AWS4\(secret)".utf8))
    let regional = Self.code(region, key: day)
    let signing = Self.code(Self.terminator, key: Self.code(service, key: regional))
    return hexadecimal(Self.code(text, key: signing))
  }

  private static func code(_ text: String, key: [UInt8]) -> [UInt8] {
    Array(
      HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: SymmetricKey(data: key)))
  }
}

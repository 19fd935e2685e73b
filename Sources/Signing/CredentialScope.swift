/// For which day, region and service a signature is good.
struct CredentialScope: Hashable {
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
    guard parts.count == 5, parts[4] == terminator, Characters.isName(parts[0]),
      parts[1].utf8.count == 8, parts[1].utf8.allSatisfy(Characters.isDigit), Characters.isName(parts[2]),
      Characters.isName(parts[3])
    else { return nil }
    return (parts[0], CredentialScope(date: parts[1], region: parts[2], service: parts[3]))
  }
}

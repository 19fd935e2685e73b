/// A role of IAM's, as its ARN tells: `arn:aws:iam::ACCOUNT:role/PATH/NAME`.
public struct RoleReference: Sendable, Equatable {
  public let account: String
  /// Without the path.
  public let name: String

  /// Reads an ARN that keeps `ShapeReader.Rule.roleARN`; nil when no name can be told from it.
  public init?(_ arn: String) {
    guard ShapeReader.Rule.roleARN.holds(arn) else { return nil }
    let parts = arn.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
    let path = parts[5].split(separator: "/", omittingEmptySubsequences: false)
    guard path.count > 1, path[0] == "role", let name = path.last, (1...64).contains(name.utf8.count) else {
      return nil
    }
    account = String(parts[4])
    self.name = String(name)
  }
}

extension ShapeReader.Rule {
  /// Names of users, roles and sessions of roles.
  public static let identityName = Self("[\\w+=,.@-]+") { text in
    text.utf8.allSatisfy { isWord($0) || "+=,.@-".utf8.contains($0) }
  }

  static let accessKeyId = Self("[\\w]*") { $0.utf8.allSatisfy(isWord) }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"): true
    default: false
    }
  }
}

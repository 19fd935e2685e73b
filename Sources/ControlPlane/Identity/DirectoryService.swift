public import JSONKit
public import Signing
public import Wire

/// IAM, as far as clients ask it: roles by name, and the one user.
public struct DirectoryService: Sendable {
  private let account: Account

  public init(account: Account) { self.account = account }

  /// Any role that has a proper name: none opens or shuts anything here, so none has to be made first.
  public func role(_ request: IdentityNameRequest) -> JSON {
    let name = request.name ?? ""
    return [
      "Role": [
        "Path": "/", "RoleName": .string(name), "RoleId": .string(account.roleId(name)),
        "Arn": .string(account.roleARN(name)), "CreateDate": .string(QueryAnswer.text(account.createdAt)),
        "AssumeRolePolicyDocument": .string(trustPolicy), "MaxSessionDuration": 43_200,
      ]
    ]
  }

  public func user(_ request: IdentityNameRequest, for caller: VerifiedIdentity) throws(ServiceError) -> JSON {
    if request.name == nil, case .role = caller.principal {
      throw .validation("Must specify userName when calling with non-User credentials")
    }
    let name = request.name ?? Account.user
    guard name == Account.user else {
      throw ServiceError(
        .noSuchEntity, "The user with name \(name) cannot be found. htr has one user, \(Account.user).")
    }
    return [
      "User": [
        "Path": "/", "UserName": .string(name), "UserId": .string(account.userId), "Arn": .string(account.userARN),
        "CreateDate": .string(QueryAnswer.text(account.createdAt)),
      ]
    ]
  }

  /// Whoever is of the account may take any role on. Percent-encoded, as IAM answers it.
  private var trustPolicy: String {
    let policy: JSON = [
      "Version": "2012-10-17",
      "Statement": [
        ["Effect": "Allow", "Principal": ["AWS": .string(account.rootARN)], "Action": "sts:AssumeRole"]
      ],
    ]
    return policy.bytes.map { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
        String(UnicodeScalar(byte))
      default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
      }
    }.joined()
  }
}

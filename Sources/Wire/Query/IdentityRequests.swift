public import JSONKit

/// AssumeRole: keys of a role's for some time.
public struct AssumeRoleRequest: Sendable {
  public static let defaultSeconds: Int64 = 3600

  public let roleARN: String
  public let sessionName: String
  /// Nil when the caller leaves it to the service.
  public let seconds: Int64?

  public init(members: JSON) throws(ServiceError) {
    var reader = ShapeReader(fromText: true)
    roleARN =
      reader.string(members, "RoleArn", at: "roleArn", required: true, length: 20...2048, rule: .roleARN) ?? ""
    sessionName =
      reader.string(
        members, "RoleSessionName", at: "roleSessionName", required: true, length: 2...64, rule: .identityName) ?? ""
    seconds = reader.integer(members, "DurationSeconds", at: "durationSeconds", in: 900...43_200)
    reader.refuse(
      members,
      [
        "Policy": "keys that it gives out open everything.", "PolicyArns": "keys that it gives out open everything.",
        "Tags": "sessions have no tags.", "TransitiveTagKeys": "sessions have no tags.",
        "SourceIdentity": "sessions have no source identity.", "SerialNumber": "there are no MFA devices.",
        "TokenCode": "there are no MFA devices.", "ProvidedContexts": "sessions have no contexts.",
      ], at: "")
    try reader.finish()
  }
}

/// GetSessionToken: keys of the caller's own for some time.
public struct GetSessionTokenRequest: Sendable {
  public let seconds: Int64

  public init(members: JSON) throws(ServiceError) {
    var reader = ShapeReader(fromText: true)
    seconds = reader.integer(members, "DurationSeconds", at: "durationSeconds", in: 900...129_600) ?? 43_200
    reader.refuse(
      members, ["SerialNumber": "there are no MFA devices.", "TokenCode": "there are no MFA devices."], at: "")
    try reader.finish()
  }
}

/// GetAccessKeyInfo: whose a key is.
public struct GetAccessKeyInfoRequest: Sendable {
  public let accessKeyId: String

  public init(members: JSON) throws(ServiceError) {
    var reader = ShapeReader(fromText: true)
    accessKeyId =
      reader.string(
        members, "AccessKeyId", at: "accessKeyId", required: true, length: 16...128, rule: .accessKeyId) ?? ""
    try reader.finish()
  }
}

/// GetRole and GetUser: somebody by name.
public struct IdentityNameRequest: Sendable {
  /// Nil when the caller asks for itself.
  public let name: String?

  public init(role members: JSON) throws(ServiceError) {
    var reader = ShapeReader(fromText: true)
    name = reader.string(
      members, "RoleName", at: "roleName", required: true, length: 1...64, rule: .identityName)
    try reader.finish()
  }

  public init(user members: JSON) throws(ServiceError) {
    var reader = ShapeReader(fromText: true)
    name = reader.string(members, "UserName", at: "userName", length: 1...128, rule: .identityName)
    try reader.finish()
  }
}

import HostKit
public import JSONKit
public import Signing
public import Wire

/// STS: who a caller is, and keys for some time. Nothing is recorded: a session's keys prove themselves (`KeyRing`).
public struct SecurityTokenService: Sendable {
  /// Longest session of a role that was taken on with another role's keys, in seconds.
  private static let longestChainedSession: Int64 = 3600

  private let account: Account
  private let keys: KeyRing

  public init(account: Account, keys: KeyRing) {
    self.account = account
    self.keys = keys
  }

  public func callerIdentity(of caller: VerifiedIdentity) -> JSON {
    [
      "UserId": .string(account.userId(of: caller.principal)), "Account": .string(account.id),
      "Arn": .string(account.arn(of: caller.principal)),
    ]
  }

  /// Keys of the caller's own that end by themselves.
  /// - Parameter now: seconds since 1970.
  public func sessionToken(
    _ request: GetSessionTokenRequest, for caller: VerifiedIdentity, now: Int64
  ) throws(ServiceError) -> JSON {
    guard !caller.isSession else {
      throw ServiceError(.accessDenied, "Cannot call GetSessionToken with session credentials.")
    }
    let expiry = now + request.seconds
    return ["Credentials": Self.answer(keys.makeSession(of: caller.principal, until: expiry), until: expiry)]
  }

  /// Keys with which the caller is a role. Any role of the account may be taken on by anybody who holds a key of it.
  /// - Parameter now: seconds since 1970.
  public func assumeRole(
    _ request: AssumeRoleRequest, for caller: VerifiedIdentity, now: Int64
  ) throws(ServiceError) -> JSON {
    guard let role = RoleReference(request.roleARN) else {
      throw .validation("\(request.roleARN) is invalid: it must be like \(account.roleARN("NAME")).")
    }
    guard role.account == account.id else {
      throw ServiceError(
        .accessDenied,
        "User: \(account.arn(of: caller.principal)) is not authorized to perform: sts:AssumeRole on resource: "
          + "\(request.roleARN). htr's account is \(account.id).")
    }
    let isChained = if case .role = caller.principal { true } else { false }
    let seconds = request.seconds ?? AssumeRoleRequest.defaultSeconds
    guard !isChained || seconds <= Self.longestChainedSession else {
      throw .validation(
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.")
    }
    let principal = Principal.role(name: role.name, session: request.sessionName)
    let expiry = now + seconds
    return [
      "Credentials": Self.answer(keys.makeSession(of: principal, until: expiry), until: expiry),
      "AssumedRoleUser": [
        "AssumedRoleId": .string(account.userId(of: principal)), "Arn": .string(account.arn(of: principal)),
      ],
    ]
  }

  public func accessKeyInfo(_ request: GetAccessKeyInfoRequest) throws(ServiceError) -> JSON {
    guard keys.hasMade(request.accessKeyId) else {
      throw .validation("The access key \(request.accessKeyId) is none of this daemon's.")
    }
    return ["Account": .string(account.id)]
  }

  private static func answer(_ keys: Credentials, until expiry: Int64) -> JSON {
    [
      "AccessKeyId": .string(keys.accessKeyId), "SecretAccessKey": .string(keys.secretAccessKey),
      "SessionToken": .string(keys.sessionToken ?? ""),
      "Expiration": .string(QueryAnswer.text(Timestamp(milliseconds: expiry * 1000))),
    ]
  }
}

import ControlPlane
import HostKit
import JSONKit
import Signing
import Wire

/// STS's actions.
struct SecurityTokenActions: QueryActions {
  static let service = ServiceName.sts
  static let namespace = "https://sts.amazonaws.com/doc/2011-06-15/"
  static let version = "2011-06-15"

  let service: SecurityTokenService

  func perform(_ action: String, _ members: JSON, for caller: VerifiedIdentity) async throws -> JSON? {
    let now = Timestamp.now().milliseconds / 1000
    switch action {
    case "GetCallerIdentity": return service.callerIdentity(of: caller)
    case "GetSessionToken": return try service.sessionToken(.init(members: members), for: caller, now: now)
    case "AssumeRole": return try service.assumeRole(.init(members: members), for: caller, now: now)
    case "GetAccessKeyInfo": return try service.accessKeyInfo(.init(members: members))
    default: throw ServiceError.unknownAction(action)
    }
  }
}

/// IAM's actions.
struct DirectoryActions: QueryActions {
  static let service = ServiceName.iam
  static let namespace = "https://iam.amazonaws.com/doc/2010-05-08/"
  static let version = "2010-05-08"

  let service: DirectoryService

  func perform(_ action: String, _ members: JSON, for caller: VerifiedIdentity) async throws -> JSON? {
    switch action {
    case "GetRole": return try service.role(.init(role: members))
    case "GetUser": return try service.user(.init(user: members), for: caller)
    default: throw ServiceError.unknownAction(action)
    }
  }
}

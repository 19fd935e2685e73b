import ArchiveKit
public import HostKit
import Signing

/// The account that the daemon stands for, and who is in it: one user, who owns the daemon, and every role that anybody
/// names, for roles open and shut nothing here.
public struct Account: Sendable {
  /// The owner's name as a user.
  static let user = "htr"

  /// Twelve digits.
  public let id: String
  /// Since when there is this account: when the daemon's key was made.
  public let createdAt: Timestamp

  public init(id: String, createdAt: Timestamp) {
    self.id = id
    self.createdAt = createdAt
  }

  var rootARN: String { "arn:aws:iam::\(id):root" }
  var userARN: String { "arn:aws:iam::\(id):user/\(Self.user)" }
  var userId: String { identifier("AIDA", Self.user) }

  func roleARN(_ name: String) -> String { "arn:aws:iam::\(id):role/\(name)" }
  func roleId(_ name: String) -> String { identifier("AROA", name) }

  func arn(of principal: Principal) -> String {
    switch principal {
    case .owner: userARN
    case .role(let name, let session): "arn:aws:sts::\(id):assumed-role/\(name)/\(session)"
    }
  }

  func userId(of principal: Principal) -> String {
    switch principal {
    case .owner: userId
    case .role(let name, let session): "\(roleId(name)):\(session)"
    }
  }

  /// The same for the same name each time, and of another account's another one.
  private func identifier(_ prefix: String, _ name: String) -> String {
    prefix + Digest.sha256(of: Array("\(id)/\(prefix)/\(name)".utf8)).prefix(17).uppercased()
  }
}

/// An access key and its secret. Printing one never shows the secret.
public struct Credentials: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  public let accessKeyId: String
  public let secretAccessKey: String
  /// What goes along with every request of a session's keys; nil for keys that last.
  public let sessionToken: String?

  public init(accessKeyId: String, secretAccessKey: String, sessionToken: String? = nil) {
    self.accessKeyId = accessKeyId
    self.secretAccessKey = secretAccessKey
    self.sessionToken = sessionToken
  }

  public var description: String { "Credentials(\(accessKeyId), secret withheld)" }
  public var debugDescription: String { description }
  /// Shows nothing to `dump` either.
  public var customMirror: Mirror { Mirror(self, children: ["accessKeyId": accessKeyId]) }
}

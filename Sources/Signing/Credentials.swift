/// An access key and its secret. Printing one never shows the secret.
public struct Credentials: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  public let accessKeyId: String
  public let secretAccessKey: String

  public init(accessKeyId: String, secretAccessKey: String) {
    self.accessKeyId = accessKeyId
    self.secretAccessKey = secretAccessKey
  }

  public var description: String { "Credentials(\(accessKeyId), secret withheld)" }
  public var debugDescription: String { description }
  /// Shows nothing to `dump` either.
  public var customMirror: Mirror { Mirror(self, children: ["accessKeyId": accessKeyId]) }
}

/// A tag of a resource; a resource has at most 50, each key once.
public struct Tag: Sendable, Hashable {
  public let key: String
  public let value: String

  public init(key: String, value: String) {
    self.key = key
    self.value = value
  }

  public static let maximumPerResource = 50
  /// The tag that sets a job's priority (an integer from -100 to 100; higher starts first).
  public static let priorityKey = "htr:priority"
}

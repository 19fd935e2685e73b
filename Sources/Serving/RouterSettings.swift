/// The bounds of the data plane.
public struct RouterSettings: Sendable {
  public var largestBody = 6_291_456
  /// Requests of one variant that wait in line.
  public var longestLine = 1_000
  /// Seconds that a request waits in line.
  public var lineSeconds = 30.0
  /// Bytes of request bodies that are held at a time, all endpoints together.
  public var bytesInHand = 256 << 20
  /// The account in messages about endpoints that are not there.
  public var account = "000000000000"
  public var clientTimes = ClientTimes()
  public init() {}

  /// Seconds that a client's connection may take for each part of its work.
  public struct ClientTimes: Sendable {
    /// Without a request in hand.
    public var idle = 75.0
    public var head = 10.0
    public var body = 30.0
    /// Without taking any byte of an answer.
    public var stall = 60.0
    public init() {}
  }
}

import Glibc

/// A moment, in whole milliseconds since 1970 UTC: the precision that the wire and the store share.
public struct Timestamp: Sendable, Hashable, Comparable {
  public let milliseconds: Int64

  public init(milliseconds: Int64) { self.milliseconds = milliseconds }

  /// From epoch seconds with a fraction, as SageMaker sends them.
  public init(seconds: Double) { milliseconds = Int64((seconds * 1000).rounded()) }

  public static func now() -> Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
  }

  /// Epoch seconds with a fraction, as SageMaker reads them.
  public var seconds: Double { Double(milliseconds) / 1000 }

  public func advanced(bySeconds seconds: Double) -> Timestamp {
    Timestamp(milliseconds: milliseconds + Int64(seconds * 1000))
  }

  public static func < (left: Timestamp, right: Timestamp) -> Bool {
    left.milliseconds < right.milliseconds
  }
}

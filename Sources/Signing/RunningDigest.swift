import Crypto

/// The SHA-256 of a body that arrives in pieces.
public struct RunningDigest: Sendable {
  private var hash = SHA256()

  public init() {}

  public mutating func add(_ bytes: UnsafeRawBufferPointer) { hash.update(bufferPointer: bytes) }

  /// The digest of all that was added, as lower-case hexadecimal digits.
  public func text() -> String { hexadecimal(hash.finalize()) }
}

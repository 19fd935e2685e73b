import CNettle

/// Hashes that protect nothing any more, and that S3's clients ask for all the same.
extension Digest {
  /// RFC 1321; S3's entity tags.
  public struct MD5: Sendable {
    private var context = md5_ctx()

    public init() { nettle_md5_init(&context) }

    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
      guard let base = bytes.baseAddress else { return }
      nettle_md5_update(&context, bytes.count, base.assumingMemoryBound(to: UInt8.self))
    }

    /// The digest's 16 bytes; the hash starts afresh.
    public mutating func finishBytes() -> [UInt8] {
      var digest = [UInt8](repeating: 0, count: Int(MD5_DIGEST_SIZE))
      nettle_md5_digest(&context, digest.count, &digest)
      return digest
    }
  }

  /// FIPS 180-4; one of S3's checksums.
  public struct SHA1: Sendable {
    private var context = sha1_ctx()

    public init() { nettle_sha1_init(&context) }

    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
      guard let base = bytes.baseAddress else { return }
      nettle_sha1_update(&context, bytes.count, base.assumingMemoryBound(to: UInt8.self))
    }

    /// The digest's 20 bytes; the hash starts afresh.
    public mutating func finishBytes() -> [UInt8] {
      var digest = [UInt8](repeating: 0, count: Int(SHA1_DIGEST_SIZE))
      nettle_sha1_digest(&context, digest.count, &digest)
      return digest
    }
  }
}

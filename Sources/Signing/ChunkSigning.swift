import Crypto

/// The chain of signatures through a body in chunks: each covers its chunk and the signature before it, and the first one
/// that of the request's head. So no chunk can be altered, left out, repeated or moved.
public struct ChunkSigning: Sendable {
  private let key: SigningKey
  private let time: SigningTime
  private let scope: CredentialScope
  private var previous: String

  /// - Parameter seed: the signature of the request's head.
  init(key: SigningKey, time: SigningTime, scope: CredentialScope, seed: String) {
    self.key = key
    self.time = time
    self.scope = scope
    previous = seed
  }

  /// The signature that the next chunk must have.
  /// - Parameter digest: the SHA-256 of the chunk's payload, in lower-case hexadecimal digits.
  public mutating func next(chunk digest: String) -> String {
    next("\(CanonicalRequest.algorithm)-PAYLOAD", "\(BodyHash.empty)\n\(digest)")
  }

  /// The signature that the trailers must have: the chain's last.
  public mutating func next(trailers: [(name: String, value: String)]) -> String {
    let lines = trailers.sorted { $0.name < $1.name }.map { "\($0.name):\($0.value)\n" }
    return next("\(CanonicalRequest.algorithm)-TRAILER", BodyHash.of(Array(lines.joined().utf8)))
  }

  private mutating func next(_ kind: String, _ digests: String) -> String {
    previous = key.signature(of: "\(kind)\n\(time.text)\n\(scope.text)\n\(previous)\n\(digests)")
    return previous
  }
}

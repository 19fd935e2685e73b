/// A request whose head is proved, while its body is still to come.
///
/// The proof is whole only once the body turned out to be what `body` says.
public struct AdmittedRequest: Sendable {
  public let identity: VerifiedIdentity
  public let body: SignedBody

  public var service: String { identity.service }
  public var region: String { identity.region }
}

/// What a signature says of a body that has not come yet.
public enum SignedBody: Sendable {
  /// The whole body must have this SHA-256, in lower-case hexadecimal digits.
  case digest(String)
  /// The signature does not cover the body. S3 only.
  case unsigned
  /// The body is in chunks of AWS's own (`Content-Encoding: aws-chunked`), to be read with `ChunkedBodyReader`. S3 only.
  case chunked(ChunkedBody)
}

/// What the head of a request says of its body in chunks.
public struct ChunkedBody: Sendable {
  /// What each chunk, and the trailers, must be signed with; nil where chunks have no signatures.
  public let signing: ChunkSigning?
  /// Whether header fields follow the last chunk.
  public let hasTrailer: Bool
  /// The names that x-amz-trailer promises, in lower case: these fields follow the last chunk, and no others.
  public let trailerNames: [String]
  /// Bytes of the body once it is decoded: x-amz-decoded-content-length.
  public let decodedLength: Int64
}

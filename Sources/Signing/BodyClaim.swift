/// What a request's head says of its body: `x-amz-content-sha256` and what goes with it.
enum BodyClaim {
  private static let signedChunks = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
  private static let signedChunksWithTrailer = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
  private static let unsignedChunksWithTrailer = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
  private static let mostTrailers = 8

  /// The canonical request's last line; nil when the head does not say it, as outside of S3 it need not.
  static func hash(
    of request: RequestHead, _ presented: PresentedSignature
  ) throws(SignatureError) -> String? {
    let service = presented.scope.service
    // In a header it is signed as every x-amz- header must be, in a presigned address as its query is.
    let claim = request.values(of: "x-amz-content-sha256").first
    guard let claim = claim ?? (presented.expires == nil ? nil : request.parameter("X-Amz-Content-Sha256")) else {
      guard service == "s3" else { return nil }
      guard presented.expires == nil else { return BodyHash.unsignedPayload }
      throw missing(service: service)
    }
    let words = [BodyHash.unsignedPayload, signedChunks, signedChunksWithTrailer, unsignedChunksWithTrailer]
    guard BodyHash.isDigest(claim) || service == "s3" && words.contains(claim) else {
      throw SignatureError(
        .unacceptableBodyHash,
        "x-amz-content-sha256 must be the SHA-256 of the body"
          + (service == "s3" ? " or one of \(words.joined(separator: ", "))." : "."),
        service: service)
    }
    return claim
  }

  static func missing(service: String) -> SignatureError {
    SignatureError(
      .unacceptableBodyHash, "Missing required header for this request: x-amz-content-sha256", service: service)
  }

  static func body(
    _ hash: String, of request: RequestHead, _ presented: PresentedSignature, key: SigningKey
  ) throws(SignatureError) -> SignedBody {
    switch hash {
    case BodyHash.unsignedPayload: return .unsigned
    case unsignedChunksWithTrailer: return .chunked(try chunks(of: request, signing: nil, hasTrailer: true))
    case signedChunks, signedChunksWithTrailer:
      let signing = ChunkSigning(
        key: key, time: presented.time, scope: presented.scope, seed: presented.signature)
      return .chunked(
        try chunks(of: request, signing: signing, hasTrailer: hash == signedChunksWithTrailer))
    default: return .digest(hash)
    }
  }

  private static func chunks(
    of request: RequestHead, signing: ChunkSigning?, hasTrailer: Bool
  ) throws(SignatureError) -> ChunkedBody {
    guard let text = request.values(of: "x-amz-decoded-content-length").first, (1...18).contains(text.utf8.count),
      text.utf8.allSatisfy(Characters.isDigit), let length = Int64(text)
    else {
      throw SignatureError(
        .missingLength,
        "A body in chunks needs x-amz-decoded-content-length: its length in bytes without the chunks' heads.",
        service: "s3")
    }
    let names =
      request.values(of: "x-amz-trailer").first?.split(separator: ",", omittingEmptySubsequences: false)
      .map { CanonicalRequest.trimmed(String($0)).lowercased() } ?? []
    guard names.count <= (hasTrailer ? mostTrailers : 0), Set(names).count == names.count,
      names.allSatisfy(Characters.isName)
    else {
      throw SignatureError(
        .malformedTrailer,
        "x-amz-trailer must name at most \(mostTrailers) fields, each once, and only where the body has a trailer.",
        service: "s3")
    }
    return ChunkedBody(signing: signing, hasTrailer: hasTrailer, trailerNames: names, decodedLength: length)
  }
}

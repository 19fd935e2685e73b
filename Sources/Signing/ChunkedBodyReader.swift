import Crypto

/// Takes apart a body in AWS's own chunks (`HEX;chunk-signature=…`, payload, …, `0`, trailers), as it comes in.
///
/// Payload is named before its chunk's signature was seen, as chunks may be large: what was read counts only after `finish`
/// has returned. A reader that threw is of no further use.
public struct ChunkedBodyReader: Sendable {
  /// Longest line around the chunks, in bytes.
  static let longestLine = 2048

  private enum State {
    case chunkHead
    case payload(left: Int64)
    case chunkEnd
    case trailers
    case ended
  }

  private let body: ChunkedBody
  private var signing: ChunkSigning?
  private var state = State.chunkHead
  private var line: [UInt8] = []
  private var emptyLines = 0
  private var digest = RunningDigest()
  private var claimedSignature = ""
  private var claimedTrailerSignature: String?
  private var trailers: [(name: String, value: String)] = []
  /// Bytes of payload that the chunks' heads told of so far.
  private var announced: Int64 = 0

  public init(_ body: ChunkedBody) {
    self.body = body
    signing = body.signing
  }

  /// Reads the next bytes of the body, and says where among them the payload lies, in its order.
  public mutating func read(_ bytes: UnsafeRawBufferPointer) throws(SignatureError) -> [Range<Int>] {
    var pieces: [Range<Int>] = []
    var position = 0
    while position < bytes.count {
      if case .payload(let left) = state {
        let end = position + Int(min(left, Int64(bytes.count - position)))
        if signing != nil { digest.add(UnsafeRawBufferPointer(rebasing: bytes[position..<end])) }
        pieces.append(position..<end)
        state = left == Int64(end - position) ? .chunkEnd : .payload(left: left - Int64(end - position))
        position = end
      } else if let text = try takeLine(from: bytes, at: &position) {
        try take(text)
      }
    }
    return pieces
  }

  /// To be called when the body is over. Returns the trailers, names in lower case; without this having returned, the
  /// payload is not proved.
  public mutating func finish() throws(SignatureError) -> [(name: String, value: String)] {
    guard case .ended = state, line.isEmpty else {
      throw SignatureError(
        .incompleteBody,
        "The body ended before its last chunk was over, after \(announced) of \(body.decodedLength) bytes.",
        service: "s3")
    }
    return trailers
  }

  /// The next line without its end; nil when it has not come wholly.
  private mutating func takeLine(
    from bytes: UnsafeRawBufferPointer, at position: inout Int
  ) throws(SignatureError) -> String? {
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      if byte == UInt8(ascii: "\n") {
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        defer { line.removeAll(keepingCapacity: true) }
        guard line.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else {
          throw Self.malformed("A line has control characters.")
        }
        return String(decoding: line, as: UTF8.self)
      }
      line.append(byte)
      guard line.count <= Self.longestLine else {
        throw Self.malformed("A line is longer than \(Self.longestLine) bytes.")
      }
    }
    return nil
  }

  private mutating func take(_ text: String) throws(SignatureError) {
    switch state {
    case .chunkHead: try takeChunkHead(text)
    case .chunkEnd:
      guard text.isEmpty else { throw Self.malformed("A chunk is longer than its head says.") }
      try checkChunk()
      state = .chunkHead
    case .trailers: try takeTrailer(text)
    case .ended, .payload:
      // Some clients end the last line twice.
      guard text.isEmpty, emptyLines < 2 else { throw Self.malformed("Bytes follow the last chunk.") }
      emptyLines += 1
    }
  }

  private mutating func takeChunkHead(_ text: String) throws(SignatureError) {
    let parts = text.split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false)
    guard (1...16).contains(parts[0].utf8.count), parts[0].allSatisfy(\.isHexDigit),
      let size = Int64(parts[0], radix: 16)
    else { throw Self.malformed("A chunk's size must be 1 to 16 hexadecimal digits.") }
    guard size <= body.decodedLength - announced else {
      throw Self.malformed("The chunks hold more than the \(body.decodedLength) bytes of x-amz-decoded-content-length.")
    }
    announced += size
    if signing != nil {
      let name = "chunk-signature="
      guard parts.count == 2, parts[1].hasPrefix(name) else {
        throw Self.malformed("A chunk of a signed body has no \(name)SIGNATURE.")
      }
      claimedSignature = String(parts[1].dropFirst(name.utf8.count))
    }
    guard size == 0 else {
      state = .payload(left: size)
      return
    }
    guard announced == body.decodedLength else {
      throw SignatureError(
        .incompleteBody,
        "The chunks hold \(announced) bytes, x-amz-decoded-content-length says \(body.decodedLength).", service: "s3")
    }
    try checkChunk()
    state = .trailers
  }

  private mutating func checkChunk() throws(SignatureError) {
    guard signing != nil else { return }
    let expected = signing?.next(chunk: digest.text()) ?? ""
    digest = RunningDigest()
    try Self.check(claimedSignature, expected, of: "chunk before byte \(announced)")
  }

  static func malformed(_ fault: String) -> SignatureError {
    SignatureError(.malformedChunk, "The body is not in aws-chunked encoding: \(fault)", service: "s3")
  }

  private static func check(_ claimed: String, _ expected: String, of part: String) throws(SignatureError) {
    guard SignatureVerifier.areEqualInConstantTime(claimed, expected) else {
      throw SignatureError(
        .signatureMismatch, "The signature of the \(part) does not match. Something changed it on its way.",
        service: "s3")
    }
  }
}

/// The fields after the last chunk.
extension ChunkedBodyReader {
  private static let signatureName = "x-amz-trailer-signature"

  private mutating func takeTrailer(_ text: String) throws(SignatureError) {
    guard !text.isEmpty else { return try endTrailers() }
    guard let colon = text.firstIndex(of: ":") else { throw Self.badTrailer("A field has no colon.") }
    let name = text[..<colon].lowercased()
    let value = Self.trimmed(text[text.index(after: colon)...])
    if name == Self.signatureName, signing != nil, claimedTrailerSignature == nil {
      claimedTrailerSignature = value
      return
    }
    guard body.trailerNames.contains(name), !trailers.contains(where: { $0.name == name }) else {
      throw Self.badTrailer("The field '\(name.prefix(100))' is there twice, or not in x-amz-trailer.")
    }
    trailers.append((name, value))
  }

  /// An empty line ends the fields. Some clients put one before them or before their signature too.
  private mutating func endTrailers() throws(SignatureError) {
    let isSigned = signing == nil || !body.hasTrailer || claimedTrailerSignature != nil
    guard isSigned, trailers.count == body.trailerNames.count else {
      emptyLines += 1
      guard emptyLines <= 2 else { throw Self.badTrailer("Fields of x-amz-trailer, or their signature, are missing.") }
      return
    }
    if body.hasTrailer, let claimedTrailerSignature, let expected = signing?.next(trailers: trailers) {
      try Self.check(claimedTrailerSignature, expected, of: "trailers")
    }
    emptyLines = 1
    state = .ended
  }

  private static func trimmed(_ text: Substring) -> String {
    var text = text.drop { $0 == " " }
    while text.last == " " { text.removeLast() }
    return String(text)
  }

  private static func badTrailer(_ fault: String) -> SignatureError {
    SignatureError(.malformedTrailer, "The fields after the last chunk cannot be used. \(fault)", service: "s3")
  }
}

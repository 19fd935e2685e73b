import Signing
import Testing

/// Bodies in AWS's own chunks: the examples of the S3 documentation, and everything that can be wrong with such a body.
struct ChunkedBodyTests {
  static let signer = PublishedVectorTests.storageSigner
  static let now = PublishedVectorTests.storageTime
  static let payload = [UInt8](repeating: UInt8(ascii: "a"), count: 66_560)
  static let checksum = "x-amz-checksum-crc32c"

  static func example(trailer: Bool) -> RequestHead {
    var signed = "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length"
    if trailer { signed.replace("content-length;host", with: "host") }
    signed += ";x-amz-storage-class" + (trailer ? ";x-amz-trailer" : "")
    let seed =
      trailer
      ? "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e"
      : "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"
    var headers = [
      (name: "Host", value: "s3.amazonaws.com"), ("x-amz-date", "20130524T000000Z"),
      ("x-amz-storage-class", "REDUCED_REDUNDANCY"), ("Content-Encoding", "aws-chunked"), ("Content-Length", "66824"),
      ("x-amz-decoded-content-length", "66560"),
      ("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" + (trailer ? "-TRAILER" : "")),
      (
        "Authorization",
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
          + "SignedHeaders=\(signed), Signature=\(seed)"
      ),
    ]
    if trailer { headers.append(("x-amz-trailer", checksum)) }
    return RequestHead(method: "PUT", rawPath: "/examplebucket/chunkObject.txt", headers: headers)
  }

  static func body(signatures: [String], trailers: String = "") -> [UInt8] {
    Array("10000;chunk-signature=\(signatures[0])\r\n".utf8) + payload.prefix(65_536)
      + Array("\r\n400;chunk-signature=\(signatures[1])\r\n".utf8) + payload.suffix(1024)
      + Array("\r\n0;chunk-signature=\(signatures[2])\r\n\(trailers)\r\n".utf8)
  }

  static let plain = body(signatures: [
    "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
    "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
    "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
  ])
  static let trailed = body(
    signatures: [
      "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
      "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
      "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
    ],
    trailers: "\(checksum):sOO8/Q==\r\n"
      + "x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n")

  static func chunked(_ request: RequestHead) throws -> ChunkedBody {
    let admitted = try SignatureVerifier(services: ["s3"]).admit(
      request, keys: KeyRing(signer.credentials), now: now)
    guard case .chunked(let body) = admitted.body else { throw NotChunked() }
    return body
  }

  struct NotChunked: Error {}

  /// An unsigned body, as clients send it over TLS.
  static func unsigned(length: String = "5", trailer: String? = checksum) throws -> ChunkedBody {
    var request = RequestHead(
      method: "PUT", rawPath: "/b/k",
      headers: [("Host", "127.0.0.1:8770"), ("x-amz-decoded-content-length", length)])
    if let trailer { request.headers.append(("x-amz-trailer", trailer)) }
    request.headers += signer.headers(for: request, bodyHash: "STREAMING-UNSIGNED-PAYLOAD-TRAILER", now: now)
    return try chunked(request)
  }

  /// Reads a body in pieces of some length.
  static func read(
    _ bytes: [UInt8], as body: ChunkedBody, by step: Int = .max
  ) throws(SignatureError) -> (payload: [UInt8], trailers: [String]) {
    var reader = ChunkedBodyReader(body)
    var payload: [UInt8] = []
    var start = 0
    while start < bytes.count {
      let piece = Array(bytes[start..<min(bytes.count, start + min(step, bytes.count))])
      var fault: SignatureError?
      piece.withUnsafeBytes { raw in
        do throws(SignatureError) {
          for range in try reader.read(raw) { payload += piece[range] }
        } catch { fault = error }
      }
      if let fault { throw fault }
      start += piece.count
    }
    return (payload, try reader.finish().map { "\($0.name)=\($0.value)" })
  }

  @Test(arguments: [1, 2, 7, 1000, 65_536, .max])
  func `the documentation's bodies are read in pieces of any length`(_ step: Int) throws {
    let signed = try Self.read(Self.plain, as: Self.chunked(Self.example(trailer: false)), by: step)
    #expect(signed.payload == Self.payload)
    #expect(signed.trailers.isEmpty)
    let trailed = try Self.read(Self.trailed, as: Self.chunked(Self.example(trailer: true)), by: step)
    #expect(trailed.payload == Self.payload)
    #expect(trailed.trailers == ["\(Self.checksum)=sOO8/Q=="])
  }

  @Test func `a change of any byte of a signed body is refused`() throws {
    let body = try Self.chunked(Self.example(trailer: true))
    let end = Self.trailed.count
    // The last line's end is all that is neither signed nor a size.
    let places = Array(0..<90) + [500, 65_000] + Array(65_610..<65_720) + [66_000] + Array(end - 260..<end - 4)
    for place in places {
      var altered = Self.trailed
      altered[place] ^= 1
      #expect(throws: SignatureError.self, "byte \(place)") { try Self.read(altered, as: body) }
    }
  }

  @Test func `a signed body without a chunk, with one twice or with its trailer left out is refused`() throws {
    let body = try Self.chunked(Self.example(trailer: true))
    let first = 0..<(90 + 65_536 + 2 - 3)
    var missing = Self.trailed
    missing.removeSubrange(first)
    #expect(throws: SignatureError.self) { try Self.read(missing, as: body) }
    #expect(throws: SignatureError.self) { try Self.read(Self.trailed[first] + Self.trailed, as: body) }
    let plain = #expect(throws: SignatureError.self) { try Self.read(Self.plain, as: body) }
    #expect(plain?.reason == .signatureMismatch)
    #expect(plain?.code == "SignatureDoesNotMatch")
    #expect(plain?.httpStatus == 403)
  }

  @Test(arguments: [
    "5\r\nhello\r\n0\r\nx-amz-checksum-crc32c:sOO8/Q==\r\n\r\n",
    "2\r\nhe\r\n3;a=b\r\nllo\r\n0\r\nX-Amz-Checksum-CRC32C: sOO8/Q== \r\n\r\n",
    // As minio's client ends its bodies.
    "5\r\nhello\r\n0\r\nx-amz-checksum-crc32c:sOO8/Q==\n\r\n\r\n",
    "5\r\nhello\r\n0\r\n\r\nx-amz-checksum-crc32c:sOO8/Q==\r\n\r\n",
  ])
  func `an unsigned body with a trailer is read`(_ text: String) throws {
    let read = try Self.read(Array(text.utf8), as: Self.unsigned(), by: 3)
    #expect(read.payload == Array("hello".utf8))
    #expect(read.trailers == ["x-amz-checksum-crc32c=sOO8/Q=="])
  }

  @Test func `an empty body is read`() throws {
    let read = try Self.read(Array("0\r\n\r\n".utf8), as: Self.unsigned(length: "0", trailer: nil))
    #expect(read.payload.isEmpty)
    #expect(read.trailers.isEmpty)
  }

  static let faults: [(String, SignatureError.Reason, String)] = [
    ("", .incompleteBody, "IncompleteBody"),
    ("5\r\nhel", .incompleteBody, "IncompleteBody"),
    ("5\r\nhello\r\n", .incompleteBody, "IncompleteBody"),
    ("5\r\nhello\r\n0\r\n", .incompleteBody, "IncompleteBody"),
    ("4\r\nhell\r\n0\r\nx-amz-checksum-crc32c:a\r\n\r\n", .incompleteBody, "IncompleteBody"),
    ("6\r\nhello!\r\n", .malformedChunk, "InvalidRequest"),
    ("5\r\nhello!\r\n", .malformedChunk, "InvalidRequest"),
    ("ffffffffffffffff\r\n", .malformedChunk, "InvalidRequest"),
    ("7fffffffffffffff\r\n", .malformedChunk, "InvalidRequest"),
    ("-5\r\nhello", .malformedChunk, "InvalidRequest"),
    ("+5\r\nhello", .malformedChunk, "InvalidRequest"),
    ("\r\n5\r\nhello", .malformedChunk, "InvalidRequest"),
    ("00000000000000005\r\nhello", .malformedChunk, "InvalidRequest"),
    (String(repeating: "0", count: 3000), .malformedChunk, "InvalidRequest"),
    ("5\r\nhello\r\n0\r\nx-amz-checksum-crc32c:a\r\n\r\nmore", .incompleteBody, "IncompleteBody"),
    ("5\r\nhello\r\n0\r\nx-amz-checksum-crc32c:a\r\n\r\nmore\r\n", .malformedChunk, "InvalidRequest"),
    ("5\r\nhello\r\n0\r\nx-amz-checksum-sha1:a\r\n\r\n", .malformedTrailer, "MalformedTrailerError"),
    ("5\r\nhello\r\n0\r\nno colon\r\n\r\n", .malformedTrailer, "MalformedTrailerError"),
    ("5\r\nhello\r\n0\r\n\r\n\r\n\r\n", .malformedTrailer, "MalformedTrailerError"),
    (
      "5\r\nhello\r\n0\r\nx-amz-checksum-crc32c:a\r\nx-amz-checksum-crc32c:b\r\n\r\n", .malformedTrailer,
      "MalformedTrailerError"
    ),
  ]

  @Test(arguments: faults)
  func `a body that is not put together well is refused`(
    _ text: String, _ reason: SignatureError.Reason, _ code: String
  ) throws {
    let body = try Self.unsigned()
    for step in [1, .max] {
      let error = #expect(throws: SignatureError.self) { try Self.read(Array(text.utf8), as: body, by: step) }
      #expect(error?.reason == reason)
      #expect(error?.code == code)
    }
  }

  @Test func `random bytes never do worse than be refused`() throws {
    let body = try Self.unsigned()
    var generator = SystemRandomNumberGenerator()
    let letters = Array("05af;:\r\n\r\nx-amz-checksum-crc32c=".utf8)
    for _ in 0..<3000 {
      let bytes = (0..<Int.random(in: 0...60, using: &generator)).map { _ in
        letters.randomElement(using: &generator) ?? 0
      }
      do throws(SignatureError) { _ = try Self.read(bytes, as: body, by: 5) } catch {
        #expect(error.service == "s3")
      }
    }
  }

  @Test(arguments: ["", "x", "-1", "+1", "1e3", "9999999999999999999"])
  func `a length that is none is refused`(_ length: String) {
    let error = #expect(throws: SignatureError.self) { try Self.unsigned(length: length) }
    #expect(error?.reason == .missingLength)
    #expect(error?.code == "MissingContentLength")
    #expect(error?.httpStatus == 411)
  }

  @Test(arguments: ["a,a", "a b", "a,b,c,d,e,f,g,h,i", ","])
  func `promises of trailers are bounded`(_ names: String) {
    let error = #expect(throws: SignatureError.self) { try Self.unsigned(trailer: names) }
    #expect(error?.reason == .malformedTrailer)
  }

  @Test func `chunks are S3's only, and not for who wants a body whole`() throws {
    let keys = KeyRing(Self.signer.credentials)
    var request = RequestHead(method: "POST", rawPath: "/", headers: [("Host", "127.0.0.1:8770")])
    request.headers.append(("X-Amz-Content-Sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"))
    request.headers += SigV4Signer(credentials: Self.signer.credentials, region: "us-east-1", service: "sagemaker")
      .headers(for: request, bodyHash: "STREAMING-UNSIGNED-PAYLOAD-TRAILER", now: Self.now)
    let other = #expect(throws: SignatureError.self) {
      try SignatureVerifier(services: ["sagemaker"]).admit(request, keys: keys, now: Self.now)
    }
    #expect(other?.reason == .unacceptableBodyHash)
    let whole = #expect(throws: SignatureError.self) {
      try SignatureVerifier(services: ["s3"]).verify(
        Self.example(trailer: false), bodyDigest: { BodyHash.empty }, keys: keys, now: Self.now)
    }
    #expect(whole?.reason == .unacceptableBodyHash)
  }
}

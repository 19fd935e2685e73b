import NIOCore

/// The head of a client's request, read in place.
struct ClientHead {
  /// The bytes of the head, its empty line included.
  let bytes: ByteBuffer
  let method: Range<Int>
  let target: Range<Int>
  let fields: [HeadField]
  let framing: BodyFraming
  /// False for HTTP/1.0 and `Connection: close`.
  let keepsAlive: Bool
  let expectsContinue: Bool
  /// HTTP/1.0: no chunks, no kept-alive connections.
  let isOld: Bool

  /// - Parameter lineEnds: where its lines end, as `HeadScanner` found them.
  init(_ bytes: ByteBuffer, lineEnds: [Int]) throws(HeadFault) {
    self.bytes = bytes
    let parts = try bytes.withReadable { raw throws(HeadFault) in try Parts(raw, lineEnds) }
    method = parts.method
    target = parts.target
    fields = parts.fields
    framing = parts.framingFields.framing ?? .none
    keepsAlive = parts.keepsAlive
    expectsContinue = parts.expectsContinue
    isOld = parts.isOld
  }

  func with<Answer>(_ range: Range<Int>, _ body: (UnsafeRawBufferPointer) -> Answer) -> Answer {
    bytes.withUnsafeReadableBytes { body(UnsafeRawBufferPointer(rebasing: $0[range])) }
  }

  func text(_ range: Range<Int>) -> String { with(range) { String(decoding: $0, as: UTF8.self) } }

  /// The value of the first field with this meaning.
  func value(_ meaning: FieldMeaning) -> String? {
    fields.first { $0.meaning == meaning }.map { text($0.value) }
  }

  func count(_ meaning: FieldMeaning) -> Int { fields.reduce(0) { $0 + ($1.meaning == meaning ? 1 : 0) } }

  /// Whether the path is one of the data plane's, and not that of an object in a bucket of the same name.
  var isForEndpoints: Bool {
    let isBelow = with(target) {
      $0.count >= Self.prefix.utf8CodeUnitCount && $0.prefix(Self.prefix.utf8CodeUnitCount).reads(Self.prefix)
    }
    return isBelow && !isAsynchronous && !isForStorage
  }

  /// InvokeEndpointAsync is answered by the control plane, which keeps such requests on record.
  private var isAsynchronous: Bool {
    with(target) { target in
      let path = UnsafeRawBufferPointer(rebasing: target[..<(target.firstIndex(of: UInt8(ascii: "?")) ?? target.count)])
      return path.count > Self.asynchronous.utf8CodeUnitCount
        && path.suffix(Self.asynchronous.utf8CodeUnitCount).reads(Self.asynchronous)
    }
  }

  /// S3's requests say so in the scope of their signature; presigned ones of version 2 have none, but name their key in
  /// the query; on the Unix socket nothing is signed and a header tells.
  private var isForStorage: Bool {
    if value(.service) == "s3" { return true }
    if let authorization = value(.authorization) { return authorization.contains("/s3/aws4_request") }
    let target = text(target)
    return target.contains("%2Fs3%2Faws4_request") || target.contains("AWSAccessKeyId=")
  }

  static let prefix: StaticString = "/endpoints/"
  private static let asynchronous: StaticString = "/async-invocations"
}

extension Slice<UnsafeRawBufferPointer> {
  fileprivate func reads(_ word: StaticString) -> Bool {
    count == word.utf8CodeUnitCount && (0..<count).allSatisfy { self[startIndex + $0] == word.utf8Start[$0] }
  }
}

private struct Parts {
  var method = 0..<0
  var target = 0..<0
  var fields: [HeadField] = []
  var framingFields = FramingFields()
  var keepsAlive = true
  var expectsContinue = false
  var isOld = false

  init(_ bytes: UnsafeRawBufferPointer, _ lineEnds: [Int]) throws(HeadFault) {
    guard let first = lineEnds.first else { throw HeadFault("The request has no request line.") }
    try readRequestLine(bytes, end: first)
    fields.reserveCapacity(lineEnds.count - 1)
    var start = first + 2
    for end in lineEnds.dropFirst() {
      let field = try HeadField(line: start..<end, of: bytes)
      try read(field, of: bytes)
      fields.append(field)
      start = end + 2
    }
    guard !isOld || framingFields.framing != .chunked else { throw HeadFault("HTTP/1.0 knows no chunks.") }
  }

  private mutating func readRequestLine(_ bytes: UnsafeRawBufferPointer, end: Int) throws(HeadFault) {
    var index = 0
    while index < end, Octet.isToken(bytes[index]) { index += 1 }
    method = 0..<index
    let start = index + 1
    guard index > 0, index < end, bytes[index] == 0x20 else { throw Self.noRequestLine }
    index = start
    while index < end, bytes[index] > 0x20, bytes[index] < 0x7F { index += 1 }
    target = start..<index
    guard index > start, index < end, bytes[index] == 0x20 else { throw Self.noRequestLine }
    let version = UnsafeRawBufferPointer(rebasing: bytes[(index + 1)..<end])
    guard version.count == 8, UnsafeRawBufferPointer(rebasing: version[..<7]).elementsEqual("HTTP/1.".utf8) else {
      throw Self.noRequestLine
    }
    switch version[7] {
    case UInt8(ascii: "1"): break
    case UInt8(ascii: "0"): (keepsAlive, isOld) = (false, true)
    default: throw HeadFault("Only HTTP/1.1 and HTTP/1.0 are spoken here.", status: 505)
    }
    // A tunnel: what follows would be no request.
    guard !UnsafeRawBufferPointer(rebasing: bytes[method]).reads("connect") else {
      throw HeadFault("CONNECT is not offered.", status: 405)
    }
  }

  private mutating func read(_ field: HeadField, of bytes: UnsafeRawBufferPointer) throws(HeadFault) {
    switch field.meaning {
    case .contentLength, .transferEncoding: try framingFields.read(field, of: bytes)
    case .connection: if UnsafeRawBufferPointer(rebasing: bytes[field.value]).lists("close") { keepsAlive = false }
    case .expect: expectsContinue = UnsafeRawBufferPointer(rebasing: bytes[field.value]).reads("100-continue")
    default: break
    }
  }

  private static var noRequestLine: HeadFault { HeadFault("The first line is no request line of HTTP/1.1.") }
}

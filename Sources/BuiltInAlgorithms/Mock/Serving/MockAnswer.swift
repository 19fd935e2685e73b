import JSONKit

/// An answer of the mock server and its bytes on the wire.
struct MockAnswer {
  var status = 200
  var contentType = "application/json"
  var customAttributes: String?
  var body: [UInt8] = []

  /// A refusal in the form of htr's other workers.
  static func refusal(_ status: Int, _ message: String) -> MockAnswer {
    let content: JSON = ["error": ["code": .string(reason(status)), "message": .string(message)]]
    return MockAnswer(status: status, body: content.bytes)
  }

  /// Bytes that tell their own place: each is its offset modulo 251, so that a lost or repeated piece shows.
  static func bytes(_ count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    let period = (0..<251).map { UInt8($0) }
    while bytes.count < count { bytes.append(contentsOf: period.prefix(count - bytes.count)) }
    return bytes
  }

  /// The whole answer.
  ///
  /// - Parameter announcedLength: what Content-Length says; nil tells the truth.
  func wire(closes: Bool, isChunked: Bool = false, announcedLength: Int? = nil) -> [UInt8] {
    var head = "HTTP/1.1 \(status) \(Self.reason(status))\r\n"
    // HTTP gives these two no body.
    let hasBody = status != 204 && status != 304
    if hasBody {
      head += "Content-Type: \(contentType)\r\n"
      head += isChunked ? "Transfer-Encoding: chunked\r\n" : "Content-Length: \(announcedLength ?? body.count)\r\n"
    }
    if let customAttributes { head += "X-Amzn-SageMaker-Custom-Attributes: \(customAttributes)\r\n" }
    head += closes ? "Connection: close\r\n\r\n" : "\r\n"
    var bytes = Array(head.utf8)
    if hasBody { bytes += isChunked ? chunks : body }
    return bytes
  }

  /// Three chunks and a last, empty one; more when they would be longer than 64 KiB.
  private var chunks: [UInt8] {
    let size = max(1, min(body.count / 3, 1 << 16))
    var bytes: [UInt8] = []
    for start in stride(from: 0, to: body.count, by: size) {
      let part = body[start..<min(start + size, body.count)]
      bytes += Array("\(String(part.count, radix: 16))\r\n".utf8)
      bytes += part
      bytes += Array("\r\n".utf8)
    }
    return bytes + Array("0\r\n\r\n".utf8)
  }

  private static func reason(_ status: Int) -> String {
    switch status {
    case 200: "OK"
    case 400: "Bad Request"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 413: "Content Too Large"
    case 431: "Request Header Fields Too Large"
    case 500: "Internal Server Error"
    case 501: "Not Implemented"
    case 503: "Service Unavailable"
    default: "As Asked"
    }
  }
}

/// A request to the mock server, its body included.
struct MockRequest {
  /// Bytes of a request's body, and of an answer that is asked for by its size.
  static let largestBody = 64 << 20

  let method: String
  /// Without the query.
  let path: String
  /// Whether the client wants to send more on this connection.
  private(set) var keepsAlive: Bool
  private(set) var contentType: String?
  private(set) var accept: String?
  private(set) var customAttributes: String?
  private(set) var awaitsContinue = false
  private(set) var framing = Framing.length(0)
  var body: [UInt8] = []

  /// How the end of the body is told.
  enum Framing: Equatable {
    case length(Int)
    case chunked
  }

  init(line: String) throws(RequestFault) {
    let words = line.split(separator: " ", omittingEmptySubsequences: false)
    guard words.count == 3, ["HTTP/1.1", "HTTP/1.0"].contains(words[2]) else {
      throw .refused(400, "The first line is none of HTTP/1.1.")
    }
    method = String(words[0])
    path = String(words[1].prefix { $0 != "?" })
    keepsAlive = words[2] == "HTTP/1.1"
  }

  /// Takes the lines between the first one and the body.
  mutating func read(headers: [String]) throws(RequestFault) {
    var length: Int?
    var isChunked = false
    for line in headers {
      guard let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex else {
        throw .refused(400, "A header has no name.")
      }
      let value = Self.trimmed(line[line.index(after: colon)...])
      switch line[..<colon].lowercased() {
      case "content-type": contentType = value
      case "accept": accept = value
      case "x-amzn-sagemaker-custom-attributes": customAttributes = value
      case "connection": keepsAlive = Self.keepsAlive(value) ?? keepsAlive
      case "expect": awaitsContinue = value.lowercased() == "100-continue"
      case "transfer-encoding":
        guard value.lowercased() == "chunked" else { throw .refused(501, "Only chunked is understood, not \(value).") }
        isChunked = true
      case "content-length":
        guard let count = Self.length(value), length == nil || length == count else {
          throw .refused(400, "The Content-Length is no number.")
        }
        length = count
      default: break
      }
    }
    guard !isChunked || length == nil else { throw .refused(400, "There are two lengths of the body.") }
    guard length ?? 0 <= Self.largestBody else { throw Self.tooLarge }
    framing = isChunked ? .chunked : .length(length ?? 0)
  }

  static let tooLarge = RequestFault.refused(413, "A body may have \(largestBody) bytes, no more.")

  /// nil when the header does not say.
  private static func keepsAlive(_ connection: String) -> Bool? {
    let words = connection.lowercased().split(separator: ",").map { trimmed($0) }
    if words.contains("close") { return false }
    return words.contains("keep-alive") ? true : nil
  }

  private static func length(_ text: String) -> Int? {
    guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
      return nil
    }
    // Digits only, so what does not fit is a number too, and too large.
    return Int(text) ?? .max
  }

  private static func trimmed(_ text: Substring) -> String {
    var text = text
    while text.first == " " || text.first == "\t" { text.removeFirst() }
    while text.last == " " || text.last == "\t" { text.removeLast() }
    return String(text)
  }
}

/// Why there is no request to answer as asked.
enum RequestFault: Error {
  /// It can be answered, with this status and reason.
  case refused(Int, String)
  /// The connection broke in the middle of it, or nothing came for too long.
  case lost
}

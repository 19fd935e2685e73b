import CCurl

/// Collects one answer while libcurl delivers it, and stops it when it grows beyond its limit.
public final class CurlTransfer {
  public typealias Sink = (UnsafeRawBufferPointer) -> Bool

  enum Stop { case tooLarge, refusedBySink }

  /// The HTTP status; 0 before it came.
  public private(set) var status = 0
  /// Names in lower case.
  public private(set) var headers: [String: String] = [:]
  public private(set) var body: [UInt8] = []
  private(set) var stop: Stop?
  private let limit: Int
  private let sink: Sink?
  private var headerBytes = 0
  private static let headerLimit = 1 << 18

  /// With a sink, the body of a success goes there and is unlimited; any other body is held, up to `limit` bytes.
  public init(limit: Int, sink: Sink? = nil) {
    self.limit = limit
    self.sink = sink
  }

  func takeHeader(_ line: UnsafeRawBufferPointer) -> Bool {
    headerBytes += line.count
    guard headerBytes <= Self.headerLimit else {
      stop = .tooLarge
      return false
    }
    let text = String(decoding: line, as: UTF8.self)
    if text.hasPrefix("HTTP/") {
      // The last status line counts: a `100 Continue` may come before it.
      status = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
      headers = [:]
    } else if let colon = text.firstIndex(of: ":") {
      headers[text[..<colon].lowercased()] = String(text[text.index(after: colon)...].trimmed)
    }
    return true
  }

  func takeBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
    if let sink, (200..<300).contains(status) {
      if sink(bytes) { return true }
      stop = .refusedBySink
      return false
    }
    guard body.count + bytes.count <= limit else {
      stop = .tooLarge
      return false
    }
    body.append(contentsOf: bytes)
    return true
  }

  /// libcurl's callbacks: `context` is the transfer, which outlives the call that uses it.
  static let headerSink: htr_curl_sink = { bytes, size, count, context in
    deliver(bytes, size * count, context) { $0.takeHeader($1) }
  }
  static let bodySink: htr_curl_sink = { bytes, size, count, context in
    deliver(bytes, size * count, context) { $0.takeBody($1) }
  }

  private static func deliver(
    _ bytes: UnsafeMutablePointer<CChar>?, _ count: Int, _ context: UnsafeMutableRawPointer?,
    to take: (CurlTransfer, UnsafeRawBufferPointer) -> Bool
  ) -> Int {
    guard let context else { return 0 }
    let transfer = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
    // Anything but the count tells libcurl to end the transfer; an empty delivery is always fine.
    return take(transfer, UnsafeRawBufferPointer(start: bytes, count: count)) ? count : count &+ 1
  }
}

extension Substring {
  var trimmed: Substring {
    var text = self
    while let first = text.first, first.isWhitespace { text.removeFirst() }
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return text
  }
}

import Glibc

/// Takes one request after the other from a connection; what is read too far belongs to the next one.
struct MockRequestReader {
  private static let longestHead = 64 << 10
  private static let mostHeaders = 100

  let socket: ConnectedSocket
  private var buffer: [UInt8] = []
  private var start = 0
  private var piece = [UInt8](repeating: 0, count: 1 << 16)

  init(_ socket: ConnectedSocket) { self.socket = socket }

  /// Whether a part of the next request has been read already.
  var hasBytes: Bool { start < buffer.count }

  /// The next request; nil when the client has closed the connection between two of them.
  mutating func next() throws(RequestFault) -> MockRequest? {
    var room = Self.longestHead
    guard hasBytes || receive() else { return nil }
    var first = try line(&room)
    // An empty line after a body is tolerated: RFC 9112, 2.2.
    if first.isEmpty { first = try line(&room) }
    var request = try MockRequest(line: first)
    var headers: [String] = []
    while true {
      let header = try line(&room)
      if header.isEmpty { break }
      guard headers.count < Self.mostHeaders else { throw .refused(431, "There are too many headers.") }
      headers.append(header)
    }
    try request.read(headers: headers)
    if request.awaitsContinue, !hasBytes, !socket.send(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)) { throw .lost }
    switch request.framing {
    case .length(let count): try take(count, to: &request.body)
    case .chunked: try takeChunks(to: &request.body)
    }
    return request
  }

  private mutating func takeChunks(to body: inout [UInt8]) throws(RequestFault) {
    // Room for the lines between the chunks: a client that sends single bytes is fine, one that sends none is not.
    while true {
      var room = 4096
      let size = try line(&room).prefix { $0 != ";" && $0 != " " }
      guard let count = Int(size, radix: 16), count >= 0, !size.hasPrefix("+") else {
        throw .refused(400, "The size of a chunk is no number.")
      }
      guard count <= MockRequest.largestBody - body.count else { throw MockRequest.tooLarge }
      if count == 0 { break }
      try take(count, to: &body)
      guard try line(&room).isEmpty else { throw .refused(400, "A chunk is longer than it says.") }
    }
    var room = Self.longestHead
    while try !line(&room).isEmpty {}
  }

  /// The next line without its end. `room` is what may still be read in lines.
  private mutating func line(_ room: inout Int) throws(RequestFault) -> String {
    var searched = start
    while true {
      if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        room -= end + 1 - start
        guard room >= 0 else { throw Self.longHead }
        var bytes = buffer[start..<end]
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        start = end + 1
        guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
          throw .refused(400, "A header holds control characters.")
        }
        return String(decoding: bytes, as: UTF8.self)
      }
      guard buffer.count - start <= room else { throw Self.longHead }
      let unsearched = buffer.count - start
      guard receive() else { throw .lost }
      searched = start + unsearched
    }
  }

  private static let longHead = RequestFault.refused(431, "The headers are longer than \(longestHead) bytes.")

  private mutating func take(_ count: Int, to body: inout [UInt8]) throws(RequestFault) {
    var left = count
    while left > 0 {
      guard hasBytes || receive() else { throw .lost }
      let part = buffer[start...].prefix(left)
      body.append(contentsOf: part)
      start += part.count
      left -= part.count
    }
  }

  /// Adds what has come to the buffer, waiting for it; false at the end of the stream.
  private mutating func receive() -> Bool {
    if start > 0 {
      buffer.removeFirst(start)
      start = 0
    }
    let count = socket.receive(&piece)
    buffer.append(contentsOf: piece[..<max(count, 0)])
    return count > 0
  }
}

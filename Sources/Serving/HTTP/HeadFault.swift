/// Why bytes are no head or body of HTTP/1.1 that both sides of a proxy would read alike.
struct HeadFault: Error, Equatable {
  /// What a client is answered with.
  let status: Int
  let message: String

  init(_ message: String, status: Int = 400) {
    self.status = status
    self.message = message
  }
}

/// What a request below `/endpoints/` asks for.
struct EndpointCall: Equatable {
  let endpoint: String
  /// InvokeEndpointWithResponseStream: the answer goes on in frames, each as soon as its bytes are there.
  let isStreamed: Bool

  /// The endpoint to invoke, or why there is nothing to invoke.
  static func read(_ head: ClientHead) -> Result<EndpointCall, Refused> {
    head.with(head.target) { target in
      let path = target.prefix { $0 != UInt8(ascii: "?") }.dropFirst(ClientHead.prefix.utf8CodeUnitCount)
      guard let slash = path.firstIndex(of: UInt8(ascii: "/")) else { return .failure(nothing(at: target)) }
      let action = UnsafeRawBufferPointer(rebasing: target[path.index(after: slash)..<path.endIndex])
      let isStreamed = action.elementsEqual("invocations-response-stream".utf8)
      guard isStreamed || action.elementsEqual("invocations".utf8) else { return .failure(nothing(at: target)) }
      guard head.with(head.method, { $0.elementsEqual("POST".utf8) }) else {
        return .failure(
          Refused(Failure(status: 405, code: "MethodNotAllowedException", message: "Endpoints are invoked by POST.")))
      }
      guard let name = unescaped(path[..<slash]) else { return .failure(nothing(at: target)) }
      return .success(EndpointCall(endpoint: name, isStreamed: isStreamed))
    }
  }

  struct Refused: Error {
    let failure: Failure
    init(_ failure: Failure) { self.failure = failure }
  }

  private static func nothing(at target: UnsafeRawBufferPointer) -> Refused {
    let path = String(decoding: target.prefix(200), as: UTF8.self)
    return Refused(
      Failure(status: 404, code: "UnknownOperationException", message: "There is nothing at \(path)."))
  }

  private static func unescaped(_ name: Slice<UnsafeRawBufferPointer>) -> String? {
    guard name.contains(UInt8(ascii: "%")) else { return String(decoding: name, as: UTF8.self) }
    var bytes: [UInt8] = []
    var rest = name
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let high = rest.popFirst().flatMap(Octet.hexadecimal), let low = rest.popFirst().flatMap(Octet.hexadecimal)
      else { return nil }
      bytes.append(UInt8(high << 4 | low))
    }
    return String(validating: bytes, as: UTF8.self)
  }
}

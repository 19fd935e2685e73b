/// What a single request asks the mock server to do to it, by the header `X-Amzn-SageMaker-Custom-Attributes`:
/// `mock:` and words of this table with commas between, such as `mock:seconds=0.2,status=503`.
///
/// | word | what it does |
/// | --- | --- |
/// | `seconds=S` | first waits, 0...86400; everything else comes afterwards |
/// | `exit=N` | the worker exits with this code, 0...255, without an answer |
/// | `hang` | never an answer, and no end on SIGTERM either: only SIGKILL helps |
/// | `garbage` | an answer that is no HTTP, and the connection is closed |
/// | `half` | an answer that announces 1000 bytes and has 500, and the connection is closed |
/// | `kill` | the worker sends half of its answer and ends itself by SIGKILL |
/// | `status=N` | this status, 200...599 |
/// | `size=N` | N bytes as the answer, up to 64 MiB; each is its offset modulo 251 |
/// | `chunked` | the answer comes in at least three chunks |
/// | `close` | the answer says `Connection: close`, and the connection is closed |
/// | `close=unannounced` | the same, but the answer does not say so |
/// | `close=unanswered` | the connection is closed without an answer |
struct MockTrouble {
  enum Close: String {
    case announced = "True"
    case unannounced, unanswered
  }

  private static let names = [
    "seconds", "exit", "hang", "garbage", "half", "kill", "status", "size", "chunked", "close",
  ]

  /// Nothing asked for: an ordinary answer.
  static let none = MockTrouble()

  private(set) var seconds = 0.0
  private(set) var exitCode: Int?
  private(set) var hangs = false
  private(set) var isGarbage = false
  private(set) var isHalf = false
  private(set) var kills = false
  private(set) var status = 200
  private(set) var size: Int?
  private(set) var isChunked = false
  private(set) var close: Close?

  private init() {}

  /// - Parameter attributes: the header's value. One that does not begin with `mock:` asks for nothing.
  init(_ attributes: String?) throws(RequestFault) {
    let prefix = "mock:"
    guard let attributes, attributes.hasPrefix(prefix) else { return }
    var values: [String: String] = [:]
    for word in attributes.dropFirst(prefix.count).split(separator: ",", omittingEmptySubsequences: false) {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      values[String(parts[0])] = parts.count > 1 ? String(parts[1]) : "True"
    }
    var reader = HyperparameterReader(values)
    read(&reader)
    let faults = reader.faults(known: Self.names)
    guard faults.isEmpty else {
      throw .refused(400, "\(attributes) asks for what is not to be had: \(faults.joined(separator: "; "))")
    }
  }

  private mutating func read(_ reader: inout HyperparameterReader) {
    seconds = reader.number("seconds", in: 0...86_400) ?? seconds
    exitCode = reader.integer("exit", in: 0...255)
    hangs = reader.flag("hang") ?? false
    isGarbage = reader.flag("garbage") ?? false
    isHalf = reader.flag("half") ?? false
    kills = reader.flag("kill") ?? false
    status = reader.integer("status", in: 200...599) ?? status
    size = reader.integer("size", in: 0...MockRequest.largestBody)
    isChunked = reader.flag("chunked") ?? false
    if let text = reader.text("close") {
      close = Close(rawValue: text)
      if close == nil { reader.refuse("close", "is unannounced, unanswered or has no value") }
    }
  }
}

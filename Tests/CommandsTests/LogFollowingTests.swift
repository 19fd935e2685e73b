import Client
import HostKit
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1)))
struct LogFollowingTests {
  let folder: ScratchFolder
  let socket: String
  static let log = Array((0..<500).map { "line \($0)\n" }.joined().utf8)

  init() throws {
    folder = try ScratchFolder()
    socket = "\(folder.path)/htrd.sock"
  }

  static func offset(of request: FakeDaemon.Request) -> Int {
    guard let range = request.target.firstRange(of: "offset=") else { return 0 }
    return Int(request.target[range.upperBound...].prefix { $0.isNumber }) ?? 0
  }

  @Test(arguments: [[0], [1, 1, 1], [100, 2000, 7], [3000]])
  func `a log whose connection is lost again and again arrives whole and once`(cuts: [Int]) throws {
    let left = Mutex(cuts)
    let daemon = try FakeDaemon(socket) { request in
      guard request.target.contains("/log?") else { return .json(recordJSON("j", status: "Completed")) }
      let rest = Array(Self.log[Self.offset(of: request)...])
      guard let cut = left.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) else { return .bytes(rest) }
      return .cut(Array(rest.prefix(cut)))
    }
    defer { daemon.stop() }
    var received: [UInt8] = []
    let end = try DaemonClient(socket: socket).followLog(of: "j") {
      received += $0
      return true
    }
    #expect(received == Self.log)
    #expect(end == Int64(Self.log.count))
  }

  @Test func `a restarted daemon is found again and the outage is told once`() throws {
    let first = try FakeDaemon(socket) { _ in .cut(Array(Self.log.prefix(1234))) }
    let second = Mutex<FakeDaemon?>(nil)
    let socket = socket
    var outages = 0
    var received: [UInt8] = []
    let restart = { (_: String) in
      outages += 1
      let next = try? FakeDaemon(socket) { request in
        request.target.contains("/log?")
          ? .bytes(Array(Self.log[Self.offset(of: request)...]))
          : .json(recordJSON("j", status: "Failed"))
      }
      second.withLock { $0 = next }
    }
    try DaemonClient(socket: socket).followLog(of: "j", onOutage: restart) {
      received += $0
      if received.count == 1234 { first.stop() }
      return true
    }
    second.withLock { $0?.stop() }
    #expect(received == Self.log)
    #expect(outages == 1)
  }

  @Test func `a stream that ends before the job does is taken up again`() throws {
    let asked = Mutex(0)
    let daemon = try FakeDaemon(socket) { request in
      if request.target.contains("/log?") {
        let rest = Array(Self.log[Self.offset(of: request)...])
        return .bytes(Array(rest.prefix(2000)))
      }
      let count = asked.withLock {
        $0 += 1
        return $0
      }
      return .json(recordJSON("j", status: count < 3 ? "InProgress" : "Completed"))
    }
    defer { daemon.stop() }
    var received: [UInt8] = []
    try DaemonClient(socket: socket).followLog(of: "j") {
      received += $0
      return true
    }
    #expect(received == Self.log)
  }

  @Test func `patience with an absent daemon has an end`() throws {
    let client = DaemonClient(socket: socket)
    let patience = Patience(limit: .milliseconds(60), longestPause: .milliseconds(20))
    var outages = 0
    #expect(throws: ClientError.self) {
      let count = { (_: String) in outages += 1 }
      try client.followLog(of: "j", patience: patience, onOutage: count) { _ in true }
    }
    #expect(outages == 1)
  }

  @Test func `an unknown job is refused at once`() throws {
    let daemon = try FakeDaemon(socket) { _ in
      .refusal(status: 400, body: #"{"__type":"ValidationException","message":"Requested resource not found."}"#)
    }
    defer { daemon.stop() }
    #expect(throws: ServiceError.self) {
      try DaemonClient(socket: socket).followLog(of: "j") { _ in true }
    }
    #expect(daemon.requests.count == 1)
  }

  @Test func `a reader that has enough ends the stream`() throws {
    let daemon = try FakeDaemon(socket) { _ in .bytes(Self.log) }
    defer { daemon.stop() }
    var deliveries = 0
    try DaemonClient(socket: socket).followLog(of: "j") { _ in
      deliveries += 1
      return false
    }
    #expect(deliveries == 1)
  }
}

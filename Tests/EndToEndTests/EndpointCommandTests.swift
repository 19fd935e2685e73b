import Client
import Glibc
import HostKit
import JSONKit
import TestKit
import Testing

/// Programs as workers when something comes in between.
@Suite struct EndpointCommandTests {
  @Test(
    .timeLimit(.minutes(1)),
    arguments: [
      (environment: [:], says: "HTR_COMMAND"),
      (environment: ["HTR_COMMAND": "python3 server.py"], says: "JSON array"),
      (environment: ["HTR_COMMAND": #"["no-such-program-here"]"#], says: "no-such-program-here"),
    ] as [(environment: [String: String], says: String)])
  func `a command that cannot be run fails the endpoint with a reason`(
    _ item: (environment: [String: String], says: String)
  ) async throws {
    try await DaemonFixture.use { daemon in
      let archive = try await daemon.archive("plain", ["labels.txt": "alpha"])
      try await daemon.deploy(
        "plain", [DaemonFixture.container("htr/command", archive: archive, item.environment)])
      let record = try await daemon.settled("plain")
      #expect(record.status == "Failed")
      #expect(record.failureReason?.contains(item.says) == true, "\(record.described.text)")
    }
  }

  private static let server = """
    import http.server, os

    class Answers(http.server.BaseHTTPRequestHandler):
        def reply(self):
            self.send_response(200)
            self.send_header("Content-Length", "5")
            self.end_headers()
            self.wfile.write(b"right")
        do_GET = do_POST = reply
        def address_string(self):
            return "client"

    port = int(os.environ["SAGEMAKER_BIND_TO_PORT"])
    http.server.ThreadingHTTPServer(("127.0.0.1", port), Answers).serve_forever()
    """

  @Test(.timeLimit(.minutes(1)))
  func `a program whose port a stranger took before its start gets another one`() async throws {
    let python = try #require(try await Python.find(boto3: false))
    try await DaemonFixture.use { daemon in
      let (gate, ports) = (try Gate(in: daemon.folder), "\(daemon.folder)/ports")
      let start = """
        #!/bin/sh
        echo "$SAGEMAKER_BIND_TO_PORT" >> '\(ports)'
        read go < '\(gate.path)'
        exec '\(python)' -u server.py
        """
      let archive = try await daemon.archive(
        "late", ["server.py": Self.server, "code/serve": start])
      try await daemon.deploy("late", [DaemonFixture.container("htr/command", archive: archive)])
      func chosen() throws -> [UInt16] {
        Files.exists(ports)
          ? try Files.readText(ports).split(separator: "\n").compactMap { UInt16($0) } : []
      }
      try await waitUntil("a port") { try chosen().count == 1 }
      let stranger = try Stranger(on: try chosen()[0])
      gate.open()
      try await waitUntil("another port") { try chosen().count == 2 }
      gate.open()
      let worker = try await daemon.inService("late").workers[0]
      #expect(try chosen()[1] != stranger.port)
      #expect(worker.restarts == 1)
      #expect(worker.lastEnd?.contains("Address already in use") == true, "\(worker)")
      #expect(try await daemon.ask("late").text == "right")
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `when one of several containers ends, all of the worker are replaced`() async throws {
    try await DaemonFixture.use { daemon in
      let archive = try await daemon.archive("stage", ["model.bin": "stage"])
      try await daemon.deploy(
        "chain",
        [DaemonFixture.container(archive: archive), DaemonFixture.container(archive: archive)])
      let first = try #require(try await daemon.inService("chain").workers[0].pid)
      let before = Set(daemon.servers(of: "chain").map(\.pid))
      let second = try #require(before.first { Int64($0) != first })
      kill(second, SIGKILL)
      try await daemon.wait(forWorkersOf: "chain", "a new worker") { workers in
        workers.count == 1 && workers[0].state == "Ready" && workers[0].pid != first
      }
      let after = Set(daemon.servers(of: "chain").map(\.pid))
      #expect(after.count == 2 && after.isDisjoint(with: before))
      #expect(try await daemon.ask("chain").status == 200)
    }
  }
}

/// Somebody who holds a TCP port of 127.0.0.1 and answers nobody.
private final class Stranger {
  let port: UInt16
  private let listener: Descriptor

  init(on port: UInt16) throws {
    self.port = port
    listener = Descriptor(
      owning: socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let isBound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener.number, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    guard isBound, listen(listener.number, 1) == 0 else {
      throw SystemError("take", "port \(port)")
    }
  }
}

import Glibc
import Serving
import Signing
import TestKit
import Testing

func usleepBriefly() { usleep(1000) }

/// Routes that change, several variants and stages, doors and figures.
@Suite(.timeLimit(.minutes(1))) struct RouteTests {
  @Test func `requests wait for a worker and go on by the new route`() async throws {
    try await withScratchFolder { folder in
      let plane = try await DataPlane(folder)
      plane.publish([])
      let caller = try plane.connect()
      caller.post("ink")
      try await waitUntil("the request in line") { plane.router.figures()[0].inLine == 1 }
      plane.publish([try plane.worker("w") { .answer($0.body) }])
      #expect(try caller.answer().body == "ink")
    }
  }

  @Test func `withdrawing an endpoint refuses who waits for it`() async throws {
    try await withScratchFolder { folder in
      let plane = try await DataPlane(folder)
      plane.publish([])
      let caller = try plane.connect()
      caller.post("ink")
      try await waitUntil("the request in line") { plane.router.figures()[0].inLine == 1 }
      plane.router.withdraw("words")
      let answer = try caller.answer()
      #expect(answer.status == 400 && answer.body.contains("Endpoint words of account 000000000000 not found."))
      #expect(plane.router.figures().isEmpty)
    }
  }

  @Test func `a worker that leaves its route finishes what it has`() async throws {
    try await withScratchFolder { folder in
      let plane = try await DataPlane(folder)
      let gate = Mailbox<Bool>()
      let old = try plane.worker("old") { _ in
        while gate.values.isEmpty { usleepBriefly() }
        return .answer("old")
      }
      plane.publish([old])
      let caller = try plane.connect()
      caller.post("x")
      _ = try await old.seen.first("the request")
      plane.publish([try plane.worker("new") { _ in .answer("new") }])
      #expect(try plane.connect().call("x").body == "new")
      #expect(await plane.router.drained(old.path, seconds: 0.05) == false)
      let router = plane.router
      async let isDrained = router.drained(old.path, seconds: 20)
      gate.send(true)
      #expect(try caller.answer().body == "old")
      #expect(await isDrained)
      #expect(plane.router.figures()[0].requests == 2)
    }
  }

  @Test func `a variant can be named, and one of weight 0 gets nothing else`() async throws {
    try await withScratchFolder { folder in
      let plane = try await DataPlane(folder)
      let (a, b) = (try plane.worker("a") { _ in .answer("a") }, try plane.worker("b") { _ in .answer("b") })
      plane.publish(
        "words",
        [
          .init(
            name: "A", weight: 1, requestsPerWorker: 4, timeoutSeconds: 20,
            workers: [.init(token: "a", stages: [.unix(path: a.path)])]),
          .init(
            name: "B", weight: 0, requestsPerWorker: 4, timeoutSeconds: 20,
            workers: [.init(token: "b", stages: [.unix(path: b.path)])]),
        ])
      let caller = try plane.connect()
      for _ in 0..<50 { #expect(try caller.call("x").body == "a") }
      let answer = try caller.call("x", more: "X-Amzn-SageMaker-Target-Variant: B\r\n")
      #expect(answer.body == "b" && answer.value("x-amzn-invoked-production-variant") == "B")
      #expect(try caller.call("x", more: "X-Amzn-SageMaker-Target-Variant: C\r\n").status == 400)
    }
  }

  @Test func `each stage gets the answer of the one before`() async throws {
    try await withScratchFolder { folder in
      let plane = try await DataPlane(folder)
      let first = try plane.worker("a") { .answer($0.body + Array("-a".utf8), type: "text/one") }
      let second = try plane.worker("b") { .answer($0.body + Array("-b".utf8), type: "text/two") }
      let broken = try plane.worker("c") { _ in .answer("bad", status: 500) }
      func route(_ last: FakeWorker) -> [EndpointRoute.Variant] {
        [
          .init(
            name: "A", weight: 1, requestsPerWorker: 4, timeoutSeconds: 20,
            workers: [.init(token: last.path, stages: [.unix(path: first.path), .unix(path: last.path)])])
        ]
      }
      plane.publish("words", route(second))
      let answer = try plane.connect().call("ink", more: "Content-Type: text/zero\r\nAccept: text/two\r\n")
      #expect(answer.body == "ink-a-b" && answer.value("content-type") == "text/two")
      #expect(first.seen.values[0].value("content-type") == "text/zero" && first.seen.values[0].value("accept") == nil)
      #expect(second.seen.values[0].value("content-type") == "text/one")
      #expect(second.seen.values[0].value("accept") == "text/two")
      plane.publish("words", route(broken))
      #expect(try plane.connect().call("ink").status == 424)
    }
  }

  @Test func `ping tells health`() async throws {
    try await withScratchFolder { folder in
      let plane = try await DataPlane(folder)
      let well = try plane.worker("a") { _ in .answer("") }
      let ill = try plane.worker("b") { _ in .answer("", status: 500) }
      let mute = try plane.worker("c") { _ in .hang }
      #expect(await plane.router.ping(.unix(path: well.path), seconds: 20) == .healthy)
      #expect(await plane.router.ping(.unix(path: ill.path), seconds: 20) == .unhealthy(status: 500))
      for path in [mute.path, "\(folder)/none"] {
        guard case .silent = await plane.router.ping(.unix(path: path), seconds: 0.1) else {
          Issue.record("\(path) is not silent")
          continue
        }
      }
    }
  }

  @Test func `figures are told in Prometheus' form`() async throws {
    try await withScratchFolder { folder in
      let plane = try await DataPlane(folder)
      plane.publish([try plane.worker("w") { .answer($0.body) }])
      let caller = try plane.connect()
      for _ in 0..<3 { _ = try caller.call("four") }
      plane.publish([])
      let text = PrometheusText.render(
        plane.router.figures(), [Gauge(name: "htr_x", help: "h", samples: [([("a", "q\"\\\n")], 1.5)])])
      let labels = #"{endpoint="words",variant="AllTraffic"}"#
      #expect(text.contains("htr_invocations_total\(labels) 3\n"))
      #expect(text.contains("htr_invocation_request_bytes_total\(labels) 12\n"))
      #expect(text.contains("htr_invocation_seconds_count\(labels) 3\n"))
      #expect(text.contains(#"htr_invocation_seconds_bucket{endpoint="words",variant="AllTraffic",le="+Inf"} 3"#))
      #expect(text.contains("# TYPE htr_x gauge\n" + #"htr_x{a="q\"\\\n"} 1.5"#))
    }
  }

  static let key = Credentials(accessKeyId: "AKIDLOCAL", secretAccessKey: "secret")

  /// A signed request for `signed`, with another body sent when one is given.
  private func request(_ plane: DataPlane, signing signed: String, sending body: String, more: String = "") -> String {
    let host = "127.0.0.1:\(plane.port)"
    var head = RequestHead(method: "POST", rawPath: "/endpoints/words/invocations", headers: [("Host", host)])
    head.headers += SigV4Signer(credentials: Self.key, region: "us-east-1", service: "sagemaker")
      .headers(for: head, bodyHash: BodyHash.of(Array(signed.utf8)), now: Int64(time(nil)))
    let fields = head.headers.map { "\($0.name): \($0.value)\r\n" }.joined()
    return
      "POST /endpoints/words/invocations HTTP/1.1\r\n\(fields)\(more)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
  }

  @Test func `only signed, unaltered requests for this host come in over TCP`() async throws {
    try await withScratchFolder { folder in
      // The port is known once the socket is bound: any of them is let through here.
      let hosts = Set((1...65_535).map { "127.0.0.1:\($0)" })
      let door = InvocationDoor.signed(hosts: hosts, keys: KeyRing(Self.key))
      let plane = try await DataPlane(folder, door: door)
      let worker = try plane.worker("w") { .answer($0.body) }
      plane.publish([worker])
      let caller = try plane.connectByTCP()
      caller.send(request(plane, signing: "ink", sending: "pen"))
      #expect(try caller.answer().status == 403)
      caller.post("ink", more: "")
      #expect(try caller.answer().status == 403)
      caller.send("POST /endpoints/words/invocations HTTP/1.1\r\nHost: 127.0.0.1:1\r\nContent-Length: 1\r\n\r\nx")
      #expect(try caller.answer().body.contains("no signature"))
      caller.send(request(plane, signing: "ink", sending: "ink", more: "Origin: http://evil\r\n"))
      #expect(try caller.answer().status == 403)
      #expect(worker.seen.values.isEmpty)
      caller.send(request(plane, signing: "ink", sending: "ink"))
      #expect(try caller.answer().body == "ink")
    }
  }
}

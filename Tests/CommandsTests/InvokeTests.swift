import HostKit
import JSONKit
import Testing

@testable import Commands

/// `htrctl invoke`, and endpoints by name in `htrctl read`.
@Suite(.timeLimit(.minutes(1)))
struct InvokeTests {
  let folder: ScratchFolder
  let home: String

  init() throws {
    folder = try ScratchFolder()
    home = folder.path
  }

  func serving(_ answer: @escaping @Sendable (FakeDaemon.Request) -> FakeDaemon.Answer) throws -> FakeServing {
    try FakeServing(home) {
      $0.invoke = answer
      $0.endpoints["e"] = [FakeServing.record("e", "InService")]
    }
  }

  func invoke(_ arguments: String..., width: Int? = nil) -> Printed {
    htrctl(["invoke", "e"] + arguments, home: home, width: width)
  }

  @Test func `bytes go there and come back as they are`() throws {
    let body = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let daemon = try serving { .bytes($0.body.reversed()) }
    try Files.write(body, to: "\(home)/in.bin", durable: false)
    let printed = invoke("\(home)/in.bin", "-o", "\(home)/out.bin")
    #expect(printed.status == 0 && printed.output.isEmpty, "\(printed.notes)")
    #expect(try Files.read("\(home)/out.bin") == body.reversed())
    let request = try #require(daemon.requests.first)
    #expect(request.method == "POST" && request.target == "/endpoints/e/invocations" && request.body == body)
    #expect(request.headers["expect"] == nil)
  }

  @Test func `what is asked for goes into the headers`() throws {
    let daemon = try serving { _ in .bytes(Array("ok".utf8)) }
    try folder.write("a.csv", "1,2\n")
    let printed = invoke(
      "\(home)/a.csv", "--accept", "text/csv", "--target-variant", "canary", "--custom-attributes", "trace=7")
    #expect(printed.status == 0 && printed.output == "ok")
    let headers = try #require(daemon.requests.first?.headers)
    #expect(headers["content-type"] == "text/csv" && headers["accept"] == "text/csv")
    #expect(headers["x-amzn-sagemaker-target-variant"] == "canary")
    #expect(headers["x-amzn-sagemaker-custom-attributes"] == "trace=7" && headers["x-htr-timing"] == nil)
    #expect(invoke("\(home)/a.csv", "--custom-attributes", "a\r\nX: y").status == 2)
  }

  @Test(arguments: [
    ("a.JPG", "x", "image/jpeg"), ("a.png", "x", "image/png"), ("a.json", "x", "application/json"),
    ("a.npy", "x", "application/x-npy"), ("a.txt", "{}", "text/plain"), ("a", " {\"a\":1}", "application/json"),
    ("a", "héllo", "text/plain"), ("a.b", "%PDF-1.5", "application/pdf"),
    ("a", "\u{0}\u{1}", "application/octet-stream"),
    ("a", "", "text/plain"),
  ])
  func `the type comes from the ending, else from the bytes`(name: String, text: String, type: String) throws {
    let daemon = try serving { _ in .bytes([]) }
    try folder.write("in/\(name)", text)
    #expect(invoke("\(home)/in/\(name)").status == 0)
    #expect(daemon.requests.first?.headers["content-type"] == type)
  }

  @Test(
    arguments: [
      ([0xFF, 0xD8, 0xFF, 0xE0], "image/jpeg"), ([0x89, 0x50, 0x4E, 0x47], "image/png"),
      ([0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59], "application/x-npy"), ([0xC3], "text/plain"),
      ([0x80], "application/octet-stream"),
    ] as [([UInt8], String)])
  func `magic numbers are known`(bytes: [UInt8], type: String) {
    // A prefix may end within a character, but may not begin with the rest of one.
    #expect(ContentType.ofBytes(bytes[...]) == type || bytes == [0x80])
  }

  @Test func `a model's own error is shown with its status, and ends with 1`() throws {
    let error =
      #"{"Message":"Received server error (500) from primary","OriginalStatusCode":500,"OriginalMessage":"KeyError: 'x'"}"#
    let daemon = try serving { _ in
      .full(status: 424, headers: ["x-amzn-ErrorType": "ModelError"], body: Array(error.utf8))
    }
    try folder.write("a.json", "{}")
    let printed = invoke("\(home)/a.json")
    #expect(printed.status == 1 && printed.output.isEmpty && daemon.requests.count == 1)
    #expect(
      printed.notes == """
        htrctl: invoke e: ModelError: the worker answered 500: KeyError: 'x'. \
        See `htrctl logs endpoint e`.

        """)
  }

  @Test func `an endpoint that is busy is asked again, which is told`() throws {
    let isFirst = FlagOnce()
    let daemon = try serving { _ in
      isFirst.raise()
        ? .full(
          status: 503, headers: ["Retry-After": "0", "x-amzn-ErrorType": "ServiceUnavailable"],
          body: Array(#"{"message":"the line is full"}"#.utf8)) : .bytes(Array("served".utf8))
    }
    try folder.write("a.json", "{}")
    let printed = invoke("\(home)/a.json")
    #expect(printed.status == 0 && printed.output == "served" && daemon.requests.count == 2)
    #expect(printed.notes.contains("endpoint e is busy (ServiceUnavailable): asked again in"))
  }

  @Test func `patience with a busy endpoint ends with the time-out`() throws {
    let daemon = try serving { _ in .full(status: 429, headers: ["Retry-After": "9"], body: []) }
    try folder.write("a.json", "{}")
    let printed = invoke("\(home)/a.json", "--timeout", "2")
    #expect(printed.status == 1 && daemon.requests.count == 1 && printed.notes.contains("HTTP 429"))
  }

  @Test func `bytes that would garble a screen are not printed there`() throws {
    let daemon = try serving { request in .bytes(request.body.isEmpty ? Array("text".utf8) : [0, 1, 2]) }
    try folder.write("a.json", "{}")
    try folder.write("empty.json", "")
    let refused = invoke("\(home)/a.json", width: 80)
    #expect(refused.status == 2 && refused.output.isEmpty && refused.notes.contains("Give --output-file FILE"))
    #expect(invoke("\(home)/a.json").output == "\u{0}\u{1}\u{2}")
    #expect(invoke("\(home)/empty.json", width: 80).output == "text\n")
    #expect(daemon.requests.count == 3)
  }

  @Test func `timing tells what answered and where the time went`() throws {
    let daemon = try serving { _ in
      .full(
        status: 200,
        headers: [
          "x-Amzn-Invoked-Production-Variant": "main", "Content-Type": "text/csv",
          "server-timing": "queue;dur=0.05, transfer;dur=0.2, compute;dur=3",
        ], body: Array("x".utf8))
    }
    try folder.write("a.json", "{}")
    let printed = invoke("\(home)/a.json", "--timing")
    #expect(printed.output == "x" && daemon.requests.first?.headers["x-htr-timing"] == "true")
    #expect(printed.notes.hasPrefix("1 bytes in "))
    #expect(printed.notes.hasSuffix("; type text/csv; variant main; queue 0.05 ms, transfer 0.2 ms, compute 3 ms\n"))
  }

  @Test(
    arguments: [
      (["missing.json"], 2, "Give a file"), (["a.json", "--timeout", "0"], 2, "--timeout"),
      (["a.json", "--timeout", "1"], 5, "the connection was lost before the answer came"),
    ] as [([String], Int32, String)])
  func `what goes wrong before an answer is told`(arguments: [String], status: Int32, text: String) throws {
    let daemon = try serving { _ in .lost }
    try folder.write("a.json", "{}")
    var arguments = arguments
    arguments[0] = "\(home)/\(arguments[0])"
    let printed = htrctl(["invoke", "e"] + arguments, home: home)
    #expect(printed.status == status && printed.notes.contains(text), "\(printed.notes)")
    #expect(daemon.requests.count <= 1)
  }

  @Test func `without a daemon an invocation says how to start it`() throws {
    try folder.write("a.json", "{}")
    let printed = invoke("\(home)/a.json")
    #expect(printed.status == 5 && printed.notes.contains("htrctl daemon start"))
  }

  // MARK: Reading by endpoint names

  @Test func `pages are read by an endpoint's name`() throws {
    let daemon = try serving { request in
      .json(ReadingFixtures.answer(width: ReadingFixtures.width(of: request), texts: ["by", "name"]))
    }
    let page = try ReadingFixtures.page(folder, "a.jpg", width: 100)
    let printed = ReadingFixtures.read([page, "--page-endpoint", "e"], folder)
    #expect(printed.status == 0 && printed.output == "by name\n", "\(printed.notes)")
    #expect(daemon.requests.map(\.target) == ["/htr/v1/endpoints/e", "/endpoints/e/invocations"])
  }

  @Test func `a page that the worker refuses is told in the worker's words, and the others are read`() throws {
    let daemon = try serving { request in
      let width = ReadingFixtures.width(of: request)
      let error: JSON = [
        "Message": "Received client error (422)", "OriginalStatusCode": 422,
        "OriginalMessage": #"{"error":{"code":"UnreadableImage","message":"It is torn."}}"#,
      ]
      return width == 102
        ? .full(status: 424, headers: ["x-amzn-ErrorType": "ModelError"], body: error.bytes)
        : .json(ReadingFixtures.answer(width: width, texts: ["\(width)"]))
    }
    for number in 1...3 { try ReadingFixtures.page(folder, "scans/\(number).jpg", width: 100 + number) }
    let printed = ReadingFixtures.read(["\(home)/scans", "--page-endpoint", "e"], folder)
    #expect(printed.status == 1 && printed.output == "101\n\u{C}103\n")
    #expect(printed.notes.contains("scans/2.jpg: endpoint e refused it: UnreadableImage: It is torn."))
    #expect(!daemon.requests.isEmpty)
  }

  @Test func `reading waits for an endpoint that is coming up`() throws {
    let daemon = try FakeServing(home) {
      $0.invoke = { _ in .json(ReadingFixtures.answer(width: 100, texts: ["ready"])) }
      $0.endpoints["e"] = [FakeServing.record("e", "Creating"), FakeServing.record("e", "InService", version: 2)]
    }
    let page = try ReadingFixtures.page(folder, "a.jpg", width: 100)
    #expect(ReadingFixtures.read([page, "--page-endpoint", "e"], folder).output == "ready\n")
    #expect(daemon.requests.map(\.target)[1].hasPrefix("/htr/v1/endpoints/e?version=1&timeout="))
  }

  @Test(arguments: [("Failed", "the endpoint is Failed"), ("", "there is no endpoint of this name")])
  func `an endpoint that cannot answer is unreachable`(status: String, text: String) throws {
    let daemon = try FakeServing(home) {
      $0.endpoints["e"] = [status.isEmpty ? "" : FakeServing.record("e", status)]
    }
    let page = try ReadingFixtures.page(folder, "a.jpg", width: 100)
    let printed = ReadingFixtures.read([page, "--page-endpoint", "e"], folder)
    #expect(printed.status == 5 && printed.notes.contains(text) && daemon.requests.count == 1)
  }

  @Test func `an endpoint that goes away ends the run`() throws {
    let gone = #"{"message":"Endpoint e of account 000000000000 not found."}"#
    let daemon = try serving { _ in
      .full(status: 400, headers: ["x-amzn-ErrorType": "ValidationError"], body: Array(gone.utf8))
    }
    for number in 1...3 { try ReadingFixtures.page(folder, "scans/\(number).jpg", width: 100 + number) }
    let printed = ReadingFixtures.read(["\(home)/scans", "--page-endpoint", "e", "--jobs", "1"], folder)
    #expect(printed.status == 5 && printed.notes.contains("not found") && printed.notes.contains("describe endpoint e"))
    #expect(daemon.requests.count == 2)
  }
}

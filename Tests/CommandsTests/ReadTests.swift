import ArgumentParser
import Documents
import Glibc
import HostKit
import JSONKit
import Pages
import Reports
import Testing

@testable import Client
@testable import Commands

/// `htrctl read` with workers of made-up answers.
@Suite(.timeLimit(.minutes(1)))
struct ReadTests {
  let folder: ScratchFolder

  init() throws { folder = try ScratchFolder() }

  func read(_ arguments: String...) -> Printed { ReadingFixtures.read(arguments, folder) }

  @Test func `a page worker is asked once for a page, and its words are printed`() throws {
    let worker = try ReadingFixtures.pageWorker(folder)
    defer { worker.stop() }
    let page = try ReadingFixtures.page(folder, "a.jpg", width: 120)
    let printed = read(page, "--page-endpoint", worker.address)
    #expect(printed.status == 0 && printed.output == "wide 120\n")
    #expect(worker.invocations.count == 1)
    #expect(worker.invocations.first?.headers["content-type"] == "image/jpeg")
    #expect(try worker.invocations.first?.body == Files.read(page))
  }

  @Test func `two endpoints are joined: the words that one finds are cut and read by the other`() throws {
    let finder = try ReadingFixtures.worker(folder, "find.sock") {
      .json(ReadingFixtures.answer(width: ReadingFixtures.width(of: $0), texts: [nil, nil]))
    }
    let reader = try ReadingFixtures.worker(folder, "read.sock") { request in
      // A body that is no JSON would show as a missing reading.
      let crops = (try? JSON(parsing: request.body))?["crops"]?.array ?? []
      let predictions = crops.map { crop -> JSON in
        ["text": .string("at \(crop[0]?["x"]?.integer ?? -1)"), "confidence": 0.5]
      }
      return .json((["predictions": .array(predictions)] as JSON).text)
    }
    defer {
      finder.stop()
      reader.stop()
    }
    let page = try ReadingFixtures.page(folder, "a.png", width: 100)
    let printed = read(
      page, "--segmentation-endpoint", finder.address, "--recognition-endpoint", reader.address, "--format", "json")
    #expect(printed.status == 0)
    let read = try ReadPage(json: try JSON(parsing: printed.output))
    #expect(read.words.map(\.text) == ["at 0", "at 10"] && read.words.map(\.confidence) == [0.5, 0.5])
    #expect(finder.invocations.count == 1 && reader.invocations.count == 1)
    let sent = try JSON(parsing: try #require(reader.invocations.first).body)
    #expect(sent["image"]?.string == String(decoding: Base64.bytes(try Files.read(page)), as: UTF8.self))
  }

  @Test func `many words are read in batches that a worker takes`() throws {
    let texts = [String?](repeating: nil, count: 300)
    let finder = try ReadingFixtures.worker(folder, "find.sock") { _ in
      .json(ReadingFixtures.answer(width: 4000, texts: texts))
    }
    let reader = try ReadingFixtures.worker(folder, "read.sock") { request in
      let count = (try? JSON(parsing: request.body))?["crops"]?.array?.count ?? 0
      let reading: JSON = ["text": "x", "confidence": 1]
      return .json((["predictions": .array(Array(repeating: reading, count: count))] as JSON).text)
    }
    defer {
      finder.stop()
      reader.stop()
    }
    let page = try ReadingFixtures.page(folder, "a.png", width: 100)
    let printed = read(
      page, "--segmentation-endpoint", finder.address, "--recognition-endpoint", reader.address)
    #expect(printed.output.split(separator: " ").count == 300)
    let counts = try reader.invocations.map { try JSON(parsing: $0.body)["crops"]?.array?.count }
    #expect(counts == [256, 44])
  }

  @Test func `the output has the order of the input, however long a page takes`() throws {
    let others = FlagOnce()
    let worker = try ReadingFixtures.worker(folder, "page.sock") { request in
      let width = ReadingFixtures.width(of: request)
      // The first page is answered after the last one was asked for.
      if width == 104 { others.raise() }
      if width == 101 { others.wait() }
      return .json(ReadingFixtures.answer(width: width, texts: ["\(width)"]))
    }
    defer { worker.stop() }
    for number in 1...4 { try ReadingFixtures.page(folder, "scans/\(number).jpg", width: 100 + number) }
    let printed = read("\(folder.path)/scans", "--page-endpoint", worker.address, "--jobs", "2")
    #expect(printed.output == "101\n\u{C}102\n\u{C}103\n\u{C}104\n")
  }

  @Test func `a bad page is told with its reason, and the others are read`() throws {
    let worker = try ReadingFixtures.worker(folder, "page.sock") { request in
      let width = ReadingFixtures.width(of: request)
      return width == 102
        ? .refusal(status: 422, body: #"{"error":{"code":"UnreadableImage","message":"It is torn."}}"#)
        : .json(ReadingFixtures.answer(width: width, texts: ["\(width)"]))
    }
    defer { worker.stop() }
    for number in 1...3 { try ReadingFixtures.page(folder, "scans/\(number).jpg", width: 100 + number) }
    try folder.write("scans/4.pdf", "no PDF at all")
    let printed = read("\(folder.path)/scans", "--page-endpoint", worker.address)
    #expect(printed.status == 1 && printed.output == "101\n\u{C}103\n")
    #expect(printed.notes.contains("scans/2.jpg: \(worker.address) refused it: UnreadableImage: It is torn."))
    #expect(printed.notes.contains("scans/4.pdf: it is neither JPEG, PNG, TIFF nor PDF"))
    #expect(printed.notes.contains("2 of 4 pages could not be read"))
  }

  @Test func `a worker that is busy is asked again`() throws {
    let isFirst = FlagOnce()
    let worker = try ReadingFixtures.worker(folder, "page.sock") { request in
      isFirst.raise()
        ? .refusal(status: 429, body: "{}") : .json(ReadingFixtures.answer(width: 100, texts: ["patience"]))
    }
    defer { worker.stop() }
    let page = try ReadingFixtures.page(folder, "a.jpg", width: 100)
    let printed = read(page, "--page-endpoint", worker.address)
    #expect(printed.output == "patience\n" && worker.invocations.count == 2)
  }

  @Test func `patience with a busy worker has an end`() throws {
    let worker = try ReadingFixtures.worker(folder, "page.sock") { _ in .refusal(status: 503, body: "{}") }
    defer { worker.stop() }
    let client = WorkerClient(
      try #require(WorkerAddress(worker.address)), patience: Patience(limit: .milliseconds(500)))
    #expect(throws: WorkerError.self) { try client.invoke([1], contentType: "image/png") }
    #expect(worker.invocations.count == 1)
  }

  @Test(arguments: [("2", Duration.seconds(2)), ("9999", .seconds(10)), ("soon", .seconds(1))])
  func `the pause that a worker asks for is kept, within bounds`(header: String, pause: Duration) {
    let busy = Response(status: 503, headers: ["retry-after": header], body: [])
    #expect(busy.pauseAsked == pause)
    #expect(Response(status: 500, headers: ["retry-after": header], body: []).pauseAsked == nil)
  }

  @Test func `a worker of the wrong kind is named as what it is`() throws {
    let finder = try ReadingFixtures.worker(folder, "find.sock") { _ in
      .json(ReadingFixtures.answer(width: 100, texts: [nil]))
    }
    let reader = try ReadingFixtures.worker(folder, "read.sock") { _ in
      .json(#"{"predictions":[{"text":"x","confidence":1}]}"#)
    }
    defer {
      finder.stop()
      reader.stop()
    }
    let page = try ReadingFixtures.page(folder, "a.jpg", width: 100)
    let asPage = [read(page, "--page-endpoint", finder.address), read(page, "--page-endpoint", reader.address)]
    #expect(asPage.allSatisfy { $0.status == 2 })
    #expect(asPage[0].notes.contains("it is a word-segmentation worker. Give it as --segmentation-endpoint"))
    #expect(asPage[1].notes.contains("it is a text-recognition worker. Give it as --recognition-endpoint"))
    let swapped = read(page, "--segmentation-endpoint", reader.address, "--recognition-endpoint", finder.address)
    #expect(
      swapped.status == 2 && swapped.notes.contains("--segmentation-endpoint \(reader.address): it reads single words"))
    let twice = read(page, "--segmentation-endpoint", finder.address, "--recognition-endpoint", finder.address)
    #expect(
      twice.status == 2 && twice.notes.contains("--recognition-endpoint \(finder.address): it finds words on pages"))
  }

  @Test(
    arguments: [
      ([], "nobody is named to read the pages"),
      (["--page-endpoint", "unix:/x", "--model", "m"], "Choose one of"),
      (["--segmentation-endpoint", "unix:/x"], "--recognition-endpoint is missing"),
      (["--page-endpoint", "localhost:80"], "it is neither an endpoint's name nor the address of a worker"),
      (["--page-endpoint", "unix:/x", "--resume"], "--resume needs --output"),
      (["--page-endpoint", "unix:/x", "--overlay-format", "png"], "--overlay-format needs --overlay"),
      (["--page-endpoint", "unix:/x", "--format", "docx"], "docx"),
      (["--page-endpoint", "unix:/x", "--jobs", "0"], "--jobs must lie in 1...64"),
    ] as [([String], String)])
  func `a request that cannot be carried out is refused with what helps`(options: [String], reason: String) throws {
    let page = try ReadingFixtures.page(folder, "a.jpg", width: 100)
    let printed = ReadingFixtures.read([page] + options, folder)
    #expect(printed.status == 2 && printed.notes.contains(reason))
  }

  @Test func `a worker that refuses crops is asked for the page, to tell what it is`() throws {
    let finder = try ReadingFixtures.worker(folder, "find.sock") { request in
      request.headers["content-type"] == "application/json"
        ? .refusal(status: 400, body: #"{"error":{"code":"BadRequest","message":"No crops here."}}"#)
        : .json(ReadingFixtures.answer(width: 100, texts: [nil]))
    }
    defer { finder.stop() }
    let page = try ReadingFixtures.page(folder, "a.jpg", width: 100)
    let printed = read(page, "--segmentation-endpoint", finder.address, "--recognition-endpoint", finder.address)
    #expect(printed.status == 2 && printed.notes.contains("it finds words on pages"))
  }

  @Test func `a word too thin to be cut has an empty text, and the others are read`() throws {
    let finder = try ReadingFixtures.worker(folder, "find.sock") { _ in
      .json(
        ReadingFixtures.answer(width: 100, texts: [nil, nil])
          .replacing(#"{"x":8,"y":20},{"x":0,"y":20}"#, with: #"{"x":8,"y":5.5},{"x":0,"y":5.5}"#))
    }
    let reader = try ReadingFixtures.worker(folder, "read.sock") { _ in
      .json(#"{"predictions":[{"text":"one","confidence":1}]}"#)
    }
    defer {
      finder.stop()
      reader.stop()
    }
    let page = try ReadingFixtures.page(folder, "a.jpg", width: 100)
    let printed = read(
      page, "--segmentation-endpoint", finder.address, "--recognition-endpoint", reader.address, "--format", "json")
    let read = try ReadPage(json: try JSON(parsing: printed.output))
    #expect(read.words.map(\.text) == ["", "one"])
  }

  @Test func `an endpoint where nobody listens is told, as unreachable`() throws {
    let page = try ReadingFixtures.page(folder, "a.jpg", width: 100)
    let printed = read(page, "--page-endpoint", "unix:\(folder.path)/nobody.sock")
    #expect(printed.status == 5 && printed.notes.contains("nobody listens on unix:\(folder.path)/nobody.sock"))
  }

  @Test func `a worker that dies ends the run`() throws {
    let worker = try ReadingFixtures.pageWorker(folder)
    for number in 1...3 { try ReadingFixtures.page(folder, "scans/\(number).jpg", width: 100 + number) }
    let source = try PageEndpoint(
      WorkerEndpoint(
        named: worker.address, option: "--page-endpoint", daemon: .parse(["--home", folder.path])))
    worker.stop()
    let files = try InputFiles.find(["\(folder.path)/scans"])
    let naming = PageNaming(format: .text, folder: folder.path, imageFolder: nil)
    let sink = FolderSink(folder: "\(folder.path)/out", naming: naming, overlay: nil, resumes: false)
    let run = ReadingRun(
      PageQueue(files, limits: .standard), source: source, sink: sink, jobs: 2, progress: ReadingProgress(.standard))
    #expect(throws: Failure.self) { try run.run(jobs: 2) }
  }

  @Test func `a model that cannot be served is told with the worker's last words, and nothing is left behind`() throws {
    let program = try folder.write(
      "bin/htr-inference", "#!/bin/sh\necho the model has no weights\nexit 2\n", mode: 0o755)
    try Files.makeFolder("\(folder.path)/model")
    try Files.makeFolder("\(folder.path)/tmp")
    let page = try ReadingFixtures.page(folder, "a.jpg", width: 100)
    let printed = htrctl(
      ["read", page, "--model", "\(folder.path)/model"], home: folder.path,
      environment: ["HTR_PROGRAMS": Files.parent(of: program), "TMPDIR": "\(folder.path)/tmp", "PATH": "/bin"])
    #expect(printed.status == 6 && printed.notes.contains("the worker ended before it was ready"))
    #expect(printed.notes.contains("  the model has no weights\n"))
    #expect(try Files.names(in: "\(folder.path)/tmp") == [])
  }

  @Test func `a model that is no archive is refused`() throws {
    let program = try folder.write("bin/htr-inference", "#!/bin/sh\n", mode: 0o755)
    let page = try ReadingFixtures.page(folder, "a.jpg", width: 100)
    let printed = htrctl(
      ["read", page, "--model", page], home: folder.path, environment: ["HTR_PROGRAMS": Files.parent(of: program)])
    #expect(printed.status == 2 && printed.notes.contains("Give a model's folder or its model.tar.gz"))
  }
}

/// Something that happens once, for a worker's threads to wait for.
final class FlagOnce: Sendable {
  private let pipe: (read: Int32, write: Int32)

  init() {
    var ends: [Int32] = [-1, -1]
    Glibc.pipe(&ends)
    _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
    pipe = (ends[0], ends[1])
  }

  deinit {
    close(pipe.read)
    close(pipe.write)
  }

  /// True for the first one.
  @discardableResult
  func raise() -> Bool {
    var waiting = pollfd(fd: pipe.read, events: Int16(POLLIN), revents: 0)
    guard poll(&waiting, 1, 0) == 0 else { return false }
    return write(pipe.write, "x", 1) == 1
  }

  func wait() {
    var waiting = pollfd(fd: pipe.read, events: Int16(POLLIN), revents: 0)
    poll(&waiting, 1, 20_000)
  }
}

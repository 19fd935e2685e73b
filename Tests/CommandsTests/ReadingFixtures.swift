import Glibc
import HostKit
import ImageKit
import JSONKit

@testable import Commands

/// Made-up workers and pages for `htrctl read`.
enum ReadingFixtures {
  /// A page that workers here know by its width.
  @discardableResult
  static func page(_ folder: ScratchFolder, _ name: String, width: Int) throws -> String {
    let path = "\(folder.path)/\(name)"
    try Files.makeFolder(Files.parent(of: path))
    let image = GreyImage(width: width, height: 40, shade: 200)
    let bytes = name.hasSuffix(".png") ? try ImageEncoder.png(image) : try ImageEncoder.jpeg(image)
    try Files.write(bytes, to: path, durable: false)
    return path
  }

  static func width(of request: FakeDaemon.Request) -> Int {
    // What is no image has no width: the tests then see a page of 0 pixels.
    (try? ImageDecoder.header(of: request.body).width) ?? 0
  }

  /// The answer of a worker about a page with a word for each text; nil: found and not read.
  static func answer(width: Int, texts: [String?]) -> String {
    let words = texts.enumerated().map { index, text -> JSON in
      let (left, right) = (JSON.integer(Int64(index * 10)), JSON.integer(Int64(index * 10 + 8)))
      return .members([
        "polygon": [["x": left, "y": 5], ["x": right, "y": 5], ["x": right, "y": 20], ["x": left, "y": 20]],
        "score": 0.9, "line_idx": 0, "block_idx": 0, "text": text.map { .string($0) },
        "confidence": text.map { _ in 0.8 },
      ])
    }
    let page: JSON = [
      "version": 1, "width": .integer(Int64(width)), "height": 40, "rotation": 0, "words": .array(words),
    ]
    return page.text
  }

  /// A page worker that reads of each page its width.
  static func pageWorker(_ folder: ScratchFolder, _ name: String = "page.sock") throws -> FakeDaemon {
    try worker(folder, name) { request in
      let width = width(of: request)
      return .json(answer(width: width, texts: ["wide", "\(width)"]))
    }
  }

  /// A worker that is well, and answers invocations as the test says.
  static func worker(
    _ folder: ScratchFolder, _ name: String, _ answer: @escaping @Sendable (FakeDaemon.Request) -> FakeDaemon.Answer
  ) throws -> FakeDaemon {
    try FakeDaemon("\(folder.path)/\(name)") { request in
      request.target == "/ping" ? .bytes([]) : answer(request)
    }
  }

  static func read(_ arguments: [String], _ folder: ScratchFolder) -> Printed {
    htrctl(["read"] + arguments, home: folder.path)
  }
}

extension FakeDaemon {
  var invocations: [Request] { requests.filter { $0.target == "/invocations" } }
  var address: String { "unix:\(socket)" }
}

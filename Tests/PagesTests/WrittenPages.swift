import Foundation
import HostKit
import ImageKit

@testable import Pages

/// Pages to write.
enum WrittenPages {
  static func box(_ x: Double, _ y: Double, _ width: Double, _ height: Double) -> [Point] {
    [Point(x: x, y: y), Point(x: x + width, y: y), Point(x: x + width, y: y + height), Point(x: x, y: y + height)]
  }

  /// Two blocks; a slanting word, one with five corners, one that nobody has read, and texts that need care.
  static let letter = ReadPage(
    width: 640, height: 480,
    words: [
      PageWord(polygon: box(40, 40, 90.5, 30), score: 0.98, text: "Größe", confidence: 0.9712, line: 0, block: 0),
      PageWord(
        polygon: [
          Point(x: 150, y: 42), Point(x: 249.25, y: 46), Point(x: 248, y: 76), Point(x: 200, y: 77),
          Point(x: 149, y: 72),
        ], score: 0.9, text: "<&\"'>", confidence: 0.5, line: 0, block: 0),
      PageWord(
        polygon: [Point(x: 60, y: 110), Point(x: 180, y: 122), Point(x: 177, y: 150), Point(x: 57, y: 138)],
        score: 0.75, text: "żółw", confidence: 1, line: 1, block: 0),
      PageWord(polygon: box(200, 120, 80, 30), score: 0.4, line: 1, block: 0),
      PageWord(polygon: box(40, 300, 100, 36), score: 0.99, text: "Ende", confidence: 0.25, line: 2, block: 1),
    ])

  static let empty = ReadPage(width: 10, height: 20, words: [])

  /// Words no detector should make, which must not stop a page from being written.
  static let odd = ReadPage(
    width: 50, height: 40,
    words: [
      PageWord(polygon: [], score: 0, text: "a\u{0}\u{8}b\nc", confidence: 0, line: 5, block: 3),
      PageWord(polygon: box(-100, -100, 500, 500), score: 1, text: "", confidence: 1, line: 2, block: 3),
      PageWord(polygon: [Point(x: .nan, y: .infinity)], score: 1, text: "\u{FFFE}x", line: 2, block: 0),
      PageWord(polygon: [Point](repeating: Point(x: 7, y: 7), count: 4), score: 1, text: "x", line: 2, block: 0),
    ])

  static func printed(_ page: ReadPage, source: String = "scan 1 & <2>.png", number: Int = 1) -> PrintedPage {
    PrintedPage(
      page: page, source: source, number: number,
      image: GreyImage(width: max(page.width, 1), height: max(page.height, 1), shade: 240))
  }

  static func text(_ page: ReadPage, as format: PageFormat) throws -> String {
    String(decoding: try PageWriter.file([printed(page)], as: format), as: UTF8.self)
  }
}

/// A folder of one test, removed with it.
final class FormatFolder: Sendable {
  let path = "/tmp/htr-formats-\(Identifier.random(bytes: 6))"

  init() throws { try Files.makeFolder(path, mode: 0o700) }
  deinit { try? Files.remove(path) }

  func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    try Files.write(bytes, to: "\(path)/\(name)", durable: false)
    return "\(path)/\(name)"
  }
}

/// Programs of the system that judge what is written; a test says so and ends where they are absent.
enum Judge {
  struct Verdict {
    let status: Int32
    let output: String
    let faults: String
  }

  static func find(_ name: String) -> String? {
    if name.hasPrefix("/") { return Files.exists(name) ? name : nil }
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    return folders.map { "\($0)/\(name)" }.first(where: Files.exists)
  }

  static func run(_ program: String, _ arguments: [String], in folder: FormatFolder) throws -> Verdict {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    // Files, not pipes: nobody has to read while the program writes.
    let (output, faults) = ("\(folder.path)/judge.out", "\(folder.path)/judge.err")
    for path in [output, faults] { try Files.write("", to: path, durable: false) }
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: faults))
    try process.run()
    process.waitUntilExit()
    return Verdict(
      status: process.terminationStatus, output: try Files.readText(output), faults: try Files.readText(faults))
  }
}

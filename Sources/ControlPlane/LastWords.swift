import HostKit
import WorkerContract

/// What a worker said before it ended, for messages that explain the end.
enum LastWords {
  /// Longest part of a message that comes from the worker, in bytes.
  static let longest = 800

  /// The end of a log; empty when there is none.
  static func ofLog(_ path: String) -> String {
    // Without a log there is nothing to quote.
    guard let bytes = try? Files.readSuffix(path, limit: longest) else { return "" }
    return trimmed(bytes)
  }

  /// The text that a training worker leaves in `output/failure`; nil when it left none.
  static func inFailureFile(_ path: String) -> String? {
    // A worker that wrote nothing, or something unreadable, is explained by its exit code instead.
    guard let bytes = try? Files.readPrefix(path, limit: longest) else { return nil }
    let text = trimmed(bytes)
    return text.isEmpty ? nil : text
  }

  /// How a program ended, with its last words.
  static func ending(_ exit: WorkerExit, log: String) -> String {
    let code = exit.code ?? exit.signal.map { 128 + $0 } ?? 1
    let how = exit.signal.map { "was ended by signal \($0)" } ?? "ended with exit code \(code)"
    let words = ofLog(log)
    return "The program \(how)." + (words.isEmpty ? "" : " Its last words: \(words)")
  }

  /// Readable text: other bytes replaced, white space at the ends gone.
  private static func trimmed(_ bytes: [UInt8]) -> String {
    let text = String(decoding: bytes, as: UTF8.self)
    guard let first = text.firstIndex(where: { !$0.isWhitespace && $0 != "\u{FFFD}" }),
      let last = text.lastIndex(where: { !$0.isWhitespace })
    else { return "" }
    return String(text[first...last])
  }
}

import Documents
import Pages

/// Whoever turns the image of a page into words: endpoints that run already, or a worker that this command has started.
///
/// Get one by `ReadingSourceOptions.withSource`. Several threads may ask at once.
protocol ReadingSource: Sendable {
  /// The words of a page in reading order, with their texts.
  /// - Throws: `PageFailure` for a page that cannot be read while others may be; any other error ends the run.
  func read(_ page: DocumentPage) throws -> ReadPage
}

/// Why one page was not read.
struct PageFailure: Error, Equatable, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

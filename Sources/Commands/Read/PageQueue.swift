import Documents
import Glibc
import HostKit
import Synchronization

/// One page to read.
struct PageTask: Sendable {
  /// From 0, in the order of the input.
  let order: Int
  let file: InputFile
  /// From 0, within its document.
  let index: Int
  /// How many pages the document has.
  let count: Int
  /// What keeps the document from being opened concerns its one task.
  let document: Result<Document, PageFailure>

  /// As messages name the page.
  var name: String { count > 1 ? "\(file.name) page \(index + 1)" : file.name }

  /// Below the output's folder, without an extension.
  var stem: String {
    guard count > 1 else { return file.stem }
    let number = String(index + 1)
    return "\(file.stem)-p\(String(repeating: "0", count: max(0, 4 - number.count)))\(number)"
  }

  /// True when the page is itself a file that a manifest can name.
  var isImageFile: Bool {
    guard file.path != nil, let kind = (try? document.get())?.kind else { return false }
    return kind == .jpeg || kind == .png
  }
}

/// Hands out the pages of the input one by one; a document is opened when its first page is due.
final class PageQueue: Sendable {
  private struct State {
    var nextFile = 0
    var current: (file: InputFile, document: Document, nextPage: Int)?
    var handedOut = 0
  }

  private let files: [InputFile]
  private let limits: DocumentLimits
  private let state = Mutex(State())

  init(_ files: [InputFile], limits: DocumentLimits) {
    self.files = files
    self.limits = limits
  }

  /// Pages in all, as far as it is known: a document that was not opened yet counts as one page.
  var expected: Int {
    state.withLock { state in
      let rest = state.current.map { $0.document.pageCount - $0.nextPage } ?? 0
      return state.handedOut + rest + files.count - state.nextFile
    }
  }

  func next() -> PageTask? {
    state.withLock { state in
      while true {
        if let (file, document, page) = state.current, page < document.pageCount {
          state.current?.nextPage += 1
          return Self.task(&state, file, page, document.pageCount, .success(document))
        }
        state.current = nil
        guard state.nextFile < files.count else { return nil }
        let file = files[state.nextFile]
        state.nextFile += 1
        do {
          state.current = (file, try open(file), 0)
        } catch {
          return Self.task(&state, file, 0, 1, .failure(PageFailure(Self.reason(error))))
        }
      }
    }
  }

  private static func task(
    _ state: inout State, _ file: InputFile, _ index: Int, _ count: Int, _ document: Result<Document, PageFailure>
  ) -> PageTask {
    defer { state.handedOut += 1 }
    return PageTask(order: state.handedOut, file: file, index: index, count: count, document: document)
  }

  private func open(_ file: InputFile) throws -> Document {
    if let path = file.path { return try Document.open(path: path, limits: limits) }
    let input = Descriptor(owning: dup(STDIN_FILENO))
    let bytes = try input.read(limit: limits.maximumBytes + 1, path: file.name)
    return try Document.open(bytes: bytes, limits: limits)
  }

  /// The page's name stands in front of it already.
  private static func reason(_ error: any Error) -> String { (error as? SystemError)?.reason ?? "\(error)" }
}

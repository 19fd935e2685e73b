import MarkupKit

/// The XML of a page's file, with faults that name the file.
struct PageMarkup: ~Copyable {
  private var reader: MarkupReader
  private let file: String

  init(_ bytes: [UInt8], file: String) throws(PageFormatError) {
    self.file = file
    do throws(MarkupError) { reader = try MarkupReader(bytes) } catch { throw PageFormatError(error, file: file) }
  }

  mutating func next() throws(PageFormatError) -> MarkupReader.Event? {
    do throws(MarkupError) { return try reader.next() } catch { throw PageFormatError(error, file: file) }
  }

  func refusal(_ code: PageFormatError.Code = .malformed, _ message: String) -> PageFormatError {
    PageFormatError(code, message, file: file, line: reader.line)
  }
}

extension PageFormatError {
  fileprivate init(_ error: MarkupError, file: String) {
    let code: Code =
      switch error.code {
      case .malformed: .malformed
      case .unsupported: .unsupported
      case .tooLarge: .tooLarge
      }
    self.init(code, error.message, file: file, line: error.line)
  }
}

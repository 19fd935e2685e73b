import HTTPTypes
import ImageKit
import JSONKit
import Pages

/// A segmentation model, with or without a recognition model: images of pages in, words in reading order out.
struct ServedPages: ServedModel {
  /// Pages want nothing told beyond the usual.
  struct Options: Sendable, Equatable {}

  let reader: PageReader

  func form(for headers: HTTPFields) throws(InvocationFault) -> PageForm {
    try PageForm(headers: headers, hasTexts: reader.readsText)
  }

  func understand(
    _ body: [UInt8], contentType: String?, limits: InvocationLimits
  ) throws(InvocationFault) -> (items: [PageScan], options: Options) {
    ([try PageScan(body: body, contentType: contentType, limits: limits)], Options())
  }

  func size(of page: PageScan) -> Int { page.image.pixels.count }

  /// One after the other: each takes all threads there are.
  func work(on pages: [PageScan], options: Options) throws -> [ReadPage] {
    try pages.map { try reader.read($0.image).scaled(toWidth: $0.width, height: $0.height) }
  }

  func body(of pages: [ReadPage], options: Options, form: PageForm) -> [UInt8] {
    // A request has one page.
    pages.flatMap { page in
      switch form {
      case .page: page.json.bytes
      case .notebook: page.notebookJSON.bytes
      case .text: Array(page.plainText.utf8)
      }
    }
  }

  func contentType(of form: PageForm) -> String { form.contentType }

  var selfTest: (item: PageScan, options: Options) { (PageScan(SelfTest.page), Options()) }

  func fault(inSelfTest page: ReadPage) -> String? {
    for word in page.words {
      guard (0...1).contains(word.score), (0...1).contains(word.confidence ?? 0) else {
        return
          "a score of the self-test is \(word.score), or a confidence \(word.confidence ?? 0), not 0 to 1"
      }
      guard word.polygon.allSatisfy({ $0.x.isFinite && $0.y.isFinite }) else {
        return "a polygon of the self-test has corners that are no places"
      }
    }
    return nil
  }
}

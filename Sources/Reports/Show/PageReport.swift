import Glibc
public import HostKit
import JSONKit

/// Writes pages with polygons and texts as one HTML file to look through: search, zoom, filters; no outside references,
/// so that it works from a folder or an attachment. Only one page at a time is in memory. The file appears under its
/// name with `finish()`; a report that is dropped before leaves nothing.
public final class PageReport {
  private let path: String
  private let temporary: String
  private let file: Descriptor
  private var isFinished = false
  private var pages = 0
  /// Bytes written so far.
  public private(set) var size = 0

  /// - Parameter title: the heading, any text.
  public init(path: String, title: String) throws(SystemError) {
    self.path = path
    temporary = "\(path).tmp-\(Identifier.random(bytes: 4))"
    file = try Descriptor.open(temporary, O_WRONLY | O_CREAT | O_EXCL)
    try write(ViewerPage.start(title: title))
  }

  deinit {
    if !isFinished { unlink(temporary) }
  }

  public func add(_ page: ShownPage) throws(SystemError) {
    // A script element of a type that is no script is text to the browser: nothing runs, nothing is drawn yet.
    try write(#"<script type="application/json" class="page">\#(Markup.scriptSafe(page.json.text))</script>"# + "\n")
    if let image = page.image {
      try write(#"<script type="text/plain" id="image-\#(pages)">"#)
      try write(Base64.bytes(image.bytes))
      try write("</script>\n")
    }
    pages += 1
  }

  /// Completes the file and puts it in its place.
  /// - Parameter note: what the reader should know, such as how many pages were left out.
  public func finish(note: String? = nil) throws(SystemError) {
    try write(ViewerPage.end(note: note))
    try Files.rename(temporary, to: path, durable: false)
    isFinished = true
  }

  private func write(_ text: String) throws(SystemError) { try write(Array(text.utf8)) }

  private func write(_ bytes: [UInt8]) throws(SystemError) {
    try file.write(bytes, path: temporary)
    size += bytes.count
  }
}

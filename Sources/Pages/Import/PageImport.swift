public import Handwriting
import HostKit
import MarkupKit

/// Reads a page that another program wrote, ALTO (versions 2 to 4) or PAGE (2013 to 2019), for a manifest.
///
/// Words come with their texts, polygons and lines in reading order; PAGE also tells of some what is printed and what
/// is handwritten. Of a PAGE line without words the line itself becomes one item, to be cut or trained on as a line.
/// What a manifest cannot hold (baselines, fonts, regions, glyphs, alternatives) is left.
public enum PageImport {
  /// - Returns: the page with its image as the file names it, empty where it does not.
  /// - Throws: with file and line, what is wrong and what to do.
  public static func read(
    _ path: String, limits: PageLimits = PageLimits()
  ) throws(PageFormatError) -> PageAnnotation {
    let size: Int64
    let bytes: [UInt8]
    do throws(SystemError) {
      size = try Files.status(path)?.size ?? 0
      bytes = size > Int64(limits.bytes) ? [] : try Files.read(path, limit: limits.bytes)
    } catch {
      throw PageFormatError(.malformed, "the file cannot be read: \(error.reason)", file: path)
    }
    guard size <= Int64(limits.bytes) else {
      throw PageFormatError(.tooLarge, "\(size) bytes; files of up to \(limits.bytes) bytes are read", file: path)
    }
    return try parse(bytes, file: path, limits: limits)
  }

  /// As `read`, of bytes that are in memory already; `file` is for the messages.
  public static func parse(
    _ bytes: [UInt8], file: String, limits: PageLimits = PageLimits()
  ) throws(PageFormatError) -> PageAnnotation {
    guard bytes.count <= limits.bytes else {
      throw PageFormatError(.tooLarge, "more than \(limits.bytes) bytes", file: file)
    }
    var reader = try PageMarkup(bytes, file: file)
    while let event = try reader.next() {
      guard case .start(let root) = event else { continue }
      do throws(PageFormatError) {
        switch root.name {
        case "alto":
          try checkALTO(root.namespace)
          return try ALTOPage.read(from: &reader, limits: limits)
        case "PcGts":
          try checkPAGE(root.namespace)
          return try PAGEPage.read(from: &reader, limits: limits)
        default:
          throw PageFormatError(.foreign, "<\(root.name)> is neither ALTO nor PAGE: expected <alto> or <PcGts>")
        }
      } catch {
        throw error.file == nil ? reader.refusal(error.code, error.message) : error
      }
    }
    throw PageFormatError(.malformed, "the file is empty", file: file)
  }

  private static func checkALTO(_ namespace: String) throws(PageFormatError) {
    let known = ["2", "3", "4"].map { "http://www.loc.gov/standards/alto/ns-v\($0)#" }
    // Many programs write version 2 without a namespace.
    guard namespace.isEmpty || known.contains(namespace) else {
      throw PageFormatError(.unsupported, "ALTO of \"\(namespace)\"; versions 2, 3 and 4 are read")
    }
  }

  private static func checkPAGE(_ namespace: String) throws(PageFormatError) {
    let prefix = "http://schema.primaresearch.org/PAGE/gts/pagecontent/"
    guard namespace.hasPrefix(prefix), let year = Int(namespace.dropFirst(prefix.count).prefix(4)),
      (2013...2019).contains(year)
    else { throw PageFormatError(.unsupported, "PAGE of \"\(namespace)\"; those of 2013 to 2019 are read") }
  }
}

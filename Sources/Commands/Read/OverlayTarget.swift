import ArgumentParser
import Documents
import HostKit
import ImageKit
import Reports

enum OverlayFormat: String, ExpressibleByArgument, CaseIterable { case svg, png }

/// Where the pages go with their words drawn over them.
struct OverlayTarget: Sendable {
  private enum Place {
    case folder(String)
    case file(String)
  }

  private let place: Place
  private let format: OverlayFormat

  /// - Parameter path: `FILE.svg` or `FILE.png` for one page; anything else is a folder.
  init(_ path: String, format: OverlayFormat?) throws {
    let named = OverlayFormat.allCases.first { path.lowercased().hasSuffix(".\($0.rawValue)") }
    if let named {
      guard format == nil || format == named else {
        throw Failure("--overlay \(path)", "--overlay-format says otherwise", advice: "Leave one of them out.")
      }
      (place, self.format) = (.file(absolutePath(path)), named)
    } else {
      (place, self.format) = (.folder(absolutePath(path)), format ?? .svg)
    }
  }

  func path(of task: PageTask) -> String {
    switch place {
    case .file(let path): path
    case .folder(let folder): "\(folder)/\(task.stem).\(format.rawValue)"
    }
  }

  /// - Throws: when several pages would go into one file.
  func check(_ task: PageTask) throws {
    guard case .file(let path) = place, task.order > 0 || task.count > 1 else { return }
    throw Failure("--overlay \(path)", "there is more than one page", advice: "Name a folder.")
  }

  func write(_ task: PageTask, _ reading: PageOutcome.Reading) throws {
    let bytes: [UInt8]
    do throws(ImageFault) {
      bytes = try drawing(task, reading)
    } catch {
      throw PageFailure("the overlay cannot be drawn: \(error)")
    }
    let path = path(of: task)
    try Files.makeFolder(Files.parent(of: path))
    try Files.write(bytes, to: path)
  }

  private func drawing(_ task: PageTask, _ reading: PageOutcome.Reading) throws(ImageFault) -> [UInt8] {
    let overlay = Overlay(reading.page)
    switch format {
    case .png: return try overlay.png(over: try ImageDecoder.grey(reading.image.bytes).image)
    case .svg:
      let stored = try EmbeddedImage(file: reading.image.bytes)
      // A file that is stored on its side is turned first.
      let image =
        if let stored { stored } else { try EmbeddedImage(try ImageDecoder.grey(reading.image.bytes).image) }
      return Array(overlay.svg(over: image, title: task.name).utf8)
    }
  }
}

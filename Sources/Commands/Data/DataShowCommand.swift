import ArgumentParser
import Handwriting
import HostKit
import Reports

struct DataShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Look at a manifest: its pages with polygons and texts drawn on them.",
    discussion: """
      Writes one HTML file that needs nothing else: search over all words, zoom, filters by source and by unreadable
      words, keyboard. The pages are shrunk and embedded as grey JPEG. Images in buckets (s3://) are shown without their
      picture.

      EXAMPLES:
        htrctl data show data/test.manifest
        htrctl data show data/train.manifest --html train.html --limit 50 --sample
        htrctl data show read.manifest --html '' --png overlays
      """)

  @Argument(help: "The manifest, one image a line.") var manifest: String
  @Option(
    help: ArgumentHelp("The report (default: the manifest's name with .html, here; '' for none).", valueName: "file"))
  var html: String?
  @Option(help: ArgumentHelp("Also write each page as PNG into this folder.", valueName: "folder")) var png: String?
  @Option(help: "At most so many pages (1 to 10000).") var limit = 200
  @Flag(help: "Take the pages at random instead of the first ones.") var sample = false
  @Option(help: "With --sample: another seed takes other pages.") var seed: UInt64 = 1
  @Option(help: "Longer side of the embedded pages, in pixels (100 to 8000).") var maxSide = 1400

  func validate() throws {
    guard (1...10_000).contains(limit) else { throw ValidationError("--limit \(limit): give 1 to 10000.") }
    guard (100...8_000).contains(maxSide) else { throw ValidationError("--max-side \(maxSide): give 100 to 8000.") }
    guard html != "" || png != nil else {
      throw ValidationError("--html '': give --png, or there is nothing to write.")
    }
  }

  func run() throws {
    let read = try explained("show \(manifest)") { try Manifest.read(manifest, onFault: .skip) }
    guard !read.pages.isEmpty else {
      throw Failure("show \(manifest)", "no line of it can be used", advice: "`htrctl data check` lists every fault.")
    }
    if read.faultCount > 0 {
      let lines = read.faultCount == 1 ? "1 line" : "\(read.faultCount) lines"
      Terminal.current.note("\(lines) cannot be used; `htrctl data check \(shellQuoted(manifest))` tells why.")
    }
    let chosen = Self.choice(of: limit, from: read.pages.count, seed: sample ? seed : nil).map { read.pages[$0] }
    let note =
      chosen.count < read.pages.count ? "\(chosen.count) of \(read.pages.count) pages; --limit shows more" : nil
    let name = Files.name(of: absolutePath(manifest))
    let target = html.map { $0.isEmpty ? nil : absolutePath($0) } ?? absolutePath("\(name).html")
    let report = try target.map { try PageReport(path: $0, title: name) }
    let folder = png.map { absolutePath($0) }
    if let folder { try Files.makeFolder(folder) }
    let pictures = try write(chosen, into: report, pictures: folder)
    try report?.finish(note: note)
    if let target, let report {
      Terminal.current.print("\(target): \(chosen.count) pages, \(AmountText.bytes(Int64(report.size)))")
    }
    if let folder { Terminal.current.print("\(folder): \(pictures) PNG files") }
    if let note { Terminal.current.note(note + ".") }
  }

  /// - Returns: how many PNG files were written.
  private func write(_ pages: [PageAnnotation], into report: PageReport?, pictures folder: String?) throws -> Int {
    let origin = Files.parent(of: absolutePath(manifest))
    let progress = ProgressLine(total: pages.count, unit: "pages")
    var pictures = 0
    for (index, page) in pages.enumerated() {
      let view = PageView(page, folder: origin, longerSide: maxSide)
      try explained("show \(page.source)") {
        try report?.add(view.shown())
        if let folder, let image = view.image {
          let name = "\(padded(index + 1, 4))-\(Self.fileName(page.source)).png"
          try Files.write(view.overlay.png(over: image), to: "\(folder)/\(name)", durable: false)
          pictures += 1
        }
      }
      if let trouble = view.trouble { progress.note("\(page.source): \(trouble)") }
      progress.show(index + 1)
    }
    progress.clear()
    return pictures
  }

  /// The first ones, or with a seed as many at random; in their order either way.
  static func choice(of limit: Int, from count: Int, seed: UInt64?) -> [Int] {
    guard limit < count else { return Array(0..<count) }
    guard let seed else { return Array(0..<limit) }
    var random = SeededRandom(seed: seed)
    return Array((0..<count).shuffled(using: &random).prefix(limit)).sorted()
  }

  /// The image's name without its folder and ending, in plain characters.
  static func fileName(_ source: String) -> String {
    let name = Files.name(of: source)
    let stem = name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
    let plain = stem.unicodeScalars.map { scalar -> Character in
      scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || "-_.".unicodeScalars.contains(scalar)
        ? Character(scalar) : "_"
    }
    return String(plain.prefix(50))
  }
}

import ArgumentParser
import Handwriting
import HostKit
import JSONKit
import Pages
import Reports

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Compare what a model reads with what is written.",
    discussion: """
      Finds out how many words were found and read right, with 95 % intervals, over all pages and by source. The readings
      come from a manifest that `htrctl read --format manifest` wrote, matched by image, or straight from a worker.

      EXAMPLES:
        htrctl evaluate --truth test.manifest --readings read.manifest
        htrctl evaluate --truth test.manifest --readings read.manifest --html report.html --json report.json
        htrctl evaluate --truth test.manifest --model pages-model.tar.gz --html report.html
      """)

  @Option(help: ArgumentHelp("The manifest with the true words.", valueName: "manifest")) var truth: String
  @Option(help: ArgumentHelp("A manifest with what was read.", valueName: "manifest")) var readings: String?
  @OptionGroup var source: ReadingSourceOptions
  @Flag(help: "Leave out pages that were not read, instead of counting all their words as missed.") var onlyRead = false
  @Option(help: ArgumentHelp("Write a report with the worst words and their pictures.", valueName: "file"))
  var html: String?
  @Option(
    help: ArgumentHelp("Write the numbers and the worst words for programs ('-' prints them).", valueName: "file"))
  var json: String?
  @Option(help: "Words of each kind in the reports at most (0 to 5000).") var words = 200

  func validate() throws {
    guard (0...5_000).contains(words) else { throw ValidationError("--words \(words): give 0 to 5000.") }
    guard (readings != nil) != source.isNamed else {
      throw ValidationError(
        "Say where the readings are from: --readings, or one of --page-endpoint, --segmentation-endpoint with "
          + "--recognition-endpoint, and --model.")
    }
  }

  func run() throws {
    let pages = try explained("evaluate \(truth)") { try Manifest.read(truth).pages }
    guard !pages.isEmpty else { throw Failure("evaluate \(truth)", "it has no pages") }
    let folder = Files.parent(of: absolutePath(truth))
    let comparison = try compare(pages, folder: folder)
    guard comparison.evaluation.pageCount > 0, comparison.unread.count < pages.count else {
      throw Failure(
        "evaluate \(truth)", "none of its \(pages.count) images was read",
        advice: "The manifests must name the same images.")
    }
    let note = Self.note(unread: comparison.unread, leftOut: onlyRead)
    if let note { Terminal.current.note(note) }
    try writeReports(comparison.evaluation, note: note, folder: folder)
    if json != "-" { EvaluationText.show(comparison.evaluation) }
  }

  private func compare(_ pages: [PageAnnotation], folder: String) throws -> PageComparison {
    if let readings {
      let read = try explained("read \(readings)") { try ReadingsManifest(path: readings) }
      var comparison = PageComparison(leavesOutUnread: onlyRead)
      for page in pages { comparison.add(page, read: read.page(of: page.source, folder: folder)) }
      return comparison
    }
    return try source.withSource { reader in
      var comparison = PageComparison(leavesOutUnread: onlyRead)
      let progress = ProgressLine(total: pages.count, unit: "pages")
      for (index, page) in pages.enumerated() {
        let reading = LiveReading(page, folder: folder, reader: reader)
        if let trouble = try reading.trouble { progress.note("\(page.source): \(trouble)") }
        comparison.add(page, read: try reading.page)
        progress.show(index + 1)
      }
      progress.clear()
      return comparison
    }
  }

  private func writeReports(_ evaluation: Evaluation, note: String?, folder: String) throws {
    if let html {
      let title = "\(Files.name(of: absolutePath(truth))): true and read"
      let report = EvaluationReport(evaluation, title: title, note: note ?? "", words: words)
      let text = report.html(crops: OutcomeCrops.cut(report.shown, folder: folder))
      try Files.write(text, to: absolutePath(html), durable: false)
      Terminal.current.note("\(html): \(AmountText.bytes(Int64(text.utf8.count)))")
    }
    guard let json else { return }
    let value = evaluation.json(words: words)
    if json == "-" {
      printJSON(value)
    } else {
      try Files.write(value.prettyText + "\n", to: absolutePath(json), durable: false)
    }
  }

  static func note(unread: [String], leftOut: Bool) -> String? {
    guard let first = unread.first else { return nil }
    let which =
      unread.count == 1 ? "1 page was not read (\(first))" : "\(unread.count) pages were not read (\(first) ...)"
    return which + (leftOut ? "; left out." : "; their words count as missed (--only-read leaves them out).")
  }
}

extension ReadingSourceOptions {
  /// True when somebody is named to read the pages.
  fileprivate var isNamed: Bool {
    pageEndpoint != nil || segmentationEndpoint != nil || recognitionEndpoint != nil || !model.isEmpty
  }
}

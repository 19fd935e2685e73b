import ArgumentParser
import HostKit
import Synchronization
import Synthesis

struct DataSynthesiseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "synthesise",
    abstract: "Draw words and pages in handwriting fonts, to train with before there is real handwriting.",
    discussion: """
      Writes images/, train.manifest and test.manifest. The same seed, fonts and texts give the same bytes on any number
      of cores. The manifests are written last: a folder without them was not finished, and can be removed.

      EXAMPLES:
        htrctl data synthesise --to synthetic --words 20000 --contact-sheet
        htrctl data synthesise --to pages --words 0 --pages 200 --texts words.txt --fonts ~/fonts
      """)

  @Option(help: "A new folder.") var to: String
  @Option(help: "Images of one word each (at most \(SyntheticSet.maximumWords)).") var words = 20_000
  @Option(help: "Images of whole pages (at most \(SyntheticSet.maximumPages)).") var pages = 0
  @Option(help: "Another seed gives another set.") var seed: UInt64 = 1
  @Option(help: ArgumentHelp("Fonts to write with (default: the system's handwriting fonts).", valueName: "folder"))
  var fonts: String?
  @Option(
    help: ArgumentHelp(
      "Words to write, one a line (default: \(WordTexts.systemList), or some hundred English words).",
      valueName: "file"))
  var texts: String?
  @Option(help: "Share of the images for the test, 0 to 1.") var test = 0.1
  @Flag(help: "Also draw contact-sheet.png, to look at.") var contactSheet = false

  func run() throws {
    let folder = absolutePath(to)
    let started = Timestamp.now()
    let (set, outcome) = try explained("synthesise") {
      let set = SyntheticSet(
        words: words, pages: pages, seed: seed, testShare: test, wantsContactSheet: contactSheet)
      try set.check(folder)
      let synthesizer = try WordSynthesizer(
        fontsIn: fonts.map { absolutePath($0) }, texts: try WordTexts.load(from: texts.map { absolutePath($0) }))
      return (set, try set.write(to: folder, using: synthesizer, progress: Self.progress(of: words + pages)))
    }
    let terminal = Terminal.current
    if terminal.notesOnScreen { terminal.write(.notes, "\r\u{1B}[K") }
    let seconds = Timestamp.now().seconds - started.seconds
    terminal.print(
      "\(folder): \(outcome.trainImages) images to train, \(outcome.testImages) to test, \(outcome.words) words, in "
        + AmountText.duration(seconds: seconds))
    if set.wantsContactSheet { terminal.print("\(folder)/\(SyntheticSet.contactSheet)") }
  }

  /// One line that is overwritten, at most ten times a second; nothing where notes go to a file.
  private static func progress(of total: Int) -> @Sendable (Int) -> Void {
    let terminal = Terminal.current
    guard terminal.notesOnScreen else { return { _ in } }
    let last = Mutex(Timestamp(milliseconds: 0))
    return { done in
      let now = Timestamp.now()
      let isDue = last.withLock { last in
        guard now.milliseconds - last.milliseconds >= 100 else { return false }
        last = now
        return true
      }
      if isDue { terminal.write(.notes, "\r\u{1B}[K\(done) of \(total) images") }
    }
  }
}

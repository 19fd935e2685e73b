import ArgumentParser
import Documents
import HostKit
import Pages

struct ReadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "read",
    abstract: "Read pages of handwriting: JPEG, PNG, PDF and TIFF files, or folders of them.",
    discussion: """
      A page that cannot be read is told with its reason, and the others go on. Ctrl-C ends after the pages in hand.
      Who reads: an endpoint or models that are named; else demo-page, if `htrctl demo` has brought it up.
      With --resume an ended run goes on: in a folder, pages whose files are there are left out; in one file of --format
      json or manifest, pages whose lines are there (those that had failed then come last). Other files appear whole, at
      the end.

      EXAMPLES:
        htrctl read letter.jpg --model words/model.tar.gz --model texts/model.tar.gz
        htrctl read scans/ --page-endpoint http://127.0.0.1:8080 --format alto --output out/ --overlay out/ --resume
        htrctl read book.pdf --page-endpoint unix:/run/htr/pages.sock --format pdf --output searchable.pdf
        htrctl read page.png --segmentation-endpoint unix:/run/find.sock --recognition-endpoint unix:/run/read.sock

      EXIT STATUS: 0 every page was read, 1 some were not, 2 the request is wrong, 5 a worker is not reachable,
      6 anything else, 130 ended by Ctrl-C.
      """)

  @Argument(help: ArgumentHelp("Files, folders, or - for standard input.", valueName: "page")) var pages: [String]
  @OptionGroup var reading: ReadingSourceOptions
  @Option(help: "How to write what was read.") var format = PageFormat.text
  @Option(
    help: ArgumentHelp(
      "One file for all pages, or a folder (one that is there, or a name that ends in /) with one for each.",
      valueName: "file-or-folder"))
  var output: String?
  @Option(
    help: ArgumentHelp(
      "Also draw the words over the pages: FILE.svg, FILE.png or a folder.", valueName: "file-or-folder"))
  var overlay: String?
  @Option(help: "What a folder of overlays holds (default: svg).") var overlayFormat: OverlayFormat?
  @Option(help: "Pixels per inch at which the pages of a PDF are drawn (30 to 1200).") var dpi = 200
  @Option(help: "Pages in hand at a time (1 to 64).") var jobs = 2
  @Flag(help: "Go on where an earlier run with the same output ended.") var resume = false

  func validate() throws {
    guard (30...1200).contains(dpi) else { throw ValidationError("--dpi must lie in 30...1200.") }
    guard (1...64).contains(jobs) else { throw ValidationError("--jobs must lie in 1...64.") }
    guard overlayFormat == nil || overlay != nil else { throw ValidationError("--overlay-format needs --overlay.") }
    guard !resume || output != nil else {
      throw ValidationError("--resume needs --output: what standard output got is not known.")
    }
  }

  func run() throws {
    let files = try InputFiles.find(pages)
    let output = try ReadingOutput(self, files: files)
    let terminal = Terminal.current
    let progress = ReadingProgress(terminal)
    let tally = try Interruption.heeded {
      try reading.withSource { source in
        var limits = DocumentLimits.standard
        limits.dotsPerInch = dpi
        let run = ReadingRun(
          PageQueue(files, limits: limits), source: source, sink: output.sink, jobs: jobs, progress: progress)
        let tally = try run.run(jobs: jobs)
        // What an ended run leaves of a whole file would look like all of it.
        if !Interruption.isAsked || output.grows { try output.finish() }
        return tally
      }
    }
    try conclude(tally, on: terminal)
  }

  private func conclude(_ tally: ReadingRun.Tally, on terminal: Terminal) throws {
    let parts = [(tally.read, "read"), (tally.skipped, "read before"), (tally.failed, "not read")]
    let text = parts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    if Interruption.isAsked {
      terminal.note("htrctl: ended by Ctrl-C; pages: \(text.isEmpty ? "none" : text)")
      throw ExitStatus.detached
    }
    if tally.failed > 0 {
      terminal.note(
        "htrctl: \(tally.failed) of \(tally.read + tally.skipped + tally.failed) pages could not be read; reasons above"
      )
      throw ExitStatus.jobFailed
    }
    if tally.read + tally.skipped > 1 { terminal.note("pages: \(text)") }
  }
}

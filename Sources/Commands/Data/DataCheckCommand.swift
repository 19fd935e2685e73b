import ArgumentParser
import Handwriting
import HostKit
import JSONKit

struct DataCheckCommand: ParsableCommand {
  enum Policy: String, ExpressibleByArgument, CaseIterable { case stop, skip }

  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Tell what is in a manifest, and what is wrong with it.",
    discussion: """
      Reads every line and the header of every image. Exit status 1 when there are faults. Images in buckets (s3://) are
      not looked at.

      EXAMPLES:
        htrctl data check data/train.manifest
        htrctl data check data/train.manifest --policy stop
        htrctl data check data/train.manifest --json
      """)

  @Argument(help: "The manifest, one image a line.") var manifest: String
  @Option(help: "At a line that cannot be used: stop there, or skip it and go on.") var policy = Policy.skip
  @Flag(help: "Print for programs: one JSON object.") var json = false

  func run() throws {
    let report = try ManifestReport(of: manifest, stopsAtFault: policy == .stop)
    if json {
      printJSON(report.json)
    } else {
      report.lines.forEach(Terminal.current.print)
    }
    if report.faultCount > 0 { throw ExitStatus.jobFailed }
  }
}

import ArgumentParser
import Client

struct LogsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "logs",
    abstract: "Print the log of a training job, an endpoint or a transform job, byte for byte.",
    discussion: """
      A name without a kind is a training job's.

      EXAMPLES:
        htrctl logs train-2026-07-01-12-00-00-000 --tail 20 --follow
        htrctl logs endpoint pages --follow
      """,
    subcommands: [JobLogsCommand.self, EndpointLogsCommand.self, TransformLogsCommand.self],
    defaultSubcommand: JobLogsCommand.self)
}

struct JobLogsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "job",
    abstract: "Print a training job's log, byte for byte.",
    discussion: """
      EXAMPLES:
        htrctl logs train-2026-07-01-12-00-00-000
        htrctl logs train-2026-07-01-12-00-00-000 --tail 20 --follow
        htrctl logs train-2026-07-01-12-00-00-000 --offset 4096 >> copy.log
      """)

  @Argument(help: "The job's name.") var job: String
  @OptionGroup var log: LogOptions
  @OptionGroup var common: CommonOptions

  func validate() throws { try LogOptions.refuseJSON(common) }

  func run() throws { try log.print(.job(job), client: common.client) }
}

/// Which part of a log is wanted.
struct LogOptions: ParsableArguments {
  @Flag(name: .shortAndLong, help: "Go on until its source has ended.") var follow = false
  @Option(help: ArgumentHelp("Start at this byte.", valueName: "byte")) var offset: Int64 = 0
  @Option(help: ArgumentHelp("Only the last lines.", valueName: "lines")) var tail: Int?

  func validate() throws {
    if offset < 0 { throw ValidationError("--offset must be 0 or more.") }
    if let tail, tail < 0 { throw ValidationError("--tail must be 0 or more.") }
  }

  static func refuseJSON(_ common: CommonOptions) throws {
    if common.isJSON { throw ValidationError("A log is printed as it is: logs has no JSON form.") }
  }

  func print(_ source: LogSource, client: DaemonClient) throws {
    let terminal = Terminal.current
    var next = offset
    if let tail {
      var last = LastLines(count: tail)
      next = try client.log(source, from: offset) { bytes in
        last.append(bytes)
        return true
      }
      last.bytes.withUnsafeBytes { terminal.write(.output, $0) }
      if !follow { return }
    }
    let print: (UnsafeRawBufferPointer) -> Bool = { bytes in
      terminal.write(.output, bytes)
      return true
    }
    guard follow else {
      try client.log(source, from: next, onBytes: print)
      return
    }
    try client.followLog(source, from: next, onOutage: { terminal.announceOutage($0) }, onBytes: print)
  }
}

/// The last lines of a stream, in bounded memory: of a line without end only the last bytes are kept.
struct LastLines {
  private let count: Int
  private let limit: Int
  private(set) var bytes: [UInt8] = []

  init(count: Int, limit: Int = 16 << 20) {
    self.count = count
    self.limit = limit
  }

  mutating func append(_ more: UnsafeRawBufferPointer) {
    bytes.append(contentsOf: more)
    // A line end at the very end closes the last line, it does not open another.
    var ends = bytes.last == 0x0A ? -1 : 0
    var start = bytes.count
    while start > 0 {
      if bytes[start - 1] == 0x0A {
        ends += 1
        if ends == count { break }
      }
      start -= 1
    }
    if count == 0 { start = bytes.count }
    bytes.removeFirst(max(start, bytes.count - limit))
  }
}

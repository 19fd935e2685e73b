import Glibc

/// Where a command writes and what it may assume about the reader. Tests put a recording one in its place.
struct Terminal: Sendable {
  enum Stream: Sendable { case output, notes }

  /// Writes all the bytes; output is for what was asked, notes for everything around it.
  var write: @Sendable (Stream, UnsafeRawBufferPointer) -> Void
  /// Columns of the screen; nil when output goes to a file or a pipe and must not be cut.
  var width: Int?
  /// True when notes go to a screen, so that a line may be overwritten.
  var notesOnScreen: Bool
  var coloursOutput: Bool
  var coloursNotes: Bool
  var environment: [String: String]

  @TaskLocal static var current = Terminal.standard

  func print(_ text: String) { write(.output, text + "\n") }
  func note(_ text: String) { write(.notes, text + "\n") }

  /// One dim line about what goes on, beside the output.
  func progress(_ text: String) { note(styled(Table.plain(text), .dim, on: .notes)) }

  /// A dim line that the next one overwrites; where nothing can be overwritten, a line like others.
  func passing(_ text: String) {
    guard notesOnScreen else { return progress(text) }
    write(.notes, "\r\u{1B}[K" + styled(Table.plain(text), .dim, on: .notes))
  }

  /// Takes the last passing line away.
  func clearPassing() {
    if notesOnScreen { write(.notes, "\r\u{1B}[K") }
  }

  /// The daemon went away while it was listened to.
  func announceOutage(_ reason: String) { progress("\(reason); waiting for it to come back") }

  func write(_ stream: Stream, _ text: String) {
    var text = text
    text.withUTF8 { write(stream, UnsafeRawBufferPointer($0)) }
  }

  func styled(_ text: String, _ style: Style, on stream: Stream = .output) -> String {
    let isColoured = stream == .output ? coloursOutput : coloursNotes
    return isColoured ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
  }

  enum Style: String {
    case bold = "1"
    case dim = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
  }
}

extension Terminal {
  /// The process's own streams, unbuffered: a line is on the screen when it is written.
  static let standard: Terminal = {
    let environment = processEnvironment()
    let outputIsScreen = isatty(STDOUT_FILENO) == 1
    let notesOnScreen = isatty(STDERR_FILENO) == 1
    let mayColour = (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
    return Terminal(
      write: { stream, bytes in
        writeAll(stream == .output ? STDOUT_FILENO : STDERR_FILENO, bytes)
      },
      width: outputIsScreen ? columns(environment) : nil, notesOnScreen: notesOnScreen,
      coloursOutput: outputIsScreen && mayColour, coloursNotes: notesOnScreen && mayColour,
      environment: environment)
  }()

  private static func columns(_ environment: [String: String]) -> Int {
    var size = winsize()
    if ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 {
      return Int(size.ws_col)
    }
    return environment["COLUMNS"].flatMap { Int($0) } ?? 80
  }

  private static func writeAll(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let wrote = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if wrote >= 0 {
        rest = rest.dropFirst(wrote)
      } else if errno == EAGAIN {
        var waited = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&waited, 1, -1)
      } else if errno != EINTR {
        // Nobody reads any more (128 + SIGPIPE, as if the signal had ended us) or the disk is full: either way
        // there is nowhere left to say so.
        if descriptor == STDOUT_FILENO { _exit(errno == EPIPE ? 141 : ExitStatus.troubled.rawValue) }
        return
      }
    }
  }

  private static func processEnvironment() -> [String: String] {
    var result: [String: String] = [:]
    var entry = environ
    while let text = entry.pointee {
      let pair = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if pair.count == 2 { result[String(pair[0])] = String(pair[1]) }
      entry += 1
    }
    return result
  }
}

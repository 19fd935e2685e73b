import ArgumentParser
import Client
import Glibc
import JSONKit

enum OutputFormat: String, ExpressibleByArgument, CaseIterable { case text, json }

/// Which daemon is meant.
struct DaemonOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The daemon's folder (default: HTR_HOME, or ~/.local/share/htr).", valueName: "folder"))
  var home: String?

  /// The daemon's folder as an absolute path.
  var homeFolder: String {
    let environment = Terminal.current.environment
    let named = home ?? environment["HTR_HOME"].flatMap { $0.isEmpty ? nil : $0 }
    return absolutePath(named ?? "\(environment["HOME"] ?? "/tmp")/.local/share/htr")
  }

  var client: DaemonClient { DaemonClient(home: homeFolder) }

  /// What a command that is printed for later use must carry to reach the same daemon.
  var homeArgument: String { home.map { " --home \(shellQuoted($0))" } ?? "" }
}

/// The options that every verb takes.
struct CommonOptions: ParsableArguments {
  @OptionGroup var daemon: DaemonOptions

  @Option(help: "How to print: text for people, json for programs.")
  var output: OutputFormat?

  @Flag(help: "The same as --output json.")
  var json = false

  var isJSON: Bool { json || output == .json }

  var homeFolder: String { daemon.homeFolder }
  var client: DaemonClient { daemon.client }
  var homeArgument: String { daemon.homeArgument }
}

/// Prints a value for programs: one line, so that a stream of them can be read line by line.
func printJSON(_ value: JSON) { Terminal.current.print(value.text) }

/// A path as an absolute one, without `.` parts; links stay as they are.
func absolutePath(_ path: String, from folder: String? = nil) -> String {
  let full: String
  if path.hasPrefix("/") {
    full = path
  } else {
    full = "\(folder ?? workingFolder())/\(path)"
  }
  var parts: [Substring] = []
  for part in full.split(separator: "/") where part != "." {
    if part == "..", !parts.isEmpty { parts.removeLast() } else if part != ".." { parts.append(part) }
  }
  return "/" + parts.joined(separator: "/")
}

private func workingFolder() -> String {
  guard let path = getcwd(nil, 0) else { return "/" }
  defer { free(path) }
  return String(cString: path)
}

/// A text as one word of a POSIX shell.
func shellQuoted(_ text: String) -> String {
  let isPlain = text.utf8.allSatisfy {
    switch $0 {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "-_./:=@%+,".utf8.contains($0)
    }
  }
  if isPlain, !text.isEmpty { return text }
  return "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
}

/// `NAME=VALUE`, split at the first `=`.
struct Assignment: ExpressibleByArgument, Equatable {
  let name: String
  let value: String

  init(name: String, value: String) {
    self.name = name
    self.value = value
  }

  init?(argument: String) {
    guard let sign = argument.firstIndex(of: "="), sign != argument.startIndex else { return nil }
    name = String(argument[..<sign])
    value = String(argument[argument.index(after: sign)...])
  }
}

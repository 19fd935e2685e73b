import Foundation
import Testing

/// The manual (`ops/docs`), held against the sources: whatever can be typed, set, met or asked for is named in it.
///
/// The sources are read as text. So what somebody adds to them is missed here until a page tells of it.
@Suite struct ManualTests {
  @Test func `every variable that a program or a script reads is in the manual`() throws {
    let page = try Self.page("settings.md")
    // In Swift what begins a text; elsewhere such a name is one of C's.
    let programs = Self.texts(below: "Sources", endingWith: ".swift").flatMap { Self.variables("\"HTR_", in: $0) }
    let scripts = Self.texts(below: "ops", leavingOut: "/ops/docs/").flatMap { Self.variables("HTR_", in: $0) }
    #expect(programs.contains("HTR_LISTEN") && scripts.contains("HTR_QUICKSTART_HOME"))
    for name in Set(programs + scripts).sorted() {
      #expect(page.contains("`\(name)`"), "settings.md does not name \(name)")
    }
  }

  @Test func `every key of the settings file is in the manual`() throws {
    let page = try Self.page("settings.md")
    let keys = Self.values(after: "case \"", in: try Self.text("Sources/ControlPlane/SettingsReader.swift"))
    #expect(keys.contains("oversize"))
    for key in keys { #expect(page.contains("| `\(key)` |"), "settings.md does not name \(key)") }
  }

  @Test func `every status is in the manual, in the section of what it is of`() throws {
    let page = try Self.page("statuses.md")
    let statuses = [
      ("TrainingJobStatus", "Resources/TrainingJobStatus.swift", "Training jobs"),
      ("SecondaryStatus", "Resources/TrainingJobStatus.swift", "Training jobs"),
      ("EndpointStatus", "Resources/Endpoint.swift", "Endpoints"),
      ("State", "ControlPlane/Endpoints/Workers/WorkerPlace.swift", "Workers"),
      ("TransformJobStatus", "Resources/TransformJob.swift", "Transform jobs"),
    ]
    for (enumeration, path, heading) in statuses {
      let section = try #require(Self.section(heading, of: page), "statuses.md has no section \(heading)")
      for value in try Self.rawValues(of: enumeration, in: "Sources/\(path)") {
        #expect(section.contains("| `\(value)` |"), "statuses.md does not explain \(value) in \(heading)")
      }
    }
  }

  @Test func `every error code is in the manual`() throws {
    let page = try Self.page("errors.md")
    var codes: [String] = []
    for (enumeration, path) in [
      ("Code", "Wire/ServiceError.swift"), ("Code", "Wire/S3/S3Error.swift"),
      ("Code", "InferenceHost/Requests/InvocationFault.swift"), ("FailureClass", "Resources/TrainingJobStatus.swift"),
    ] {
      codes += try Self.rawValues(of: enumeration, in: "Sources/\(path)")
    }
    // How signature errors, and others in the query protocol, are called.
    for path in ["Signing/SignatureError.swift", "Wire/Query/QueryAnswer.swift"] {
      codes += try Self.answers(in: "Sources/\(path)")
    }
    for text in Self.texts(below: "Sources/Serving", endingWith: ".swift") {
      codes += Self.values(after: "code: \"", in: text) + Self.values(after: "exception-type\", \"", in: text)
    }
    for code in ["AuthorizationHeaderMalformed", "ModelError", "ModelStreamError", "MalformedInput"] {
      #expect(codes.contains(code), "\(code) is not found in the sources any more")
    }
    for code in Set(codes).sorted() { #expect(page.contains("`\(code)`"), "errors.md does not name \(code)") }
  }

  @Test func `every command is in the manual`() throws {
    let page = try Self.page("commands.md")
    let paths = Self.paths(of: "RootCommand", in: Self.commands())
    #expect(paths.contains("htrctl describe transform"))
    for path in paths { #expect(page.contains("`\(path)`"), "commands.md does not name \(path)") }
  }

  @Test func `every option of every command is in the manual`() throws {
    let page = try Self.page("commands.md")
    let options = Set(Self.texts(below: "Sources/Commands", endingWith: ".swift").flatMap { Self.options(in: $0) })
    #expect(options.contains("--for") && options.contains("--startup-timeout"))
    for option in options.sorted() {
      let isNamed = page.contains("`\(option)`") || page.contains("`\(option) ")
      #expect(isNamed, "commands.md does not name \(option)")
    }
  }

  @Test func `every exit code of htrctl is in the manual`() throws {
    let page = try Self.page("commands.md")
    let lines = try Self.lines("Sources/Commands/ExitStatus.swift").filter { $0.hasPrefix("case ") }
    let codes = lines.compactMap { $0.components(separatedBy: " = ").dropFirst().first.flatMap { Int($0) } }
    #expect(codes.contains(130))
    for code in codes { #expect(page.contains("\n| \(code) |"), "commands.md does not explain exit code \(code)") }
  }

  @Test func `every action is in the manual`() throws {
    let page = try Self.page("http.md")
    let names = Self.texts(below: "Sources/API/Services", endingWith: ".swift").flatMap {
      Self.values(after: "case \"", in: $0)
    }
    #expect(names.contains("CreateTrainingJob") && names.contains("AssumeRole"))
    for name in names { #expect(page.contains(name), "http.md does not name the action \(name)") }
  }

  @Test func `every page is in the index, and its links lead somewhere`() throws {
    let folder = Self.root.appendingPathComponent("ops/docs")
    let index = try Self.page("README.md")
    let pages = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".md") }
    for name in pages.sorted() {
      #expect(name == "README.md" || index.contains("(\(name))"), "README.md does not list \(name)")
      for link in try Self.page(name).components(separatedBy: "](").dropFirst() {
        let path = String(link.prefix { $0 != ")" && $0 != "#" })
        guard !path.isEmpty, !path.contains("://") else { continue }
        let target = folder.appendingPathComponent(path).standardizedFileURL.path
        #expect(FileManager.default.fileExists(atPath: target), "\(name) links to \(path), which is not there")
      }
    }
  }
}

// MARK: Texts

extension ManualTests {
  private static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
  }

  private static func page(_ name: String) throws -> String { try text("ops/docs/\(name)") }

  /// The lines of a file without what they are indented by.
  private static func lines(_ path: String) throws -> [String] {
    try text(path).split(separator: "\n").map { String($0.drop(while: \.isWhitespace)) }
  }

  /// The texts of all files below a folder.
  /// - Parameter part: of the paths of files that are left out.
  private static func texts(
    below folder: String, endingWith end: String = "", leavingOut part: String? = nil
  ) -> [String] {
    let place = root.appendingPathComponent(folder)
    let walker = FileManager.default.enumerator(at: place, includingPropertiesForKeys: nil)
    let files = (walker?.allObjects as? [URL] ?? []).filter { file in
      guard file.path.hasSuffix(end) else { return false }
      return part == nil || !file.path.contains(part ?? "")
    }
    // A folder, or what is no text (such as Python's own caches), names nothing.
    return files.compactMap { try? String(contentsOf: $0, encoding: .utf8) }
  }

  /// From a heading to the next one of its level.
  private static func section(_ heading: String, of page: String) -> String? {
    page.components(separatedBy: "\n## ").first { $0.hasPrefix("\(heading)\n") }
  }
}

// MARK: What the sources name

extension ManualTests {
  /// What stands between a mark and the next quotation mark.
  private static func values(after mark: String, in text: String) -> [String] {
    text.components(separatedBy: mark).dropFirst().compactMap { rest -> String? in
      rest.firstIndex(of: "\"").map { String(rest[..<$0]) }
    }
  }

  /// Names of variables. One that ends in an underscore is the beginning of others.
  private static func variables(_ mark: String, in text: String) -> [String] {
    text.components(separatedBy: mark).dropFirst().compactMap { rest -> String? in
      let name = rest.prefix { $0 == "_" || $0.isASCII && ($0.isUppercase || $0.isNumber) }
      return name.isEmpty || name.hasSuffix("_") ? nil : "HTR_\(name)"
    }
  }

  /// The raw values of an enumeration, whose cases come first in it.
  private static func rawValues(of enumeration: String, in path: String) throws -> [String] {
    let all = try lines(path)
    let start = all.firstIndex { $0.contains("enum \(enumeration): ") }
    let first = try #require(start, "\(path) has no enum \(enumeration)")
    let cases = all[first...].dropFirst().prefix { $0 != "}" }.filter { $0.hasPrefix("case ") }
    let found = cases.flatMap { values(after: " = \"", in: $0) }
    #expect(!found.isEmpty, "\(enumeration) of \(path) has no raw values any more")
    return found
  }

  /// What the cases of a file's switches answer: `case .x: "Y"`.
  private static func answers(in path: String) throws -> [String] {
    try lines(path).filter { ($0.hasPrefix("case .") || $0.hasPrefix("default: ")) && $0.hasSuffix("\"") }
      .flatMap { values(after: ": \"", in: $0) }
  }

  private struct Command {
    let name: String
    /// The names of their types.
    let subcommands: [String]
  }

  /// What the configurations of commands say, by the names of their types.
  private static func commands() -> [String: Command] {
    var commands: [String: Command] = [:]
    for text in texts(below: "Sources/Commands", endingWith: ".swift") {
      for part in text.components(separatedBy: "\nstruct ").dropFirst() {
        guard let name = values(after: "commandName: \"", in: part).first else { continue }
        let list = part.components(separatedBy: "subcommands: [").dropFirst().first?.prefix { $0 != "]" } ?? ""
        let types = list.split { !$0.isLetter && $0 != "." }.filter { $0.hasSuffix(".self") }
        commands[String(part.prefix { $0 != ":" })] = Command(
          name: name, subcommands: types.map { String($0.dropLast(".self".count)) })
      }
    }
    return commands
  }

  /// The command and those below it, as they are typed. A type that has no configuration stands for itself.
  private static func paths(of type: String, in commands: [String: Command], below above: String = "") -> [String] {
    guard let command = commands[type] else { return [above + type] }
    let path = above + command.name
    return [path] + command.subcommands.flatMap { paths(of: $0, in: commands, below: "\(path) ") }
  }

  /// The long names of options and flags: a property's own name, with hyphens, unless another one is given.
  private static func options(in text: String) -> [String] {
    ["@Option", "@Flag"].flatMap { text.components(separatedBy: $0).dropFirst() }.compactMap { part -> String? in
      let words = part.components(separatedBy: "var ")
      // `@OptionGroup` has options of its own.
      guard !part.hasPrefix("Group"), words.count > 1 else { return nil }
      if let given = values(after: ".customLong(\"", in: words[0]).first { return "--\(given)" }
      let property = words[1].prefix { $0.isLetter || $0.isNumber }
      return "--" + property.map { $0.isUppercase ? "-\($0.lowercased())" : String($0) }.joined()
    }
  }
}
